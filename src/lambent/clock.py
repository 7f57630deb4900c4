"""Time, read and waited on in one place, so that a test can move it.

`RealClock` is the machine's time. `VirtualClock` stands still until a test moves it; `run_until_idle` jumps from timer
to timer, but only while no work is in flight, so that real work (a function that runs in a process) is never cut by a
jump. May import nothing of Lambent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from datetime import datetime


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
