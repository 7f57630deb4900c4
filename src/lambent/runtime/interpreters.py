"""Which Python interpreters this machine has, and what a runtime runs on.

May import clock, nodes and unavailable. Interpreters are looked for once, at first need and in parallel; each is
started to be sure, because what is called `python3.12` on PATH may be a shim that only says that there is none.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from lambent.runtime import nodes
from lambent.runtime.asking import said_by
from lambent.runtime.unavailable import RuntimeUnavailable as RuntimeUnavailable  # noqa: PLC0414  raised here, too

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lambent.clock import Clock
    from lambent.runtime.nodes import Node

OLDEST, NEWEST = 8, 14
PROVIDED = ("provided.al2", "provided.al2023")
"""The runtimes that functions bring along."""
_AT_ONCE = 4
_QUESTION = (
    "import json, os, sys, platform;"
    "print(json.dumps([list(sys.version_info[:3]), sys.implementation.name, sys.base_prefix,"
    " os.path.realpath(getattr(sys, '_base_executable', None) or sys.executable)]))"
)


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A CPython that works."""

    path: Path
    version: tuple[int, int, int]
    prefix: Path
    """The folder that holds its library and, usually, itself."""

    @property
    def text(self) -> str:
        """Its version, e.g. `3.12.1`."""
        return ".".join(map(str, self.version))


@dataclass(frozen=True, slots=True)
class Choice:
    """What a runtime runs on here."""

    interpreter: Interpreter
    """What its environments are forked from, whatever runs in them then."""
    exact: bool
    """Whether it is the version that the runtime names."""
    kind: Literal["python", "node", "provided"] = "python"
    node: Node | None = None
    """Of runtimes of that kind alone."""

    @property
    def program(self) -> str:
        """For people: what runs the function, and where it is."""
        if self.kind == "provided":
            return "the package's own bootstrap"
        return f"{self.product}, {self.interpreter.path if self.node is None else self.node.path}"

    @property
    def product(self) -> str:
        """E.g. `Python 3.11.2`."""
        return f"Python {self.interpreter.text}" if self.node is None else f"Node.js {self.node.text}"

    @property
    def version(self) -> str:
        """As Lambda writes the version of a runtime into logs, but for `provided`: e.g. `python:3.11.v2`."""
        if self.node is not None:
            return f"nodejs:{self.node.version[0]}.v{self.node.version[1]}"
        return "python:{}.{}.v{}".format(*self.interpreter.version)

    def note(self, runtime: str) -> str | None:
        """What users must know about it; None when it is what they asked for."""
        if self.exact:
            return None
        return f"{runtime} is not on this machine: running on {self.product} instead"


class Interpreters:
    """The interpreters of this machine."""

    def __init__(self, clock: Clock, *, strict: bool = False) -> None:
        self._clock = clock
        self._strict = strict
        self._search: asyncio.Task[list[Interpreter]] | None = None
        self._nodes = nodes.Nodes(clock)

    async def found(self) -> Sequence[Interpreter]:
        """All that work, newest first. The first call looks for them, in a fraction of a second."""
        if self._search is None:
            self._search = asyncio.create_task(_search(self._clock), name="find interpreters")
        return await asyncio.shield(self._search)

    def known(self) -> Sequence[Interpreter] | None:
        """All that work, without looking; None when nobody has looked yet."""
        task = self._search
        return task.result() if task is not None and task.done() and not task.cancelled() else None

    async def choose(self, runtime: str) -> Choice:
        """What runs this runtime. Raises RuntimeUnavailable."""
        own = self.own()
        if runtime in PROVIDED:
            return Choice(own, exact=True, kind="provided")
        major = nodes.major_of(runtime)
        if major is not None:
            node = nodes.choose(runtime, major, await self._nodes.found(), strict=self._strict)
            return Choice(own, exact=node.version[0] == major, kind="node", node=node)
        if own.version[1] == minor_of(runtime):
            return Choice(own, exact=True)
        return choose(runtime, await self.found(), strict=self._strict)

    def own(self) -> Interpreter:
        """The interpreter that runs the server, known without looking."""
        base = getattr(sys, "_base_executable", None) or sys.executable
        version = (sys.version_info.major, sys.version_info.minor, sys.version_info.micro)
        return Interpreter(Path(os.path.realpath(base)), version, Path(sys.base_prefix))


def minor_of(runtime: str) -> int:
    """12 for `python3.12`. Raises RuntimeUnavailable for runtimes that are not Python 3."""
    match = re.fullmatch(r"python3\.(\d+)", runtime)
    if match is None:
        raise RuntimeUnavailable(f"the runtime {runtime} is not one that runs here")
    return int(match[1])


def choose(runtime: str, found: Iterable[Interpreter], *, strict: bool) -> Choice:
    """The same minor version, else (unless strict) the nearest; of two equally near ones the newer."""
    minor = minor_of(runtime)
    best = min(found, key=lambda one: (abs(one.version[1] - minor), -one.version[1], -one.version[2]), default=None)
    if best is None:
        raise RuntimeUnavailable("no Python interpreter on this machine works")
    exact = best.version[1] == minor
    if strict and not exact:
        raise RuntimeUnavailable(f"{runtime} is not on this machine; the nearest is Python {best.text}")
    return Choice(best, exact)


def candidates(path_variable: str, home: Path) -> list[Path]:
    """Files that may be interpreters, without starting any; each file once."""
    places: list[Path] = []
    names = ["python3", *(f"python3.{minor}" for minor in range(OLDEST, NEWEST + 1))]
    for folder in dict.fromkeys(path_variable.split(os.pathsep)):
        if folder:
            places.extend(Path(folder, name) for name in names)
    for pattern in (
        ".pyenv/versions/*/bin/python3",
        ".local/share/uv/python/*/bin/python3",
        ".local/share/mise/installs/python/*/bin/python3",
    ):
        places.extend(sorted(home.glob(pattern)))
    for folder in ("/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"):
        places.extend(Path(folder, name) for name in names[1:])
    found: dict[Path, Path] = {}
    for place in places:
        with contextlib.suppress(OSError):
            if os.access(place, os.X_OK):
                # Shims of one version manager are one file under many names: only their names tell them apart.
                shim = "shims" in place.parts
                found.setdefault(place if shim else place.resolve(strict=True), place)
    return list(found.values())


async def _search(clock: Clock) -> list[Interpreter]:
    places = [Path(sys.executable), *candidates(os.environ.get("PATH", ""), Path.home())]
    gate = asyncio.Semaphore(_AT_ONCE)

    async def asked(place: Path) -> Interpreter | None:
        async with gate:
            return await _ask(place, clock)

    answers = await asyncio.gather(*map(asked, places))
    unique = {one.path: one for one in answers if one is not None}
    return sorted(unique.values(), key=lambda one: one.version, reverse=True)


async def _ask(place: Path, clock: Clock) -> Interpreter | None:
    """The interpreter at this place; None when it does not start, does not answer, or is too old."""
    answer = await said_by(place, "-I", "-S", "-c", _QUESTION, clock=clock)
    return None if answer is None else parse_answer(answer)


def parse_answer(answer: bytes) -> Interpreter | None:
    """What an interpreter said of itself; None when it is not a CPython that Lambent runs."""
    try:
        (major, minor, micro), implementation, prefix, path = json.loads(answer)
    except (TypeError, ValueError):
        return None
    if implementation != "cpython" or major != 3 or minor < OLDEST:
        return None
    return Interpreter(Path(path), (major, minor, micro), Path(prefix))
