"""What is kept of the samples of a period: their number, sum and bounds, and how their values are distributed.

Up to so many different values are kept as they are, so that percentiles are exact; more are rounded to a logarithmic
grid, coarser as it must be. May import nothing of Lambent.

Invariants: number, sum and bounds are exact, always. On the first grid a value is off by one percent at most, on each
further one by twice as much. Merging in any order gives the same counts where nothing had to be rounded.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_VALUES = 256
"""Different values that are kept."""
_STEP = math.log(1.02)
"""Of the first grid, in logarithms: neighbours are two percent apart."""


class Distribution:
    """The samples of one metric in one period and one unit."""

    __slots__ = ("counts", "level", "maximum", "minimum", "samples", "total")

    def __init__(self) -> None:
        self.samples = 0.0
        self.total = 0.0
        self.minimum = math.inf
        self.maximum = -math.inf
        self.counts: dict[float, float] | None = {}
        """How often each value came; None where statistic sets brought samples without their values."""
        self.level = 0
        """The grid that values are rounded to; 0 is none."""

    def add(self, value: float, count: float = 1.0) -> None:
        """Take a value that came `count` times."""
        if not count:
            return
        self._bound(count, value * count, value, value)
        if self.counts is not None:
            key = rounded(value, self.level)
            self.counts[key] = self.counts.get(key, 0.0) + count
            if len(self.counts) > MOST_VALUES:
                self._coarsen(self.level + 1)

    def add_all(self, values: Sequence[float]) -> None:
        """Take values that came once each; much cheaper than one by one."""
        if not values:
            return
        self._bound(float(len(values)), sum(values), min(values), max(values))
        if self.counts is None:
            return
        counts, level = self.counts, self.level
        for value in values:
            key = rounded(value, level) if level else value
            counts[key] = counts.get(key, 0.0) + 1.0
        if len(counts) > MOST_VALUES:
            self._coarsen(level + 1)

    def add_set(self, samples: float, total: float, minimum: float, maximum: float) -> None:
        """Take samples of which only this is known. Their values are, where all of them are the same."""
        if minimum == maximum:
            self.add(minimum, samples)
            return
        self._bound(samples, total, minimum, maximum)
        self.counts = None

    def merge(self, other: Distribution) -> None:
        """Take all that another has; the other stays as it is."""
        if not other.samples:
            return
        self._bound(other.samples, other.total, other.minimum, other.maximum)
        if self.counts is None or other.counts is None:
            self.counts = None
            return
        if other.level > self.level:
            self._coarsen(other.level)
        for value, count in other.counts.items():
            key = rounded(value, self.level)
            self.counts[key] = self.counts.get(key, 0.0) + count
        if len(self.counts) > MOST_VALUES:
            self._coarsen(self.level + 1)

    def ordered(self) -> list[tuple[float, float]] | None:
        """Values from low to high with their counts, None where they are not known."""
        if self.counts is None:
            return None
        low, high = self.minimum, self.maximum
        # A grid's value may lie beyond what was measured.
        return [(min(max(value, low), high), self.counts[value]) for value in sorted(self.counts)]

    def _bound(self, samples: float, total: float, minimum: float, maximum: float) -> None:
        self.samples += samples
        self.total += total
        self.minimum = min(self.minimum, minimum)
        self.maximum = max(self.maximum, maximum)

    def _coarsen(self, level: int) -> None:
        """Round to a grid, and on to coarser ones until there are few enough values."""
        counts = self.counts or {}
        while True:
            self.level = level
            coarse: dict[float, float] = {}
            for value, count in counts.items():
                key = rounded(value, level)
                coarse[key] = coarse.get(key, 0.0) + count
            counts = self.counts = coarse
            if len(counts) <= MOST_VALUES:
                return
            level += 1


def rounded(value: float, level: int) -> float:
    """A value on a grid; itself on grid 0."""
    if not level or not value:
        return value
    step = _STEP * (1 << (level - 1))
    return math.copysign(math.exp(round(math.log(abs(value)) / step) * step), value)


def packed(distribution: Distribution) -> bytes | None:
    """The values as they are stored; empty where all are the same, None where they are not known."""
    counts = distribution.counts
    if counts is None:
        return None
    if distribution.minimum == distribution.maximum:
        return b""
    values = sorted(counts)
    return orjson.dumps([distribution.level, values, [counts[value] for value in values]])


def unpacked(samples: float, total: float, minimum: float, maximum: float, values: bytes | None) -> Distribution:
    """What was stored. values: as `packed` gave them."""
    found = Distribution()
    found.samples, found.total, found.minimum, found.maximum = samples, total, minimum, maximum
    if values is None:
        found.counts = None
    elif not values:
        found.counts = {minimum: samples}
    else:
        found.level, keys, counts = orjson.loads(values)
        found.counts = dict(zip(keys, counts, strict=True))
    return found
