from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambent.services.cloudwatch.distribution import Distribution
from lambent.services.cloudwatch.statistic import parse

VALUES = st.lists(st.integers(0, 50).map(float), min_size=1, max_size=60)


def of(name: str, *values: float) -> float | None:
    statistic = parse(name)
    assert statistic is not None
    found = Distribution()
    found.add_all(values)
    return statistic.of(found)


ONE_TO_TEN = [float(number) for number in range(1, 11)]


@pytest.mark.parametrize(
    "name",
    [
        *["", "sum", "P90", "p", "p101", "p-1", "p1.12345678901", "tm", "tm101", "TM90", "iqm", "IQM(1:2)", "p90 "],
        *["TM()", "TM(:)", "TM(%:)", "TM(:%)", "TM(10%:)%", "TM(10%:90)", "TM(90%:10%)", "TM(5:5)", "TM(10%:101%)"],
        *["PR(10%:90%)", "PR(:)", "XX(1:2)", "TM(1:2", "TM(1,2)", "p٣"],
    ],
)
def test_what_is_no_statistic_is_none(name: str) -> None:
    assert parse(name) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SampleCount", 10),
        ("Sum", 55),
        ("Average", 5.5),
        ("Minimum", 1),
        ("Maximum", 10),
        ("p0", 1),
        ("p10", 1),
        ("p50", 5),
        ("p90", 9),
        ("p99.9", 10),
        ("p100", 10),
        ("tm90", 5),
        ("TM(10%:90%)", 5.5),
        ("TM(:90%)", 5),
        ("TM(20%:)", 6.5),
        ("TM(2:5)", 4),
        ("TM(2:)", 6.5),
        ("IQM", 5.5),
        ("wm90", 5.4),
        ("WM(3:9)", 5.7),
        ("PR(:3)", 30),
        ("PR(3:5)", 20),
        ("PR(100:)", 0),
        ("tc90", 9),
        ("TC(2:5)", 3),
        ("ts90", 45),
        ("TS(2:5)", 12),
    ],
)
def test_statistics_of_one_to_ten(name: str, value: float) -> None:
    assert of(name, *ONE_TO_TEN) == pytest.approx(value)


def test_a_trimmed_mean_of_nothing_is_none() -> None:
    assert of("TM(100:200)", *ONE_TO_TEN) is None


def test_negative_values_have_no_percentiles() -> None:
    assert of("p50", -1, 2) is None
    assert of("Average", -1, 2) == 0.5


def test_samples_whose_values_are_unknown_have_no_percentiles() -> None:
    found = Distribution()
    found.add_set(10, 55, 1, 10)
    percentile, average = parse("p50"), parse("Average")
    assert percentile is not None
    assert average is not None
    assert percentile.of(found) is None
    assert average.of(found) == 5.5


@given(VALUES, st.floats(0, 100))
def test_a_percentile_is_a_sample_with_enough_samples_below(values: list[float], percent: float) -> None:
    found = of(f"p{percent:.5f}", *values)
    assert found is not None
    assert found in values
    assert sum(value <= found for value in values) >= percent / 100 * len(values) - 1e-3
    assert sum(value < found for value in values) <= percent / 100 * len(values) + 1e-3


@given(VALUES, st.integers(0, 49), st.integers(51, 100))
def test_trimming_takes_its_share(values: list[float], low: int, high: int) -> None:
    bounds = f"({low}%:{high}%)"
    count, total, mean = (of(kind + bounds, *values) for kind in ("TC", "TS", "TM"))
    assert count == pytest.approx((high - low) / 100 * len(values))
    assert total is not None
    assert mean is not None
    assert mean * (count or 0) == pytest.approx(total)
    assert min(values) - 1e-9 <= mean <= max(values) + 1e-9
