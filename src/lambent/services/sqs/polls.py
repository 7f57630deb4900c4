"""Receives that wait for messages. They cost nothing while they do.

A signal of the store wakes the receive that has waited longest, and it wakes the next once it has found something: a
thousand that wait are not all woken by one message. One timer for each queue stands for the next message that becomes
visible by itself. Everything here happens on the event loop's thread. May import store, clock and below.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from lambent.clock import Clock, Timer
    from lambent.store import Store


class Polls:
    """All receives that wait."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._signals = store.signals
        self._clock = clock
        self._lines: dict[str, _Line] = {}
        self.is_ending = False

    def join(self, topic: str, wait_s: float) -> Poll:
        """A receive that may wait so long for a queue's signal: `with polls.join(...) as poll`."""
        return Poll(self, topic, self._clock.monotonic() + wait_s)

    def end(self) -> None:
        """Nobody waits from here on: the server is about to end."""
        self.is_ending = True
        for line in list(self._lines.values()):
            line.wake_all()

    def pass_on(self, topic: str) -> None:
        """Something was found: there may be more for the next that waits."""
        if line := self._lines.get(topic):
            line.wake_one()

    @property
    def waiting(self) -> int:
        """How many receives wait, or are about to look."""
        return sum(line.members for line in self._lines.values())

    def enter(self, topic: str) -> _Line:
        """The line of those who wait for a signal, one longer."""
        line = self._lines.get(topic)
        if line is None:
            line = self._lines[topic] = _Line(self._clock)
            self._signals.on(topic, line.signalled)
        line.members += 1
        return line

    def leave(self, topic: str, line: _Line) -> None:
        """One shorter; the last one turns off the light."""
        line.members -= 1
        if not line.members:
            line.close()
            self._signals.forget(topic, line.signalled)
            self._lines.pop(topic, None)

    async def wait(self, poll: Poll, line: _Line, deadline_s: float) -> bool:
        """Wait until it is this receive's turn to look; False once its time is over."""
        left_s = deadline_s - self._clock.monotonic()
        if left_s <= 0 or self.is_ending:
            return False
        timer = self._clock.call_later(left_s, poll.came.set)
        line.waiting.append(poll)
        try:
            await poll.came.wait()
        finally:
            timer.cancel()
            if poll.is_woken is False and poll in line.waiting:
                line.waiting.remove(poll)
        return poll.is_woken and not self.is_ending

    def due_in_s(self, due_ms: int) -> float:
        """Seconds until a moment in epoch milliseconds."""
        return due_ms / 1000 - self._clock.time()


class Poll:
    """One receive that waits, or looks."""

    def __init__(self, polls: Polls, topic: str, deadline_s: float) -> None:
        self._polls = polls
        self._topic = topic
        self._deadline_s = deadline_s
        self._line: _Line | None = None
        self._seen = 0
        self.came = asyncio.Event()
        self.is_woken = False
        """Whether it was called to look and has not looked yet."""

    def __enter__(self) -> Self:
        self._line = self._polls.enter(self._topic)
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if self._line is not None:
            if self.is_woken or kind is not None:
                # Called, and gone before it has looked to the end: the call is somebody else's.
                self._line.wake_one()
            self._polls.leave(self._topic, self._line)

    def looks(self) -> None:
        """From here on a signal is news."""
        if self._line is not None:
            self._seen = self._line.version
        self.is_woken = False
        self.came.clear()

    async def wait(self, due_ms: int | None) -> bool:
        """Wait until there may be something; False once the time is over. due_ms: when something comes by itself."""
        line = self._line
        if line is None:
            raise RuntimeError("a poll waits only inside its block")
        if line.version != self._seen:
            return True
        if due_ms is not None:
            line.expect(self._polls.due_in_s(due_ms))
        return await self._polls.wait(self, line, self._deadline_s)


class _Line:
    """Those who wait for one queue."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._timer: Timer | None = None
        self._timer_at = 0.0
        self.version = 0
        self.members = 0
        self.waiting: deque[Poll] = deque()

    def signalled(self) -> None:
        """Something may have become visible."""
        self.version += 1
        self.wake_one()

    def wake_one(self) -> None:
        """Call the one that has waited longest."""
        if self.waiting:
            poll = self.waiting.popleft()
            poll.is_woken = True
            poll.came.set()

    def wake_all(self) -> None:
        """Call everybody."""
        while self.waiting:
            self.wake_one()

    def expect(self, delay_s: float) -> None:
        """Something becomes visible by itself after so long; the earliest of such moments counts."""
        at = self._clock.monotonic() + max(delay_s, 0.0)
        if self._timer is not None:
            if self._timer_at <= at:
                return
            self._timer.cancel()
        self._timer_at = at
        self._timer = self._clock.call_later(at - self._clock.monotonic(), self._due)

    def close(self) -> None:
        """Expect nothing more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _due(self) -> None:
        self._timer = None
        self.signalled()
