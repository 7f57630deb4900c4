"""Statistics by their names, as pure functions of a distribution. May import distribution.

The definitions are those of CloudWatch's user guide, "CloudWatch statistics definitions": ranges exclude their lower
and include their upper bound; a statistic that needs values has none where they are not known or below zero.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambent.services.cloudwatch.distribution import Distribution

    Values = list[tuple[float, float]]

SIMPLE: dict[str, Callable[[Distribution], float | None]] = {
    "SampleCount": lambda found: found.samples,
    "Average": lambda found: found.total / found.samples,
    "Sum": lambda found: found.total,
    "Minimum": lambda found: found.minimum,
    "Maximum": lambda found: found.maximum,
}
_NUMBER = r"\d{1,3}(?:\.\d{1,10})?"
_SHORT = re.compile(rf"(p|tm|wm|tc|ts)({_NUMBER})", re.ASCII)
_BOUND = r"(-?\d+(?:\.\d{1,10})?)?(%)?"
_RANGE = re.compile(rf"(TM|WM|TC|TS|PR)\({_BOUND}:{_BOUND}\)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Statistic:
    """One statistic."""

    name: str
    needs_values: bool
    """Whether numbers, sums and bounds are not enough for it."""
    of: Callable[[Distribution], float | None]
    """From a distribution with at least one sample; None where there is none to be had."""


@dataclass(frozen=True, slots=True)
class _Range:
    """What lies between two bounds; None is open."""

    low: float | None
    high: float | None


def parse(name: str) -> Statistic | None:
    """The statistic of a name, `Sum`, `p99.9`, `TM(10%:90%)`; None where there is none."""
    if name in SIMPLE:
        return Statistic(name, needs_values=False, of=SIMPLE[name])
    compute = _extended(name)
    return None if compute is None else Statistic(name, needs_values=True, of=_of_values(compute))


def percentile(values: Values, percent: float) -> float:
    """The lowest value that so many percent of the samples do not exceed."""
    rank = percent / 100 * sum(count for _, count in values)
    below = 0.0
    for value, count in values:
        below += count
        if below >= rank:
            return value
    return values[-1][0]


def _of_values(compute: Callable[[Values], float | None]) -> Callable[[Distribution], float | None]:
    def of(found: Distribution) -> float | None:
        values = None if found.minimum < 0 else found.ordered()
        return compute(values) if values else None

    return of


def _extended(name: str) -> Callable[[Values], float | None] | None:
    if name == "IQM":
        return _by_share("TM", _Range(25.0, 75.0))
    if short := _SHORT.fullmatch(name):
        percent = float(short[2])
        if percent > 100:
            return None
        if short[1] == "p":
            return lambda values: percentile(values, percent)
        return _by_share(short[1].upper(), _Range(None, percent))
    if found := _RANGE.fullmatch(name):
        return _ranged(*found.groups())
    return None


def _ranged(
    kind: str, low: str | None, low_sign: str | None, high: str | None, high_sign: str | None
) -> Callable[[Values], float | None] | None:
    if (low is None and (high is None or low_sign)) or (high is None and high_sign):
        return None
    signs = {sign for number, sign in ((low, low_sign), (high, high_sign)) if number is not None}
    bounds = _Range(None if low is None else float(low), None if high is None else float(high))
    if len(signs) > 1 or (bounds.low is not None and bounds.high is not None and bounds.low >= bounds.high):
        return None
    if signs == {None}:
        return _by_value(kind, bounds)
    if kind == "PR" or any(not 0 <= bound <= 100 for bound in (bounds.low, bounds.high) if bound is not None):
        return None
    return _by_share(kind, bounds)


def _by_value(kind: str, bounds: _Range) -> Callable[[Values], float | None]:
    """Bounds are values."""
    low = float("-inf") if bounds.low is None else bounds.low
    high = float("inf") if bounds.high is None else bounds.high

    def compute(values: Values) -> float | None:
        everything = sum(count for _, count in values)
        if kind == "WM":
            return sum(min(max(value, low), high) * count for value, count in values) / everything
        inside = [(value, count) for value, count in values if low < value <= high]
        if kind == "PR":
            return 100 * sum(count for _, count in inside) / everything
        return _trimmed(kind, inside)

    return compute


def _by_share(kind: str, bounds: _Range) -> Callable[[Values], float | None]:
    """Bounds are percentages of the samples, from the lowest to the highest; a sample may lie on both sides of one."""
    low = 0.0 if bounds.low is None else bounds.low
    high = 100.0 if bounds.high is None else bounds.high

    def compute(values: Values) -> float | None:
        everything = sum(count for _, count in values)
        first, last = low / 100 * everything, high / 100 * everything
        inside: Values = []
        below = 0.0
        for value, count in values:
            share = min(below + count, last) - max(below, first)
            if share > 0:
                inside.append((value, share))
            below += count
        if kind == "WM":
            outside = percentile(values, low) * first + percentile(values, high) * (everything - last)
            return (sum(value * share for value, share in inside) + outside) / everything
        return _trimmed(kind, inside)

    return compute


def _trimmed(kind: str, inside: Values) -> float | None:
    count = sum(count for _, count in inside)
    if kind == "TC":
        return count
    total = sum(value * count for value, count in inside)
    if kind == "TS":
        return total
    return total / count if count else None
