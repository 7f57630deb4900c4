"""Time, read and waited on in one place, so that a test can move it.

`RealClock` is the machine's time. `VirtualClock` stands still until a test moves it; `run_until_idle` jumps from timer
to timer, but only while no work is in flight, so that real work (a function that runs in a process) is never cut by a
jump. May import nothing of Lambent.
"""

from __future__ import annotations

import asyncio
import heapq
import time
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

_NOTHING = nullcontext()
_PASSES = 25
"""Turns of the event loop in which a chain of tasks that wake each other comes to rest."""


class Timer(Protocol):
    """A call that waits for its time."""

    def cancel(self) -> None: ...


class Clock(Protocol):
    """What Lambent knows of time."""

    def now(self) -> datetime:
        """The wall time, aware, UTC."""

    def time(self) -> float:
        """The wall time as seconds since the epoch."""

    def monotonic(self) -> float:
        """Seconds from an arbitrary point; never goes back."""

    async def sleep(self, delay_s: float) -> None:
        """Wait."""

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> Timer:
        """Call once, on the running event loop, after `delay_s` seconds."""

    def work(self) -> AbstractContextManager[None]:
        """Mark that work is in flight while the block runs: a virtual clock does not jump meanwhile."""


class RealClock:
    """The machine's time."""

    def now(self) -> datetime:
        """The wall time, aware, UTC."""
        return datetime.now(UTC)

    def time(self) -> float:
        """The wall time as seconds since the epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds from an arbitrary point; never goes back."""
        return time.monotonic()

    async def sleep(self, delay_s: float) -> None:
        """Wait."""
        await asyncio.sleep(delay_s)

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> Timer:
        """Call once, on the running event loop, after `delay_s` seconds."""
        return asyncio.get_running_loop().call_later(delay_s, callback)

    def work(self) -> AbstractContextManager[None]:
        """Nothing to mark: real time does not jump."""
        return _NOTHING


class _VirtualTimer:
    """A timer that fires when the virtual clock gets there."""

    __slots__ = ("at", "callback", "number")

    def __init__(self, at: float, number: int, callback: Callable[[], None]) -> None:
        self.at = at
        self.number = number
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        """Never fire; harmless after it fired."""
        self.callback = None

    def __lt__(self, other: _VirtualTimer) -> bool:
        return (self.at, self.number) < (other.at, other.number)


class VirtualClock:
    """Time that stands still until a test moves it.

    Timers fire in the order of their times, and of their making where times are equal. Between two timers everything
    that became ready runs to where it waits again, so that what a timer starts can set timers of its own.
    """

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._start = start
        self._elapsed = 0.0
        self._timers: list[_VirtualTimer] = []
        self._numbers = count()
        self._in_flight = 0
        self._quiet = asyncio.Event()
        self._quiet.set()

    def now(self) -> datetime:
        """The virtual wall time, aware, UTC."""
        return self._start + timedelta(seconds=self._elapsed)

    def time(self) -> float:
        """The virtual wall time as seconds since the epoch."""
        return self._start.timestamp() + self._elapsed

    def monotonic(self) -> float:
        """Virtual seconds since the clock was made."""
        return self._elapsed

    async def sleep(self, delay_s: float) -> None:
        """Wait until somebody has moved the clock that far; a wait that is over already only yields."""
        if delay_s <= 0:
            await asyncio.sleep(0)
            return
        done = asyncio.Event()
        timer = self.call_later(delay_s, done.set)
        try:
            await done.wait()
        finally:
            timer.cancel()

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> Timer:
        """Call once, when the clock has been moved `delay_s` seconds."""
        timer = _VirtualTimer(self._elapsed + max(0.0, delay_s), next(self._numbers), callback)
        heapq.heappush(self._timers, timer)
        return timer

    @contextmanager
    def work(self) -> Iterator[None]:
        """Mark that work is in flight while the block runs: `run_until_idle` does not jump meanwhile."""
        self._in_flight += 1
        self._quiet.clear()
        try:
            yield
        finally:
            self._in_flight -= 1
            if not self._in_flight:
                self._quiet.set()

    async def advance(self, seconds: float) -> None:
        """Move the clock, firing on the way what is due, whether or not work is in flight.

        Raises ValueError for a negative number: time does not go back.
        """
        if seconds < 0:
            raise ValueError(f"time does not go back, here by {-seconds} s")
        until = self._elapsed + seconds
        await self._settle()
        while (timer := self._next()) is not None and timer.at <= until:
            await self._fire(timer)
        # What a timer woke may have moved the clock further.
        self._elapsed = max(self._elapsed, until)
        await self._settle()

    async def run_until_idle(self) -> None:
        """Jump from timer to timer until there are none, each time only once no work is in flight."""
        while True:
            await self._quiet.wait()
            await self._settle()
            if self._in_flight:
                continue
            timer = self._next()
            if timer is None:
                return
            await self._fire(timer)

    def _next(self) -> _VirtualTimer | None:
        while self._timers and self._timers[0].callback is None:
            heapq.heappop(self._timers)
        return self._timers[0] if self._timers else None

    async def _fire(self, timer: _VirtualTimer) -> None:
        heapq.heappop(self._timers)
        callback, timer.callback = timer.callback, None
        self._elapsed = max(self._elapsed, timer.at)
        if callback is not None:
            callback()
        await self._settle()

    async def _settle(self) -> None:
        """Let everything that is ready run until it waits."""
        for _ in range(_PASSES):
            await asyncio.sleep(0)
