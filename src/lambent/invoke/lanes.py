"""Whose turn it is: one lane per function, so that no function waits for another's events. Pure; in memory.

A lane knows when the first of its events is ready, and not what they are: those stay in the store. Lanes are served in
turn. How many events of one function run at once grows only while they all wait for something: a function whose events
end quickly keeps few environments busy, one whose events take long gets more of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

FIRST_LIMIT = 16
"""Events of one function that run at once, to begin with."""
PATIENCE_S = 0.25
"""When none of a full lane's events has ended for so long, twice as many may run."""
_SHARE = 32
_TOGETHER = 256
"""Events of one lane, and of all, that are taken under one commit."""


class Lane:
    """One function's events."""

    __slots__ = ("arn", "changed", "due_ms", "limit", "running")

    def __init__(self, arn: str, now_s: float) -> None:
        self.arn = arn
        self.running = 0
        """Those that run, or that places are kept for."""
        self.limit = FIRST_LIMIT
        self.due_ms: int | None = None
        """When the next one may be ready; None where there is none."""
        self.changed = now_s
        """When one ended last, or the limit grew; monotonic."""

    def expect(self, at_ms: int | None) -> None:
        """An event may be ready then."""
        if at_ms is not None and (self.due_ms is None or at_ms < self.due_ms):
            self.due_ms = at_ms

    def is_due(self, now_ms: int) -> bool:
        """Whether an event may be ready now."""
        return self.due_ms is not None and self.due_ms <= now_ms


class Lanes:
    """All lanes that have something to do."""

    def __init__(self, most: Callable[[str], int]) -> None:
        """most: events of a function, by its ARN, that may ever run at once; at least 1."""
        self._most = most
        self._lanes: dict[str, Lane] = {}

    def __len__(self) -> int:
        return len(self._lanes)

    def lane(self, arn: str, now_s: float) -> Lane:
        """A function's lane."""
        found = self._lanes.get(arn)
        if found is None:
            found = self._lanes[arn] = Lane(arn, now_s)
        return found

    def expect(self, ready: Mapping[str, int], now_s: float) -> None:
        """Events may be ready then, by function."""
        for arn, at_ms in ready.items():
            self.lane(arn, now_s).expect(at_ms)

    def enter(self, lane: Lane, now_ms: int) -> bool:
        """Keep a place for a new event; False where others wait before it, or there is no room."""
        if lane.is_due(now_ms) or self._room(lane) <= 0:
            return False
        lane.running += 1
        return True

    def leave(self, lane: Lane, now_s: float, count: int = 1) -> None:
        """Places are free again."""
        lane.running -= count
        lane.changed = now_s
        self.tidy(lane)

    def tidy(self, lane: Lane) -> None:
        """Keep nothing of a lane that has nothing to do."""
        if not lane.running and lane.due_ms is None:
            self._lanes.pop(lane.arn, None)

    def turns(self, now_ms: int, now_s: float) -> dict[str, int]:
        """How many events to take now, by function; places are kept for them.

        Those that are served go behind the others.
        """
        found: dict[str, int] = {}
        left = _TOGETHER
        for lane in list(self._due(now_ms)):
            self._grow(lane, now_s)
            count = min(self._room(lane), _SHARE, left)
            if count <= 0:
                continue
            left -= count
            found[lane.arn] = count
            lane.running += count
            lane.due_ms = None
            self._lanes[lane.arn] = self._lanes.pop(lane.arn)
            if not left:
                break
        return found

    def wait_s(self, now_ms: int, now_s: float) -> float | None:
        """How long nothing is to be done; None where nothing is known that will be."""
        waits = [self._wait_s(lane, now_ms, now_s) for lane in self._lanes.values() if lane.due_ms is not None]
        return min(waits, default=None)

    def _wait_s(self, lane: Lane, now_ms: int, now_s: float) -> float:
        due_s = max(0.0, ((lane.due_ms or 0) - now_ms) / 1000)
        if self._room(lane) > 0:
            return due_s
        if lane.limit >= self._most(lane.arn):
            # Room comes with the end of one that runs, which wakes by itself.
            return max(due_s, 3600.0)
        return max(due_s, lane.changed + PATIENCE_S - now_s, 0.001)

    def _due(self, now_ms: int) -> Iterator[Lane]:
        return (lane for lane in self._lanes.values() if lane.is_due(now_ms))

    def _grow(self, lane: Lane, now_s: float) -> None:
        if self._room(lane) <= 0 and lane.limit < self._most(lane.arn) and now_s - lane.changed >= PATIENCE_S:
            lane.limit *= 2
            lane.changed = now_s

    def _room(self, lane: Lane) -> int:
        return min(lane.limit, self._most(lane.arn)) - lane.running
