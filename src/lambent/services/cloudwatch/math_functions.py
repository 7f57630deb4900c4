"""The functions of metric math. Pure.

From CloudWatch's user guide, "Functions supported for metric math". What is not in FUNCTIONS and is one of AWS's is in
NOT_BUILT. May import series and expression.
"""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from lambent.services.cloudwatch.expression import ExpressionError
from lambent.services.cloudwatch.series import Series, Value, guarded, mapped, series

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from lambent.services.cloudwatch.ages import Window

    Argument = Value | str
    Function = Callable[["Setting", Sequence[Argument]], Value]

NOT_BUILT = frozenset("ANOMALY_DETECTION_BAND DB_PERF_INSIGHTS INSIGHT_RULE_METRIC LAMBDA SEARCH SERVICE_QUOTA".split())
MOST_POINTS = 100_800
"""Of one series, and of one page of an answer."""


class Budget:
    """Guards against expressions that would be worked on for minutes."""

    def __init__(self, points: int) -> None:
        self._left = points

    def spend(self, value: Value) -> None:
        """A value was worked out. Raises ExpressionError when it is too much."""
        found = value if isinstance(value, tuple) else (value,)
        self._left -= sum(1 + len(one.points) if isinstance(one, Series) else 1 for one in found)
        if self._left < 0:
            raise ExpressionError("There are too many datapoints to work out: choose a longer period or a shorter time")


@dataclass(frozen=True, slots=True)
class Setting:
    """What functions know beside their arguments."""

    window: Window
    """With the period of the expression."""
    metrics: Mapping[str, Series]
    """The metrics of the request, expressions not included, by id."""
    budget: Budget


# --- arguments


def _number(value: Argument) -> float:
    if isinstance(value, int | float):
        return float(value)
    raise ExpressionError("A number is needed")


def _index(value: Argument) -> int:
    number = _number(value)
    if not math.isfinite(number):
        raise ExpressionError("A whole number is needed")
    return int(number)


def _series(value: Argument) -> Series:
    if isinstance(value, Series):
        return value
    raise ExpressionError("A time series is needed")


def _array(value: Argument) -> tuple[Series, ...]:
    if isinstance(value, tuple):
        return value
    if isinstance(value, Series):
        return (value,)
    raise ExpressionError("An array of time series is needed")


def _each(value: Argument, function: Callable[[Series], Series]) -> Value:
    """A function of one series, of each of an array."""
    return tuple(function(one) for one in value) if isinstance(value, tuple) else function(_series(value))


# --- numbers of many numbers


def _aggregate(function: Callable[[Sequence[float]], float]) -> Function:
    """Of a series one number; of an array a series, at each time of the series that have a datapoint there."""

    def apply(_setting: Setting, arguments: Sequence[Argument]) -> Value:
        value = arguments[0]
        if isinstance(value, Series):
            return guarded(function, list(value.points.values())) if value.points else math.nan
        if isinstance(value, tuple):
            return _across(value, function)
        raise ExpressionError("A time series or an array of them is needed")

    return apply


def _across(array: Sequence[Series], function: Callable[[Sequence[float]], float]) -> Series:
    if not array:
        raise ExpressionError("The array of time series is empty")
    columns: dict[int, list[float]] = {}
    for one in array:
        for at, value in one.points.items():
            columns.setdefault(at, []).append(value)
    return series(array[0], {at: guarded(function, columns[at]) for at in sorted(columns)})


def _pointwise(function: Callable[[float], float]) -> Function:
    def apply(_setting: Setting, arguments: Sequence[Argument]) -> Value:
        value = arguments[0]
        if isinstance(value, str):
            raise ExpressionError("A number or a time series is needed")
        return mapped(value, function)

    return apply


def _metric_count(_setting: Setting, arguments: Sequence[Argument]) -> Value:
    return float(len(_array(arguments[0])))


# --- a series made of a series


def _between(function: Callable[[float, float], float]) -> Function:
    """Of what changed from one datapoint to the next: value and seconds; the first has none before it."""

    def one(found: Series) -> Series:
        points = pairwise(found.points.items())
        return series(found, {at: function(value - before, at - then) for (then, before), (at, value) in points})

    return lambda _setting, arguments: _each(arguments[0], one)


def _running_sum(_setting: Setting, arguments: Sequence[Argument]) -> Value:
    def one(found: Series) -> Series:
        return series(found, dict(zip(found.points, accumulate(found.points.values()), strict=True)))

    return _each(arguments[0], one)


def _of_time(function: Callable[[datetime], float]) -> Function:
    def one(found: Series) -> Series:
        return series(found, {at: function(datetime.fromtimestamp(at, UTC)) for at in found.points})

    return lambda _setting, arguments: _each(arguments[0], one)


def _period(_setting: Setting, arguments: Sequence[Argument]) -> Value:
    return float(_series(arguments[0]).period_s)


def _time_series(setting: Setting, arguments: Sequence[Argument]) -> Value:
    empty = Series("", setting.window.period_s, {})
    return series(empty, dict.fromkeys(_times(setting, empty), _number(arguments[0])))


def _fill(setting: Setting, arguments: Sequence[Argument]) -> Value:
    value, filler = arguments
    if isinstance(filler, str) and filler not in {"REPEAT", "LINEAR"}:
        raise ExpressionError("FILL fills with a number, a time series, REPEAT or LINEAR")
    return _each(value, lambda one: _filled(one, filler, setting))


def _filled(found: Series, filler: Argument, setting: Setting) -> Series:
    missing = [at for at in _times(setting, found) if at not in found.points]
    if filler == "REPEAT":
        more = _repeated(found.points, missing)
    elif filler == "LINEAR":
        more = _on_lines(found.points, missing)
    elif isinstance(filler, Series):
        more = {at: filler.points[at] for at in missing if at in filler.points}
    else:
        more = dict.fromkeys(missing, _number(filler))
    return series(found, dict(sorted({**more, **found.points}.items())))


def _times(setting: Setting, found: Series) -> range:
    """Where a series has datapoints if it has all of them."""
    asked = replace(setting.window, period_s=found.period_s)
    if asked.count > MOST_POINTS:
        raise ExpressionError(f"There would be more than {MOST_POINTS} datapoints: choose a longer period")
    return asked.times()


def _repeated(points: Mapping[int, float], missing: Iterable[int]) -> dict[int, float]:
    """The value before; nothing where there is none yet."""
    found: dict[int, float] = {}
    last: float | None = None
    for at in sorted({*points, *missing}):
        last = points.get(at, last)
        if last is not None:
            found[at] = last
    return found


def _on_lines(points: Mapping[int, float], missing: Sequence[int]) -> dict[int, float]:
    """On the line between the datapoints around it; the nearest one's value at the ends."""
    known, found, index = list(points.items()), dict[int, float](), 0
    if not known:
        return found
    for at in missing:
        while index < len(known) and known[index][0] < at:
            index += 1
        if index in {0, len(known)}:
            found[at] = known[min(index, len(known) - 1)][1]
            continue
        (before, low), (after, high) = known[index - 1], known[index]
        found[at] = low + (high - low) * (at - before) / (after - before)
    return found


def _if(_setting: Setting, arguments: Sequence[Argument]) -> Value:
    condition, yes = arguments[0], _plain(arguments[1])
    no = _plain(arguments[2]) if len(arguments) > 2 else math.nan
    if not isinstance(condition, Series):
        chosen = yes if _number(condition) else no
        if isinstance(yes, Series) and len(arguments) == 2 and chosen is not yes:
            # Nothing is chosen: no datapoints, where there might have been some.
            return replace(yes, points={})
        return chosen
    chosen_points = {at: _at(yes if value else no, at) for at, value in condition.points.items()}
    return series(condition, chosen_points)


def _plain(value: Argument) -> float | Series:
    return value if isinstance(value, Series) else _number(value)


def _at(value: float | Series, at: int) -> float:
    return value.points.get(at, math.nan) if isinstance(value, Series) else value


# --- arrays


def _metrics(setting: Setting, arguments: Sequence[Argument]) -> Value:
    part = arguments[0] if arguments else ""
    if not isinstance(part, str):
        raise ExpressionError("METRICS takes a text between quotes")
    return tuple(found for name, found in setting.metrics.items() if part in name)


def _nth(index: int) -> Function:
    def apply(_setting: Setting, arguments: Sequence[Argument]) -> Value:
        array = _array(arguments[0])
        if not array:
            raise ExpressionError("The array of time series is empty")
        return array[index]

    return apply


def _remove_empty(_setting: Setting, arguments: Sequence[Argument]) -> Value:
    return tuple(one for one in _array(arguments[0]) if one.points)


def _slice(_setting: Setting, arguments: Sequence[Argument]) -> Value:
    array, start = _array(arguments[0]), _index(arguments[1])
    if len(arguments) == 2:
        return array[start] if -len(array) <= start < len(array) else ()
    return array[start : _index(arguments[2])]


_ORDERS: dict[str, Callable[[Sequence[float]], float]] = {
    "AVG": statistics.fmean,
    "MIN": min,
    "MAX": max,
    "SUM": math.fsum,
}


def _sort(_setting: Setting, arguments: Sequence[Argument]) -> Value:
    array, by, order = _array(arguments[0]), arguments[1], arguments[2]
    if not isinstance(by, str) or by not in _ORDERS or order not in {"ASC", "DESC"}:
        raise ExpressionError("SORT takes AVG, MIN, MAX or SUM, and ASC or DESC")
    function = _ORDERS[by]
    with_points = sorted(
        (one for one in array if one.points),
        key=lambda one: guarded(function, list(one.points.values())),
        reverse=order == "DESC",
    )
    ordered = (*with_points, *(one for one in array if not one.points))
    return ordered[: _index(arguments[3])] if len(arguments) == 4 else ordered


# --- the table


@dataclass(frozen=True, slots=True)
class Entry:
    """A function and how many arguments it takes."""

    apply: Function
    least: int = 1
    most: int = 1


FUNCTIONS: dict[str, Entry] = {
    "ABS": Entry(_pointwise(abs)),
    "AVG": Entry(_aggregate(statistics.fmean)),
    "CEIL": Entry(_pointwise(math.ceil)),
    "DATAPOINT_COUNT": Entry(_aggregate(lambda values: float(len(values)))),
    "DATE": Entry(_of_time(lambda at: at.day)),
    "DAY": Entry(_of_time(lambda at: at.isoweekday())),
    "DIFF": Entry(_between(lambda change, _seconds: change)),
    "DIFF_TIME": Entry(_between(lambda _change, seconds: seconds)),
    "EPOCH": Entry(_of_time(lambda at: at.timestamp())),
    "FILL": Entry(_fill, 2, 2),
    "FIRST": Entry(_nth(0)),
    "FLOOR": Entry(_pointwise(math.floor)),
    "HOUR": Entry(_of_time(lambda at: at.hour)),
    "IF": Entry(_if, 2, 3),
    "LAST": Entry(_nth(-1)),
    "LOG": Entry(_pointwise(math.log)),
    "LOG10": Entry(_pointwise(math.log10)),
    "MAX": Entry(_aggregate(max)),
    "METRICS": Entry(_metrics, 0, 1),
    "METRIC_COUNT": Entry(_metric_count),
    "MIN": Entry(_aggregate(min)),
    "MINUTE": Entry(_of_time(lambda at: at.minute)),
    "MONTH": Entry(_of_time(lambda at: at.month)),
    "PERIOD": Entry(_period),
    "RATE": Entry(_between(lambda change, seconds: change / seconds)),
    "REMOVE_EMPTY": Entry(_remove_empty),
    "RUNNING_SUM": Entry(_running_sum),
    "SLICE": Entry(_slice, 2, 3),
    "SORT": Entry(_sort, 3, 4),
    "STDDEV": Entry(_aggregate(statistics.pstdev)),
    "SUM": Entry(_aggregate(math.fsum)),
    "TIME_SERIES": Entry(_time_series),
    "YEAR": Entry(_of_time(lambda at: at.year)),
}
