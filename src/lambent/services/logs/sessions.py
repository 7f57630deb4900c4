"""Sessions that stay open until their clients leave, or the server ends."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lambent.clock import Clock


class Sessions:
    """Lets sessions wait, and ends them all together."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waits: set[asyncio.Event] = set()
        self.is_ending = False

    def end(self) -> None:
        """No session waits from here on: the server is about to end."""
        self.is_ending = True
        for wait in self._waits:
            wait.set()

    async def wait(self, delay_s: float) -> None:
        """Wait so long, or until all sessions end."""
        if self.is_ending:
            return
        over = asyncio.Event()
        self._waits.add(over)
        timer = self._clock.call_later(delay_s, over.set)
        try:
            await over.wait()
        finally:
            timer.cancel()
            self._waits.discard(over)
