"""GetMetricData."""

from __future__ import annotations

import asyncio
import base64
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from lambent.services.cloudwatch.ages import window
from lambent.services.cloudwatch.evaluation import evaluate
from lambent.services.cloudwatch.expression import ExpressionError
from lambent.services.cloudwatch.math_functions import MOST_POINTS, Budget, Setting
from lambent.services.cloudwatch.queries import MathQuery, MetricQuery, in_expression, in_order, queries
from lambent.services.cloudwatch.read import samples
from lambent.services.cloudwatch.record import Metric
from lambent.services.cloudwatch.refusals import invalid_token
from lambent.services.cloudwatch.series import Series

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lambent.call import Call, Output, Params
    from lambent.services.cloudwatch.context import CloudWatch
    from lambent.services.cloudwatch.queries import Query
    from lambent.services.cloudwatch.series import Value

_TOKEN = re.compile(rb"[0-9]{1,12}")
_DEFAULT_PERIOD_S = 60
_MOST_WORK = 5_000_000
"""Datapoints that the expressions of a request are worked out from and to: some seconds."""


class _Result(NamedTuple):
    """One series of the answer."""

    id: str
    label: str
    points: list[tuple[int, float]]
    """In the order that was asked for."""


async def get_metric_data(service: CloudWatch, call: Call, params: Params) -> Output:
    """Series of metrics and of expressions, at most MaxDatapoints datapoints a page."""
    asked = queries(call, params)
    ordered = in_order(asked)
    skip = _skip(params.get("NextToken"))
    await service.buffer.run_once()
    start_s, end_s, now_s = params["StartTime"].timestamp(), params["EndTime"].timestamp(), service.clock.time()
    known: dict[str, Value] = {}
    metrics: dict[str, Series] = {}
    for query in asked:
        if isinstance(query, MetricQuery):
            known[query.id] = metrics[query.id] = await _metric(service, call, query, (start_s, end_s, now_s))
    if ordered:
        await asyncio.to_thread(_work_out, ordered, known, metrics, (start_s, end_s, now_s))
    ascending = params.get("ScanBy") == "TimestampAscending"
    results = [result for query in asked if query.returned for result in _results(query, known[query.id], ascending)]
    return _page(results, skip, params.get("MaxDatapoints") or MOST_POINTS)


async def _metric(service: CloudWatch, call: Call, query: MetricQuery, times: tuple[float, float, float]) -> Series:
    start_s, end_s, now_s = times
    asked = window(start_s, end_s, query.period_s, now_s)
    metric = Metric(call.account, call.region, query.namespace, query.name, query.dimensions)
    found = await samples(service, metric, asked, query.unit, values=query.statistic.needs_values)
    points: dict[int, float] = {}
    for (at, _), one in sorted(found.items()):
        # Of units that one metric was put with, the first is taken: a series has one value at a time.
        value = query.statistic.of(one)
        if value is not None:
            points.setdefault(at, value)
    return Series(query.label, query.period_s, points)


def _period(query: MathQuery, known: dict[str, Value], metrics: dict[str, Series]) -> int:
    """The period of an expression that has none of its own: the longest of what it needs, or of all metrics."""
    used: list[Series] = []
    for name in query.needs:
        value = known[name]
        used.extend(value if isinstance(value, tuple) else [value] if isinstance(value, Series) else [])
    return max((one.period_s for one in used or metrics.values()), default=_DEFAULT_PERIOD_S)


def _work_out(
    ordered: Sequence[MathQuery],
    known: dict[str, Value],
    metrics: dict[str, Series],
    times: tuple[float, float, float],
) -> None:
    """Add the values of expressions, in their order. Raises AwsError ValidationError."""
    start_s, end_s, now_s = times
    budget = Budget(_MOST_WORK)
    for query in ordered:
        asked = window(start_s, end_s, query.period_s or _period(query, known, metrics), now_s)
        try:
            value = evaluate(query.node, known, Setting(asked, metrics, budget))
        except ExpressionError as problem:
            raise in_expression(query.id, str(problem)) from problem
        if query.returned and not isinstance(value, Series | tuple):
            raise in_expression(query.id, "What is returned must be a time series, and this is a number")
        known[query.id] = value


def _results(query: Query, value: Value, ascending: bool) -> list[_Result]:
    several = isinstance(value, tuple)
    found = value if isinstance(value, tuple) else (value,)
    results = []
    for one in found:
        if isinstance(one, Series):
            label = f"{query.label} {one.label}".rstrip() if several else query.label
            results.append(_Result(query.id, label, sorted(one.points.items(), reverse=not ascending)))
    return results


def _page(results: Sequence[_Result], skip: int, most: int) -> Output:
    """So many datapoints behind those of earlier pages. The first page has every series, if only with its name."""
    shown: list[dict[str, Any]] = []
    seen, left = 0, most
    for result in results:
        begin = max(0, skip - seen)
        seen += len(result.points)
        points = result.points[begin : begin + left]
        left -= len(points)
        if points or not skip:
            complete = begin + len(points) >= len(result.points)
            shown.append(_view(result, points, complete=complete))
    output: dict[str, Any] = {"MetricDataResults": shown, "Messages": []}
    if skip + most < seen:
        output["NextToken"] = base64.b64encode(str(skip + most).encode()).decode()
    return output


def _view(result: _Result, points: Sequence[tuple[int, float]], *, complete: bool) -> dict[str, Any]:
    return {
        "Id": result.id,
        "Label": result.label,
        "Timestamps": [datetime.fromtimestamp(at, UTC) for at, _ in points],
        "Values": [value for _, value in points],
        "StatusCode": "Complete" if complete else "PartialData",
    }


def _skip(token: str | None) -> int:
    if not token:
        return 0
    try:
        found = base64.b64decode(token, validate=True)
    except ValueError:
        raise invalid_token() from None
    if not _TOKEN.fullmatch(found):
        raise invalid_token()
    return int(found)
