"""Samples on their way: taken as they come, folded into distributions in handfuls, so that taking one costs nothing.

May import distribution.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambent.services.cloudwatch.distribution import Distribution

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_HANDFUL = 64


class Samples:
    """The samples of one metric, by the minute that they belong to."""

    __slots__ = ("_folded", "_minute", "_taken", "_tell")

    def __init__(self, tell: Callable[[list[float]], None] | None = None) -> None:
        """tell: called with samples when they are folded."""
        self._tell = tell
        self._minute = 0
        self._taken: list[float] = []
        self._folded: dict[int, Distribution] = {}

    def add(self, minute: int, value: float) -> None:
        """Take one. minute: since the epoch."""
        taken = self._taken
        if minute != self._minute or len(taken) >= _HANDFUL:
            self.fold()
            self._minute = minute
        taken.append(value)

    def fold(self) -> None:
        """Bring what was taken to its distribution."""
        taken = self._taken
        if not taken:
            return
        found = self._folded.get(self._minute)
        if found is None:
            found = self._folded[self._minute] = Distribution()
        found.add_all(taken)
        if self._tell is not None:
            self._tell(taken)
        taken.clear()

    def collect(self) -> Mapping[int, Distribution]:
        """Everything since the last time, by minute."""
        self.fold()
        folded, self._folded = self._folded, {}
        return folded
