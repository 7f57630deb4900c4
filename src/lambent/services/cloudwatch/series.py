"""The values of metric math: numbers, time series, arrays of time series, and what operators make of them. Pure.

A number that there is none of, such as one divided by zero, is NaN; a series then has no datapoint. From CloudWatch's
user guide, "Metric math syntax and functions". May import expression.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from lambent.services.cloudwatch.expression import ExpressionError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Binary = Callable[[float, float], float]


@dataclass(frozen=True, slots=True)
class Series:
    """A time series."""

    label: str
    period_s: int
    points: Mapping[int, float]
    """Epoch seconds to values, from old to new."""


Value = float | Series | tuple[Series, ...]


def series(like: Series, points: Mapping[int, float]) -> Series:
    """A series with other datapoints; those that are no numbers are left out."""
    return replace(like, points={at: value for at, value in points.items() if math.isfinite(value)})


def mapped(value: Value, function: Callable[[float], float]) -> Value:
    """Each number made to another."""
    if isinstance(value, tuple):
        return tuple(_mapped(one, function) for one in value)
    return _mapped(value, function) if isinstance(value, Series) else guarded(function, value)


def combined(left: Value, right: Value, function: Binary) -> Value:
    """Two values made to one: series at the times that both have, arrays one by one."""
    if isinstance(left, tuple):
        if isinstance(right, tuple):
            raise ExpressionError("An operator cannot be applied to two arrays of time series")
        return tuple(_of_series(one, right, function) for one in left)
    if isinstance(right, tuple):
        return tuple(_of_series(one, left, lambda x, y: function(y, x)) for one in right)
    if isinstance(left, Series):
        return _of_series(left, right, function)
    if isinstance(right, Series):
        return _of_series(right, left, lambda x, y: function(y, x))
    return guarded(function, left, right)


def guarded(function: Callable[..., float], *arguments: Any) -> float:
    """What a function makes of numbers, NaN where it makes nothing of them."""
    try:
        found = function(*arguments)
    except (ArithmeticError, ValueError):
        return math.nan
    # A root of a negative number is complex.
    return float(found) if isinstance(found, int | float) else math.nan


def _mapped(one: Series, function: Callable[[float], float]) -> Series:
    return series(one, {at: guarded(function, value) for at, value in one.points.items()})


def _of_series(one: Series, other: float | Series, function: Binary) -> Series:
    if isinstance(other, Series):
        both = {at: (value, other.points[at]) for at, value in one.points.items() if at in other.points}
        return series(one, {at: guarded(function, *pair) for at, pair in both.items()})
    return series(one, {at: guarded(function, value, other) for at, value in one.points.items()})


def truth(holds: Callable[[float, float], bool]) -> Binary:
    """A comparison as numbers: 1 where it holds, 0 where it does not."""
    return lambda left, right: 1.0 if holds(left, right) else 0.0
