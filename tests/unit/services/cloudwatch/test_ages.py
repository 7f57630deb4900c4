from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from lambent.services.cloudwatch.ages import KEPT, gathered, resolution_at, window
from lambent.services.cloudwatch.distribution import Distribution
from lambent.services.cloudwatch.record import Slot, slot

NOW = datetime(2026, 6, 1, 12, 34, 56, tzinfo=UTC).timestamp()
DAY = 86_400


def one(value: float = 1.0) -> Distribution:
    found = Distribution()
    found.add(value)
    return found


def test_samples_grow_coarse_with_age() -> None:
    assert [resolution_at(age) for age in (0, 3 * 3600, 3 * 3600 + 1, 15 * DAY, 16 * DAY, 64 * DAY)] == [
        *[1, 1, 60, 60, 300, 3600]
    ]
    assert resolution_at(456 * DAY) is None


def test_old_samples_are_not_given_in_short_periods() -> None:
    old = int(NOW - 20 * DAY) // 300 * 300
    stored = [(Slot(60, old, "None"), one())]
    assert gathered(stored, window(old, old + 3600, 60, NOW), NOW) == {}
    assert len(gathered(stored, window(old, old + 3600, 300, NOW), NOW)) == 1


def test_the_start_is_rounded_down_the_further_the_older_it_is() -> None:
    assert window(NOW, NOW + 60, 1, NOW).start_s == int(NOW)
    assert window(NOW, NOW + 60, 10, NOW).start_s % 10 == 0
    assert window(NOW, NOW + 60, 300, NOW).start_s == NOW - 56
    assert window(NOW - 20 * DAY, NOW, 60, NOW).start_s % 300 == 0
    assert window(NOW - 70 * DAY, NOW, 60, NOW).start_s % 3600 == 0


def test_datapoints_begin_where_the_window_does() -> None:
    start = int(NOW) // 60 * 60 - 600
    asked = window(start, start + 600, 300, NOW)
    stored = [(Slot(60, start + 60 * minute, "None"), one()) for minute in range(-1, 11)]
    found = gathered(stored, asked, NOW)
    assert {key: samples.samples for key, samples in found.items()} == {(start, "None"): 5, (start + 300, "None"): 5}


def test_units_are_kept_apart() -> None:
    start = int(NOW) // 60 * 60
    stored = [(Slot(60, start, "Count"), one()), (Slot(60, start, "Bytes"), one())]
    assert gathered(stored, window(start, start + 60, 60, NOW), NOW).keys() == {(start, "Count"), (start, "Bytes")}


@given(st.floats(-1e6, 1e6), st.floats(0, 1e7), st.sampled_from([1, 5, 10, 30, 60, 300, 3600]))
def test_a_window_counts_its_datapoints(start: float, length: float, period: int) -> None:
    asked = window(NOW + start, NOW + start + length, period, NOW)
    assert asked.start_s <= NOW + start
    assert len(asked.times()) == asked.count
    assert all(at < asked.end_s for at in asked.times()[-1:])
    assert asked.start_s + asked.count * period >= asked.end_s


@given(st.lists(st.integers(0, 460 * DAY), max_size=20), st.sampled_from([60, 300, 3600, DAY]))
def test_samples_are_read_the_same_before_and_after_they_are_rolled_up(ages: list[int], period: int) -> None:
    asked = window(NOW - 460 * DAY, NOW + 1, period, NOW)
    # Not within an hour of an age at which they are rolled up: whole slots are.
    starts = [int(NOW - age) // 60 * 60 for age in ages if all(abs(age - kept.age_s) > 3700 for kept in KEPT)]
    fine = [(Slot(60, start, "None"), one()) for start in starts]
    rolled = [(slot(start, "None", max(60, resolution_at(NOW - start) or 3600)), one()) for start in starts]
    before, after = gathered(fine, asked, NOW), gathered(rolled, asked, NOW)
    assert {key: found.samples for key, found in before.items()} == {key: found.samples for key, found in after.items()}
