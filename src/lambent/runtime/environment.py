"""One execution environment, seen from the server: its processes, its log, and what happens to it.

    launched -> initialising -> ready -> (call) -> ready ...
                      |                     |
                      +------> broken <-----+      no runtime: its globals are lost, its /tmp is kept
    ended: its processes are gone or going; nothing leads back

May import clock, capture, channel, control, memory, pool, slot and below. What a call makes of the events is in
`call`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lambent.runtime.capture import LogPipe, Splitter, Tail, new_marker
from lambent.runtime.channel import Answer, Channel, socket_pair
from lambent.runtime.guest.frames import CHUNK, READY, STREAM
from lambent.runtime.levels import keeper
from lambent.runtime.pieces import Pieces
from lambent.runtime.pool import key_of
from lambent.runtime.spec import PROVISIONED

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from lambent.clock import Clock, Timer
    from lambent.runtime.control import ControlSocket
    from lambent.runtime.logs import LogSink
    from lambent.runtime.memory import MemoryGroup
    from lambent.runtime.slot import Slot
    from lambent.runtime.spec import FunctionSpec, Receiver
    from lambent.runtime.system_log import SystemLog

_FIRST_LOOK_S = 0.05
_LOOK_EVERY_S = 0.1
_LOOK_EVERY_WITH_KERNEL_S = 0.5
_LONG_S = float(1 << 20)
_LAST_NUMBER = (1 << 32) - 1
_PAGE_KIB = os.sysconf("SC_PAGE_SIZE") // 1024


@dataclass(frozen=True, slots=True)
class Exited:
    """The runtime ended."""

    status: int
    """Exit code, or the negative number of the signal."""
    out_of_memory: bool


@dataclass(frozen=True, slots=True)
class Expired:
    """The time given to `next` is up; the runtime goes on until it is killed."""


@dataclass(frozen=True, slots=True)
class OverMemory:
    """The runtime holds more memory than it may; it goes on until it is killed."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The environment is gone, or never came to be."""

    reason: str


Event = Answer | Exited | Expired | OverMemory | Lost


@dataclass(frozen=True, slots=True)
class Parts:
    """What an environment is made with, and gives back at its end."""

    name: str
    """32 hexadecimal digits."""
    stream: str
    """The log stream."""
    user: int
    """Its number among the users of environments."""
    group: MemoryGroup | None
    tmp_dir: Path | None
    """The private temporary folder where /tmp cannot be one."""
    config: dict[str, Any]
    """What the guest is told: see `guest.supervisor` and `guest.runtime`."""
    says: SystemLog
    """What Lambda says in the log."""
    init_start: list[str]
    """The log events that begin an initialisation."""
    shared_kib: int
    """Memory that all environments share with their zygote, which the function is not charged for."""


class Environment:
    """The processes of one environment and what they say. Serves one call at a time."""

    def __init__(
        self,
        spec: FunctionSpec,
        parts: Parts,
        *,
        clock: Clock,
        logs: LogSink,
        on_end: Callable[[Environment], None],
    ) -> None:
        """on_end: once, when all its processes are gone."""
        self.spec = spec
        self.pool = key_of(spec)
        self.parts = parts
        self.clock = clock
        self.ready = False
        """Whether a runtime waits for a call."""
        self.fresh = True
        """Whether its first initialisation has not been looked at yet."""
        self.ended = False
        self.number = 0
        """Of the call that it serves or served last: an answer to another one is none."""
        self.peak_kib = 0
        self._logs = logs
        self._on_end = on_end
        self._loop = asyncio.get_running_loop()
        self._marker = new_marker()
        self._control: ControlSocket | None = None
        self._channel: Channel | None = None
        self._pipe: LogPipe | None = None
        kept = None if spec.log_levels is None else keeper(spec.log_levels.application)
        self._splitter = Splitter(self._marker, kept)
        self._tail: Tail | None = Tail()
        """None while nobody wants to read it."""
        self._lines: list[tuple[int, str]] = []
        self._pid: int | None = None
        self._running = False
        """Whether a runtime has been asked for whose end has not been told."""
        self._events: deque[Event] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._began = self._deadline = 0.0
        self._timer: Timer | None = None
        self._timer_at = 0.0
        self._listening = False
        self._failure = "the environment ended"
        self.response: Pieces | None = None
        """What came in pieces of the answer to the call; None where it comes whole."""
        self._receiver: Receiver | None = None

    # --- processes

    def launch(self, slot: Slot) -> None:
        """Move into a place; the runtime's first answer tells how its initialisation went.

        Raises OSError, after which there is only `end`.
        """
        self._control = slot.take(self._told, self._lost)
        self._start({"config": {**self.parts.config, "marker": self._marker.decode()}})

    def restart(self) -> None:
        """Ask for a new runtime in the place of one that ended. Raises OSError."""
        self._start({})

    def _start(self, more: dict[str, Any]) -> None:
        channel, pipe = self._open_runtime()
        with channel, _closing(pipe) as pipe_fd:
            if self._control is not None:
                self._running = True
                self._control.send({"do": "start", **more}, [channel.fileno(), pipe_fd])

    async def clear(self) -> None:
        """End the runtime, if there is one, and all that it started; wait until it has ended."""
        self._kill()
        while self._running:
            await self.next(_LONG_S)
        # Its end may have been told before anybody asked: it must not be taken for that of the next one.
        self._events.clear()

    def _kill(self) -> None:
        self.ready = False
        if self._control is not None and self._running:
            self._control.send({"do": "kill"})

    def end(self) -> None:
        """End everything; `on_end` follows when it is gone."""
        if not self.ended:
            self.ended = True
            self.ready = False
            if self._timer is not None and self._waiter is None:
                self._timer.cancel()
                self._timer = None
            self._close_runtime()
            if self._control is not None:
                self._control.finish()

    def _open_runtime(self) -> tuple[socket.socket, int]:
        self._close_runtime()
        ours, theirs = socket_pair()
        read_end, write_end = os.pipe()
        self._channel = Channel(ours, self._answered, self._kill)
        self._pipe = LogPipe(read_end, self._printed)
        return theirs, write_end

    def _close_runtime(self) -> None:
        if self._channel is not None:
            self._channel.close()
        if self._pipe is not None:
            self._pipe.drain()
            self._pipe.close()
            self.write(self._splitter.flush())
            self.flush()
        self._pid = None

    # --- what they say

    def listen(self, receiver: Receiver | None = None) -> None:
        """Begin a call: from now on events are for it."""
        self._events.clear()
        self._listening = True
        self._receiver = receiver
        self.response = None
        self.number = self.number % _LAST_NUMBER + 1

    def rest(self) -> None:
        """End a call."""
        self._listening = False
        self._receiver = None
        if self.response is not None and self._channel is not None:
            # Whoever held the function up may not have read all yet; the next call does not wait for that.
            self._channel.resume()

    def send(self, kind: int, head: bytes, body: bytes) -> None:
        """Send a frame to the runtime."""
        if self._channel is not None:
            self._channel.send(kind, head, body)

    async def next(self, limit_s: float) -> Event:
        """The next event; `Expired` after `limit_s` seconds without one."""
        if self._control is None:
            return Lost(self._failure)
        if not self._events:
            now = self.clock.monotonic()
            self._began, self._deadline = now, now + limit_s
            if self._timer is None or self._timer_at > self._deadline:
                self._look_in(min(limit_s, _FIRST_LOOK_S), now)
            self._waiter = self._loop.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        return self._events.popleft()

    def _emit(self, event: Event) -> None:
        if not self._listening:
            return
        self._events.append(event)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _answered(self, answer: Answer) -> None:
        self.peak_kib = max(self.peak_kib, answer.peak_kib)
        if answer.number != (self.number if self.ready else 0) or not self._listening:
            # Nobody asked: the function found the channel and writes to it. Nothing more of it is believed.
            if self._channel is not None:
                self._channel.close()
            self._kill()
            return
        if answer.kind in {STREAM, CHUNK}:
            self._take_piece(answer)
            return
        if answer.kind == READY:
            self.ready = True
        self._emit(answer)

    def _take_piece(self, answer: Answer) -> None:
        if self.response is None:
            self.response = Pieces(self._receiver)
        if answer.kind == CHUNK:
            self.response.add(answer.body)
        elif self._channel is not None:
            self.response.begin(answer.body, self._channel)

    def _told(self, message: dict[str, Any], pid: int | None) -> None:
        event = message["event"]
        if event == "started":
            self._pid = message["pid"] if pid is None else pid
        elif event == "exited":
            if self._channel is not None:
                self._channel.drain()
            self.ready = self._running = False
            self._close_runtime()
            status = message["status"]
            if self.spec.initialization_type == PROVISIONED and not self._listening:
                # Nobody would bring a runtime up before the next call: another environment takes its place.
                self.end()
            self._emit(Exited(status, out_of_memory=status == -9 and self._killed_for_memory()))
        else:
            self._failure = message["reason"]

    def _killed_for_memory(self) -> bool:
        group = self.parts.group
        return group is not None and group.was_killed()

    def _lost(self) -> None:
        self.end()
        self._running = False
        self._control = None
        self._emit(Lost(self._failure))
        self._on_end(self)

    # --- time and memory

    def _look_in(self, delay_s: float, now: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = now + delay_s
        self._timer = self.clock.call_later(delay_s, self._look)

    def _look(self) -> None:
        """See, while a call runs, whether its time is up or it holds too much.

        The timer outlives the call that set it, so that a quick succession of calls sets one in all.
        """
        self._timer = None
        if self._waiter is None:
            return
        now = self.clock.monotonic()
        left = self._deadline - now
        if left <= 0:
            self._emit(Expired())
            return
        young_s = self._began + _FIRST_LOOK_S - now
        if young_s > 0:
            # Most calls are over before it is worth asking the kernel what they hold.
            self._look_in(min(left, young_s), now)
            return
        if self._holds_too_much():
            self._emit(OverMemory())
            return
        every = _LOOK_EVERY_S if self.parts.group is None else _LOOK_EVERY_WITH_KERNEL_S
        self._look_in(min(left, every), now)

    def _holds_too_much(self) -> bool:
        if self._pid is None:
            return False
        try:
            pages = int(Path(f"/proc/{self._pid}/statm").read_text().split()[1])
        except (OSError, IndexError):
            # No /proc on this platform, or the process is just gone: its end is told elsewhere.
            return False
        self.peak_kib = max(self.peak_kib, pages * _PAGE_KIB)
        return self.over_memory

    @property
    def over_memory(self) -> bool:
        """Whether the runtime has held more than the function may."""
        return self.peak_kib - self.parts.shared_kib > self.spec.memory_mb * 1024

    @property
    def max_memory_mb(self) -> int:
        """The most memory the function has held, in whole MB, as REPORT tells it."""
        own = max(self.peak_kib - self.parts.shared_kib, 1)
        return min(-(-own // 1024), self.spec.memory_mb)

    def forget_peak(self) -> None:
        """Count memory anew, for a new runtime."""
        self.peak_kib = 0

    # --- log

    def write(self, texts: list[str]) -> None:
        """Add events to the log and to the tail."""
        if texts:
            if self._tail is not None:
                self._tail.add(texts)
            now_ms = int(self.clock.time() * 1000)
            self._lines += [(now_ms, text) for text in texts]

    def write_aside(self, texts: list[str]) -> None:
        """Add events to the log that callers do not get with LogType=Tail."""
        now_ms = int(self.clock.time() * 1000)
        self._lines += [(now_ms, text) for text in texts]

    def flush(self) -> None:
        """Hand the events over."""
        if self._lines:
            lines, self._lines = self._lines, []
            spec = self.spec
            self._logs.append(spec.account, spec.region, spec.log_group, self.parts.stream, lines)

    def begin_tail(self, *, wanted: bool) -> None:
        """Forget what was logged before a call; gather what comes, if anybody wants it."""
        self._tail = Tail() if wanted else None

    def take_tail(self) -> bytes:
        """The end of what was logged since the tail was begun."""
        return b"" if self._tail is None else self._tail.take()

    def drain(self) -> None:
        """Log what the function has printed up to now, a line without an end, too."""
        if self._pipe is not None:
            self._pipe.drain()
        if self._splitter.pending:
            self.write(self._splitter.flush())

    def _printed(self, data: bytes) -> None:
        self.write(self._splitter.feed(data))
        self.flush()


@contextlib.contextmanager
def _closing(fd: int) -> Any:
    try:
        yield fd
    finally:
        os.close(fd)
