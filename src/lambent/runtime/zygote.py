"""The server's side of a zygote: starts it, knows when it is ready or gone, asks it for environments.

May import clock, control, interpreters and isolation. A zygote that ends takes nothing with it: its environments go on.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lambent.runtime.control import ControlSocket
from lambent.runtime.isolation import LAUNCH
from lambent.runtime.unavailable import RuntimeUnavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lambent.runtime.interpreters import Interpreter

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ZygoteFacts:
    """What a zygote said of itself."""

    pid: int
    preload_kib: int
    """Memory that the preloaded modules take in every environment, which functions are not charged for."""
    preload_problems: tuple[str, ...]


class Zygote:
    """A warm interpreter. The constructor starts nothing."""

    def __init__(self, interpreter: Interpreter, config: dict[str, Any]) -> None:
        self._interpreter = interpreter
        self._config = config
        self._control: ControlSocket | None = None
        self._ready: asyncio.Future[ZygoteFacts] | None = None
        self._process: asyncio.subprocess.Process | None = None
        self.gone = False

    async def start(self) -> ZygoteFacts:
        """Start it and wait until it is warm. Raises RuntimeUnavailable."""
        ours, theirs = socket.socketpair()
        self._ready = asyncio.get_running_loop().create_future()
        self._control = ControlSocket(ours, self._told, self._lost)
        with theirs:
            try:
                self._process = await asyncio.create_subprocess_exec(
                    *(self._interpreter.path, "-I", "-S", LAUNCH, "zygote", str(theirs.fileno())),
                    stdin=asyncio.subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    env={"LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"},
                    cwd="/",
                    start_new_session=True,
                )
            except OSError as problem:
                self._control.abort()
                raise RuntimeUnavailable(f"{self._interpreter.path} does not start: {problem}") from problem
        self._control.send({**self._config, "parent": os.getpid()})
        try:
            return await self._ready
        except BaseException:
            await self._abandon()
            raise

    @property
    def facts(self) -> ZygoteFacts | None:
        """What it said when it was ready; None before."""
        ready = self._ready
        done = ready is not None and ready.done() and not ready.cancelled() and ready.exception() is None
        return ready.result() if ready is not None and done else None

    def spawn(self, fds: Sequence[int]) -> None:
        """Ask for the first process of an environment; whatever comes of it is told on its control socket.

        fds: the process's end of its control socket and, where there is one, the list of processes of its memory group.
        """
        if self._control is not None:
            self._control.send({}, fds)

    async def stop(self) -> None:
        """End it and wait until it has ended."""
        if self._control is not None:
            self._control.finish()
        if self._process is not None:
            await self._process.wait()

    async def _abandon(self) -> None:
        self.gone = True
        if self._control is not None:
            self._control.abort()
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()

    def _told(self, message: dict[str, Any], _: int | None) -> None:
        if self._ready is None or self._ready.done():
            return
        if message["event"] == "ready":
            problems = tuple(message["preload_problems"])
            for problem in problems:
                _log.warning("Python %s: %s", self._interpreter.text, problem)
            pid = self._process.pid if self._process is not None else 0
            self._ready.set_result(ZygoteFacts(pid, message["preload_kib"], problems))
        else:
            self._fail(message["reason"])

    def _fail(self, reason: str) -> None:
        if self._ready is not None and not self._ready.done():
            text = f"the zygote of Python {self._interpreter.text} could not be made: {reason}"
            self._ready.set_exception(RuntimeUnavailable(text))

    def _lost(self) -> None:
        self.gone = True
        self._fail("it ended before it was ready")
