"""Which Node.js this machine has, and which of them a runtime runs on.

May import clock and unavailable. Looked for once, at the first function that needs one; each is
started to be sure, as with Python.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lambent.runtime.asking import said_by
from lambent.runtime.unavailable import RuntimeUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lambent.clock import Clock

OLDEST = 16
_QUESTION = "console.log(JSON.stringify([process.versions.node, process.execPath]))"


@dataclass(frozen=True, slots=True)
class Node:
    """A Node.js that works."""

    path: Path
    version: tuple[int, int, int]

    @property
    def text(self) -> str:
        """Its version, e.g. `20.11.1`."""
        return ".".join(map(str, self.version))

    @property
    def prefix(self) -> Path:
        """The folder that holds its `bin`."""
        return self.path.parent.parent


class Nodes:
    """The Node.js installations of this machine."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._search: asyncio.Task[list[Node]] | None = None

    async def found(self) -> Sequence[Node]:
        """All that work, newest first."""
        if self._search is None:
            self._search = asyncio.create_task(_search(self._clock), name="find Node.js")
        return await asyncio.shield(self._search)


def major_of(runtime: str) -> int | None:
    """20 for `nodejs20.x`; None for runtimes that are not Node's."""
    match = re.fullmatch(r"nodejs(\d+)\.x", runtime)
    return None if match is None else int(match[1])


def choose(runtime: str, major: int, found: Iterable[Node], *, strict: bool) -> Node:
    """The same major version, else (unless strict) the nearest; of two equally near ones the newer.

    Raises RuntimeUnavailable.
    """
    best = min(found, key=lambda one: (abs(one.version[0] - major), [-part for part in one.version]), default=None)
    if best is None:
        raise RuntimeUnavailable(
            f"there is no Node.js {OLDEST} or later on this machine: install it, or put it on PATH"
        )
    if strict and best.version[0] != major:
        raise RuntimeUnavailable(f"{runtime} is not on this machine; the nearest is Node.js {best.text}")
    return best


def candidates(path_variable: str, home: Path) -> list[Path]:
    """Files that may be Node.js, without starting any; each file once."""
    places = [Path(folder, "node") for folder in path_variable.split(os.pathsep) if folder]
    for pattern in (
        ".nvm/versions/node/*/bin/node",
        ".local/share/fnm/node-versions/*/installation/bin/node",
        ".local/share/mise/installs/node/*/bin/node",
        ".asdf/installs/nodejs/*/bin/node",
        ".volta/tools/image/node/*/bin/node",
    ):
        places.extend(sorted(home.glob(pattern)))
    places.extend(Path(folder, "node") for folder in ("/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"))
    found: dict[Path, Path] = {}
    for place in places:
        with contextlib.suppress(OSError):
            if os.access(place, os.X_OK):
                found.setdefault(place.resolve(strict=True), place)
    return list(found.values())


async def _search(clock: Clock) -> list[Node]:
    places = candidates(os.environ.get("PATH", ""), Path.home())
    answers = await asyncio.gather(*(_ask(place, clock) for place in places))
    unique = {one.path: one for one in answers if one is not None}
    return sorted(unique.values(), key=lambda one: one.version, reverse=True)


async def _ask(place: Path, clock: Clock) -> Node | None:
    """The Node.js at this place; None when it does not start, does not answer, or is too old."""
    answer = await said_by(place, "-e", _QUESTION, clock=clock)
    return None if answer is None else parse_answer(answer)


def parse_answer(answer: bytes) -> Node | None:
    """What a Node.js said of itself; None when it is none that Lambent runs."""
    try:
        text, path = json.loads(answer)
        major, minor, patch = (int(part) for part in text.partition("-")[0].split("."))
    except (AttributeError, TypeError, ValueError):
        return None
    if major < OLDEST or not isinstance(path, str):
        return None
    return Node(Path(path), (major, minor, patch))
