"""The queries of GetMetricData: what each asks for, checked, and the order in which expressions can be worked out.

May import statistic, expression, problems and refusals.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lambent.services.cloudwatch.evaluation import WORDS
from lambent.services.cloudwatch.expression import Array, Call, Chain, ExpressionError, Negative, names, parse
from lambent.services.cloudwatch.math_functions import MOST_POINTS, NOT_BUILT
from lambent.services.cloudwatch.problems import Problems
from lambent.services.cloudwatch.record import written_from
from lambent.services.cloudwatch.refusals import not_built, not_valid
from lambent.services.cloudwatch.statistic import parse as parse_statistic

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lambent.call import Call as ApiCall
    from lambent.call import Params
    from lambent.errors import AwsError
    from lambent.services.cloudwatch.expression import Node
    from lambent.services.cloudwatch.statistic import Statistic

_MOST_QUERIES = 500
_LONGEST = 2048
_ID = re.compile(r"[a-z][a-zA-Z0-9_]*", re.ASCII)
_INSIGHTS = re.compile(r"\s*SELECT\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class MetricQuery:
    """A metric is asked for."""

    id: str
    label: str
    returned: bool
    namespace: str
    name: str
    dimensions: str
    period_s: int
    statistic: Statistic
    unit: str | None


@dataclass(frozen=True, slots=True)
class MathQuery:
    """An expression is to be worked out."""

    id: str
    label: str
    returned: bool
    node: Node
    needs: frozenset[str]
    """Ids of queries that it names; METRICS may bring in others, which are metrics all."""
    period_s: int | None


Query = MetricQuery | MathQuery


def queries(call: ApiCall, params: Params) -> list[Query]:
    """The queries of a request, in its order. Raises AwsError ValidationError, NotImplementedException."""
    problems = Problems(not_valid)
    problems.times(params)
    asked: Sequence[Mapping[str, Any] | None] = params.get("MetricDataQueries") or []
    if not asked:
        problems.missing("MetricDataQueries")
    problems.size("MetricDataQueries", asked, _MOST_QUERIES)
    for index, query in enumerate(asked[:_MOST_QUERIES], 1):
        path = f"MetricDataQueries.member.{index}"
        if query is None:
            problems.missing(path)
        else:
            _check(problems, path, query)
    _check_rest(problems, params)
    problems.settle()
    present = [query for query in asked if query is not None]
    ids = [query["Id"] for query in present]
    if len(set(ids)) != len(ids):
        raise not_valid("The values for parameter id in MetricDataQueries are not unique.")
    for query in present:
        _refuse_what_is_not_built(call, query)
    return [_query(query, frozenset(ids)) for query in present]


def in_order(asked: Iterable[Query]) -> list[MathQuery]:
    """Expressions, each behind those that it needs. Raises AwsError ValidationError for those that go in a circle."""
    waiting = {query.id: query for query in asked if isinstance(query, MathQuery)}
    ordered: list[MathQuery] = []
    while waiting:
        ready = [query for query in waiting.values() if not query.needs & waiting.keys()]
        if not ready:
            raise in_expression(next(iter(waiting)), "Expressions depend on each other in a circle")
        for query in ready:
            del waiting[query.id]
        ordered += ready
    return ordered


def in_expression(query_id: str, why: str) -> AwsError:
    """The refusal of an expression that is not well-formed, or that cannot be worked out."""
    return not_valid(f"Error in expression '{query_id}': {why}")


def _query(query: Mapping[str, Any], ids: frozenset[str]) -> Query:
    returned = query.get("ReturnData") is not False
    known = query.get("MetricStat")
    if known is None:
        node = _parsed(query["Id"], query["Expression"])
        unknown = names(node) - ids - WORDS
        if unknown:
            raise in_expression(query["Id"], f"Unknown identifier '{min(unknown)}'")
        needs = frozenset(names(node) & ids)
        return MathQuery(query["Id"], query.get("Label") or query["Id"], returned, node, needs, query.get("Period"))
    metric = known["Metric"]
    statistic = parse_statistic(known["Stat"])
    if statistic is None:
        raise AssertionError("a statistic was not checked")
    return MetricQuery(
        id=query["Id"],
        label=query.get("Label") or metric["MetricName"],
        returned=returned,
        namespace=metric["Namespace"],
        name=metric["MetricName"],
        dimensions=written_from(metric.get("Dimensions")),
        period_s=known["Period"],
        statistic=statistic,
        unit=known.get("Unit"),
    )


def _parsed(query_id: str, text: str) -> Node:
    try:
        node = parse(text)
    except ExpressionError as problem:
        raise in_expression(query_id, str(problem)) from problem
    for function in _functions(node):
        if function in NOT_BUILT:
            raise not_built(f"the metric math function {function}")
    return node


def _functions(node: Node) -> set[str]:
    found: set[str] = set()
    waiting = [node]
    while waiting:
        match waiting.pop():
            case Call(function, arguments):
                found.add(function)
                waiting.extend(arguments)
            case Array(items):
                waiting.extend(items)
            case Negative(operand):
                waiting.append(operand)
            case Chain(first, rest):
                waiting.append(first)
                waiting.extend(operand for _, operand in rest)
            case _:
                pass
    return found


def _refuse_what_is_not_built(call: ApiCall, query: Mapping[str, Any]) -> None:
    if query.get("AccountId") not in {None, call.account}:
        raise not_built("metrics of other accounts in GetMetricData")
    if "${" in (query.get("Label") or ""):
        raise not_built("dynamic labels in GetMetricData")
    if _INSIGHTS.match(query.get("Expression") or ""):
        raise not_built("Metrics Insights queries in GetMetricData")


# --- checks


def _check(problems: Problems, path: str, query: Mapping[str, Any]) -> None:
    query_id = query.get("Id")
    problems.text(f"{path}.Id", query_id)
    if query_id and not _ID.fullmatch(query_id):
        problems.invalid(
            f"The value for parameter {path}.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$."
        )
    known, expression = query.get("MetricStat"), query.get("Expression")
    if known is not None and expression is not None:
        problems.both(f"{path}.Expression", f"{path}.MetricStat")
    elif known is None and not expression:
        problems.combined(f"At least one of the parameters {path}.Expression or {path}.MetricStat must be specified.")
    problems.text(f"{path}.Expression", expression, _LONGEST, required=False)
    if query.get("Period") is not None:
        problems.period(f"{path}.Period", query["Period"])
    if known is not None:
        if query.get("Period") is not None:
            problems.both(f"{path}.Period", f"{path}.MetricStat")
        _check_metric(problems, f"{path}.MetricStat", known)


def _check_metric(problems: Problems, path: str, known: Mapping[str, Any]) -> None:
    metric = known.get("Metric")
    if metric is None:
        problems.missing(f"{path}.Metric")
    else:
        problems.text(f"{path}.Metric.Namespace", metric.get("Namespace"))
        problems.text(f"{path}.Metric.MetricName", metric.get("MetricName"))
        problems.dimensions(f"{path}.Metric.Dimensions", metric.get("Dimensions"))
    problems.period(f"{path}.Period", known.get("Period"))
    problems.unit(f"{path}.Unit", known.get("Unit"))
    if not known.get("Stat"):
        problems.missing(f"{path}.Stat")
    elif parse_statistic(known["Stat"]) is None:
        problems.invalid(f"The value for parameter {path}.Stat is not a valid statistic.")


def _check_rest(problems: Problems, params: Params) -> None:
    if params.get("ScanBy") not in {None, "TimestampAscending", "TimestampDescending"}:
        problems.invalid("The parameter ScanBy must be a value in the set [TimestampDescending, TimestampAscending].")
    most = params.get("MaxDatapoints")
    if most is not None and not 0 < most <= MOST_POINTS:
        problems.invalid(f"The parameter MaxDatapoints must be between 1 and {MOST_POINTS}.")
