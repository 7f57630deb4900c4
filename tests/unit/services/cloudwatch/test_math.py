"""Metric math on values, without a store."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambent.services.cloudwatch.ages import Window
from lambent.services.cloudwatch.evaluation import evaluate
from lambent.services.cloudwatch.expression import ExpressionError, parse
from lambent.services.cloudwatch.math_functions import FUNCTIONS, Budget, Setting
from lambent.services.cloudwatch.series import Series, Value

M1 = Series("one", 60, {0: 1.0, 60: 2.0, 180: 4.0})
M2 = Series("two", 60, {0: 10.0, 120: 30.0, 180: 40.0})
EMPTY = Series("empty", 60, {})
KNOWN: dict[str, Value] = {"m1": M1, "m2": M2, "none": EMPTY, "n": 7.0}
METRICS = {"m1": M1, "m2": M2, "none": EMPTY}


def of(text: str, budget: int = 100_000) -> Value:
    return evaluate(parse(text), KNOWN, Setting(Window(0, 240, 60), METRICS, Budget(budget)))


def points(text: str) -> dict[int, float]:
    found = of(text)
    assert isinstance(found, Series)
    return dict(found.points)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("m9", "Unknown identifier 'm9'"),
        ("NOPE(m1)", "Unknown function 'NOPE'"),
        ("ABS()", "ABS takes another number"),
        ("ABS(m1, m2)", "ABS takes another number"),
        ("METRICS() + METRICS()", "two arrays"),
        ("[1, 2]", "holds time series only"),
        ("RATE(1)", "A time series is needed"),
        ("SUM(1)", "A time series or an array"),
        ("SUM([])", "empty"),
        ("FIRST([])", "empty"),
        ("'x'", "argument of METRICS"),
        ("METRICS(m1)", "text between quotes"),
        ("FILL(m1, AVG)", "FILL fills"),
        ("FILL(m1, 'x')", "FILL fills"),
        ("SORT([m1], 1, 2)", "SORT takes"),
        ("SLICE([m1], 0/0)", "A whole number"),
        ("TIME_SERIES(m1)", "A number is needed"),
        ("IF('x', m1)", "A number is needed"),
        ("ABS('x')", "needed"),
    ],
)
def test_what_cannot_be_worked_out_is_refused(text: str, why: str) -> None:
    with pytest.raises(ExpressionError, match=why):
        of(text)


def test_expressions_that_take_minutes_are_refused() -> None:
    with pytest.raises(ExpressionError, match="too many datapoints"):
        of("+".join(["m1"] * 500), budget=1000)
    with pytest.raises(ExpressionError, match="more than 100800"):
        evaluate(parse("TIME_SERIES(1)"), {}, Setting(Window(0, 1e9, 1), {}, Budget(100)))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3 - 4 / 2", 5),
        ("2 ^ 3 ^ 2", 512),
        ("-2 ^ 2", -4),
        ("n > 6 AND n < 8", 1),
        ("n == 6 || 0", 0),
        ("SUM(m1)", 7),
        ("AVG(m1)", 7 / 3),
        ("MIN(m1) + MAX(m2)", 41),
        ("STDDEV(m1)", math.sqrt(14 / 9)),
        ("DATAPOINT_COUNT(m1)", 3),
        ("METRIC_COUNT(METRICS())", 3),
        ("METRIC_COUNT(METRICS('m'))", 2),
        ("METRIC_COUNT(REMOVE_EMPTY(METRICS()))", 2),
        ("PERIOD(m1)", 60),
        ("LOG10(1000)", 3),
        ("CEIL(1.2) + FLOOR(1.8) + ABS(-1)", 4),
    ],
)
def test_numbers(text: str, value: float) -> None:
    assert of(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["1 / 0", "LOG(-1)", "(-8) ^ 0.5", "10 ^ 400", "AVG(none)"])
def test_what_is_no_number_is_none(text: str) -> None:
    found = of(text)
    assert isinstance(found, float)
    assert math.isnan(found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("m1 * 2", {0: 2, 60: 4, 180: 8}),
        ("2 - m1", {0: 1, 60: 0, 180: -2}),
        ("m1 + m2", {0: 11, 180: 44}),
        ("m2 / (m1 - 1)", {180: 40 / 3}),
        ("-m1", {0: -1, 60: -2, 180: -4}),
        ("m1 >= 2", {0: 0, 60: 1, 180: 1}),
        ("SUM([m1, m2])", {0: 11, 60: 2, 120: 30, 180: 44}),
        ("AVG([m1, m2])", {0: 5.5, 60: 2, 120: 30, 180: 22}),
        ("MAX(METRICS())", {0: 10, 60: 2, 120: 30, 180: 40}),
        ("DATAPOINT_COUNT(METRICS())", {0: 2, 60: 1, 120: 1, 180: 2}),
        ("DIFF(m1)", {60: 1, 180: 2}),
        ("DIFF_TIME(m1)", {60: 60, 180: 120}),
        ("RATE(m1)", {60: 1 / 60, 180: 2 / 120}),
        ("RUNNING_SUM(m1)", {0: 1, 60: 3, 180: 7}),
        ("FILL(m1, 0)", {0: 1, 60: 2, 120: 0, 180: 4}),
        ("FILL(m1, REPEAT)", {0: 1, 60: 2, 120: 2, 180: 4}),
        ("FILL(m1, LINEAR)", {0: 1, 60: 2, 120: 3, 180: 4}),
        ("FILL(m1, m2)", {0: 1, 60: 2, 120: 30, 180: 4}),
        ("FILL(none, REPEAT)", {}),
        ("FILL(none, LINEAR)", {}),
        ("TIME_SERIES(5)", {0: 5, 60: 5, 120: 5, 180: 5}),
        ("IF(m1 > 1, m1, 0)", {0: 0, 60: 2, 180: 4}),
        ("IF(m1 > 1, m1)", {60: 2, 180: 4}),
        ("IF(m1, m2)", {0: 10, 180: 40}),
        ("IF(n > 1, m1, m2)", {0: 1, 60: 2, 180: 4}),
        ("IF(n < 1, m1)", {}),
        ("MINUTE(m1)", {0: 0, 60: 1, 180: 3}),
        ("YEAR(m1)", {0: 1970, 60: 1970, 180: 1970}),
        ("DAY(m1)", {0: 4, 60: 4, 180: 4}),
        ("HOUR(m1) + MONTH(m1) + DATE(m1)", {0: 2, 60: 2, 180: 2}),
        ("EPOCH(m1)", {0: 0, 60: 60, 180: 180}),
        ("FIRST(METRICS())", {0: 1, 60: 2, 180: 4}),
        ("LAST([m1, m2])", {0: 10, 120: 30, 180: 40}),
        ("FIRST(SORT([m1, m2], SUM, DESC))", {0: 10, 120: 30, 180: 40}),
        ("FIRST(SORT([m2, m1], AVG, ASC, 1))", {0: 1, 60: 2, 180: 4}),
        ("FIRST(SLICE([m1, m2], 1, 2))", {0: 10, 120: 30, 180: 40}),
        ("SLICE([m1, m2], 1)", {0: 10, 120: 30, 180: 40}),
    ],
)
def test_series(text: str, expected: dict[int, float]) -> None:
    assert points(text) == pytest.approx(expected)


def test_a_function_of_an_array_is_one_of_each_of_its_series() -> None:
    found = of("RATE(METRICS('m')) * 60")
    assert isinstance(found, tuple)
    assert [one.label for one in found] == ["one", "two"]
    assert dict(found[0].points) == {60: 1.0, 180: 1.0}


NAMES = st.sampled_from(
    ["m1", "m2", "none", "n", "0", "1e300", "METRICS()", "[m1]", "'m'", "REPEAT", "LINEAR", "SUM", "ASC"]
)


@given(st.sampled_from(sorted(FUNCTIONS)), st.lists(NAMES, max_size=4), st.sampled_from("+-*/^"), NAMES)
def test_whatever_is_given_to_a_function_it_answers_or_refuses(
    function: str, arguments: list[str], sign: str, other: str
) -> None:
    try:
        found = of(f"{function}({','.join(arguments)}) {sign} {other}")
    except ExpressionError:
        return
    for one in found if isinstance(found, tuple) else (found,):
        if isinstance(one, Series):
            assert all(math.isfinite(value) for value in one.points.values())
            assert list(one.points) == sorted(one.points)
