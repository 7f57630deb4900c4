from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambent.services.cloudwatch.distribution import MOST_VALUES, Distribution, packed, rounded, unpacked

VALUES = st.floats(min_value=-(2.0**360), max_value=2.0**360, allow_nan=False)
LATENCIES = st.lists(st.floats(min_value=0.01, max_value=900_000), min_size=1, max_size=900)


def of(values: list[float]) -> Distribution:
    found = Distribution()
    found.add_all(values)
    return found


def read_back(found: Distribution) -> Distribution:
    return unpacked(found.samples, found.total, found.minimum, found.maximum, packed(found))


def test_a_statistic_set_hides_the_values() -> None:
    found = of([1.0])
    found.add_set(10, 55, 1, 10)
    assert (found.samples, found.total, found.minimum, found.maximum) == (11, 56, 1, 10)
    assert found.ordered() is None
    assert read_back(found).ordered() is None


def test_a_statistic_set_of_equal_samples_hides_nothing() -> None:
    found = Distribution()
    found.add_set(4, 8, 2, 2)
    assert found.ordered() == [(2.0, 4.0)]


def test_few_values_are_kept_as_they_are() -> None:
    found = of([float(number) for number in range(MOST_VALUES)] * 2)
    assert found.level == 0
    assert found.ordered() == [(float(number), 2.0) for number in range(MOST_VALUES)]


@given(LATENCIES)
def test_many_values_take_little_room_and_stay_near(values: list[float]) -> None:
    found = of(values)
    kept = found.ordered() or []
    assert len(kept) <= MOST_VALUES
    assert sum(count for _, count in kept) == len(values)
    off = 1.0 if not found.level else math.exp(math.log(1.02) * (1 << (found.level - 1)))
    for (value, _), rank in zip(kept, ranks(kept), strict=True):
        assert sorted(values)[rank] / off / 1.0001 <= value <= sorted(values)[rank] * off * 1.0001


def ranks(kept: list[tuple[float, float]]) -> list[int]:
    """The index of the last sample of each value."""
    last, found = -1, []
    for _, count in kept:
        last += int(count)
        found.append(last)
    return found


@given(st.lists(VALUES, max_size=300), st.lists(VALUES, max_size=300))
def test_merging_is_the_same_as_taking_one_by_one(some: list[float], others: list[float]) -> None:
    merged = of(some)
    other = of(others)
    before = dict(other.counts or {})
    merged.merge(other)
    whole = of(some + others)
    assert (merged.samples, merged.minimum, merged.maximum) == (whole.samples, whole.minimum, whole.maximum)
    assert sum((merged.counts or {}).values()) == whole.samples
    assert other.counts == before
    if not merged.level and not whole.level:
        assert merged.counts == whole.counts


@given(st.lists(VALUES, min_size=1, max_size=400))
def test_what_is_stored_is_read_back(values: list[float]) -> None:
    found = of(values)
    back = read_back(found)
    assert back.ordered() == found.ordered()
    assert (back.samples, back.total, back.level) == (found.samples, found.total, found.level if packed(found) else 0)


@given(VALUES, st.integers(1, 6))
def test_a_grid_keeps_its_own_values(value: float, level: int) -> None:
    once = rounded(value, level)
    assert rounded(once, level) == pytest.approx(once, rel=1e-9)
    assert math.copysign(1, once) == math.copysign(1, value)
