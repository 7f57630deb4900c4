"""How finely samples are kept by their age, and which stretches of time a request is about. Pure.

From CloudWatch's user guide, "Metrics retention", and the StartTime and Period of GetMetricStatistics. May import
record and distribution.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from lambent.services.cloudwatch.distribution import Distribution

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lambent.services.cloudwatch.record import Slot

_DAY_S = 86_400


class Kept(NamedTuple):
    """Samples of this period are kept for so long."""

    period_s: int
    age_s: int


KEPT = (Kept(1, 3 * 3600), Kept(60, 15 * _DAY_S), Kept(300, 63 * _DAY_S), Kept(3600, 455 * _DAY_S))
"""From fine to coarse, from young to old."""


def resolution_at(age_s: float) -> int | None:
    """The finest period of samples of this age; None where they are gone."""
    return next((kept.period_s for kept in KEPT if age_s <= kept.age_s), None)


@dataclass(frozen=True, slots=True)
class Window:
    """The datapoints that a request asks for: each begins at `start_s` plus a multiple of the period."""

    start_s: int
    end_s: float
    """Not within any more."""
    period_s: int

    @property
    def count(self) -> int:
        """How many datapoints there may be."""
        return max(0, -int((self.start_s - self.end_s) // self.period_s))

    def times(self) -> range:
        """Where datapoints begin."""
        return range(self.start_s, self.start_s + self.count * self.period_s, self.period_s)


def window(start_s: float, end_s: float, period_s: int, now_s: float) -> Window:
    """The window of a request. StartTime is rounded down, the further the older it is."""
    if period_s < 60 and now_s - start_s <= KEPT[0].age_s:
        grid = period_s
    else:
        grid = max(60, resolution_at(now_s - start_s) or KEPT[-1].period_s)
    return Window(int(start_s // grid) * grid, end_s, period_s)


def gathered(
    stored: Iterable[tuple[Slot, Distribution]], asked: Window, now_s: float
) -> dict[tuple[int, str], Distribution]:
    """Samples by the beginning of their datapoint and by unit.

    Older samples than a period is allowed for are left out: datapoints of one minute reach back fifteen days.
    """
    found: dict[tuple[int, str], Distribution] = {}
    for slot, samples in stored:
        finest = resolution_at(now_s - slot.start_s)
        if finest is None or (finest > 1 and asked.period_s % finest):
            continue
        # As it will be once it is rolled up, whether it is by now or not.
        start_s = slot.start_s - slot.start_s % finest
        if not asked.start_s <= start_s < asked.end_s:
            continue
        key = (start_s - (start_s - asked.start_s) % asked.period_s, slot.unit)
        found.setdefault(key, Distribution()).merge(samples)
    return found
