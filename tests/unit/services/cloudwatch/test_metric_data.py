"""GetMetricData."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from unit.services.cloudwatch.world import World, metric

AT = "MetricDataQueries.member.1"


async def refusal(world: World, *queries: dict[str, Any], **params: Any) -> tuple[str, str]:
    asked: dict[str, Any] = {
        "StartTime": world.ago(hours=1),
        "EndTime": world.clock.now(),
        "MetricDataQueries": list(queries),
    }
    given = {name: value for name, value in {**asked, **params}.items() if value is not None}
    return await world.refused("GetMetricData", **given)


def math(expression: str, query_id: str = "e1", **more: Any) -> dict[str, Any]:
    return {"Id": query_id, "Expression": expression, **more}


# --- what is refused


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            metric("A", "M1"),
            f"The value for parameter {AT}.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.",
        ),
        (metric("A", "m1", "p999"), f"The value for parameter {AT}.MetricStat.Stat is not a valid statistic."),
        (
            metric("A", "m1", Expression="m2"),
            f"The parameters {AT}.Expression and {AT}.MetricStat are mutually exclusive and you have specified both.",
        ),
        (
            metric("A", "m1", Period=60),
            f"The parameters {AT}.Period and {AT}.MetricStat are mutually exclusive and you have specified both.",
        ),
        (
            {"Id": "m1"},
            f"At least one of the parameters {AT}.Expression or {AT}.MetricStat must be specified.",
        ),
        (
            {"Id": "m1", "MetricStat": {"Stat": "Sum", "Period": 7}},
            f"The parameter {AT}.MetricStat.Metric is required.",
        ),
        (
            metric("A", "m1", period=7),
            f"The parameter {AT}.MetricStat.Period must be 1, 5, 10, 20, 30 or a multiple of 60.",
        ),
        (math("m1 +"), "Error in expression 'e1': Unexpected end of the expression"),
        (math("m1 + 1"), "Error in expression 'e1': Unknown identifier 'm1'"),
        (math("e1 + 1"), "Error in expression 'e1': Expressions depend on each other in a circle"),
        (math("1 + 1"), "Error in expression 'e1': What is returned must be a time series, and this is a number"),
        (math("FOO(1)"), "Error in expression 'e1': Unknown function 'FOO'"),
    ],
)
async def test_queries_that_will_not_do(world: World, query: dict[str, Any], message: str) -> None:
    assert await refusal(world, query) == ("ValidationError", message)


@pytest.mark.parametrize(
    ("query", "what"),
    [
        (math("SEARCH('{AWS/Lambda}', 'Sum')"), "the metric math function SEARCH"),
        (math("1 + ANOMALY_DETECTION_BAND(m1, 2)"), "the metric math function ANOMALY_DETECTION_BAND"),
        (math("SELECT AVG(x) FROM y"), "Metrics Insights queries in GetMetricData"),
        (metric("A", "m1", Label="${MAX}"), "dynamic labels in GetMetricData"),
        (metric("A", "m1", AccountId="999999999999"), "metrics of other accounts in GetMetricData"),
    ],
)
async def test_what_is_not_built_is_refused_by_name(world: World, query: dict[str, Any], what: str) -> None:
    assert await refusal(world, query, metric("B", "other")) == (
        "NotImplementedException",
        f"Lambent does not implement {what}",
    )


async def test_ids_are_unique(world: World) -> None:
    assert await refusal(world, metric("A", "m1"), metric("B", "m1")) == (
        "ValidationError",
        "The values for parameter id in MetricDataQueries are not unique.",
    )


async def test_expressions_that_need_each_other_are_refused(world: World) -> None:
    assert await refusal(world, math("e2", "e1"), math("e1", "e2")) == (
        "ValidationError",
        "Error in expression 'e1': Expressions depend on each other in a circle",
    )


async def test_a_token_that_was_never_given_is_refused(world: World) -> None:
    for token in ("x", "eHh4", "LTE="):
        assert (await refusal(world, metric("A", "m1"), NextToken=token))[0] == "InvalidNextToken"


async def test_times_and_limits_are_checked(world: World) -> None:
    query = metric("A", "m1")
    assert await refusal(world) == ("ValidationError", "The parameter MetricDataQueries is required.")
    assert await refusal(world, query, StartTime=None) == ("ValidationError", "The parameter StartTime is required.")
    assert await refusal(world, query, EndTime=world.ago(hours=2)) == (
        "ValidationError",
        "The parameter EndTime must be greater than StartTime.",
    )
    assert (await refusal(world, query, MaxDatapoints=100_801))[0] == "ValidationError"
    assert (await refusal(world, query, ScanBy="Sideways"))[0] == "ValidationError"
    assert await refusal(world, *[metric("A", f"m{number}") for number in range(501)]) == (
        "ValidationError",
        "The collection MetricDataQueries must not have a size greater than 500.",
    )


# --- what is answered


async def put_three(world: World) -> None:
    for minutes in range(3):
        await world.put(
            {"MetricName": "Errors", "Value": 1.0, "Timestamp": world.ago(minutes=minutes)},
            {"MetricName": "Invocations", "Value": 2.0 ** (minutes + 1), "Timestamp": world.ago(minutes=minutes)},
        )


async def test_metrics_and_expressions(world: World) -> None:
    await put_three(world)
    errors, rate = await world.data(
        metric("Errors", "m1"), metric("Invocations", "m2", ReturnData=False), math("m1 / m2 * 100", Label="rate")
    )
    assert (errors["Id"], errors["Label"], errors["Values"], errors["StatusCode"]) == (
        "m1",
        "Errors",
        [1, 1, 1],
        "Complete",
    )
    assert (rate["Id"], rate["Label"], rate["Values"]) == ("e1", "rate", [12.5, 25, 50])
    assert rate["Timestamps"] == [world.ago(minutes=minutes) for minutes in (2, 1, 0)]


async def test_the_newest_comes_first_unless_asked_otherwise(world: World) -> None:
    await put_three(world)
    (found,) = await world.data(metric("Invocations", "m1"), ScanBy="TimestampDescending")
    assert found["Values"] == [2.0, 4.0, 8.0]
    (found,) = await world.data(metric("Invocations", "m1"), ScanBy="TimestampAscending")
    assert found["Values"] == [8.0, 4.0, 2.0]


async def test_expressions_may_need_later_ones_in_long_rows(world: World) -> None:
    await put_three(world)
    rows = [math(f"e{number + 1} + 1", f"e{number}", ReturnData=not number) for number in range(400)]
    (found,) = await world.data(*rows, metric("Errors", "e400", ReturnData=False))
    assert found["Values"] == [401.0] * 3


async def test_a_metric_without_samples_is_an_empty_series(world: World) -> None:
    (found,) = await world.data(metric("None", "m1"))
    assert (found["Timestamps"], found["Values"], found["StatusCode"]) == ([], [], "Complete")


async def test_an_array_is_several_series_of_one_id(world: World) -> None:
    await put_three(world)
    found = await world.data(
        metric("Errors", "m1", ReturnData=False), metric("Invocations", "m2", ReturnData=False), math("METRICS() * 2")
    )
    assert [(one["Id"], one["Label"], one["Values"]) for one in found] == [
        ("e1", "e1 Errors", [2.0, 2.0, 2.0]),
        ("e1", "e1 Invocations", [16.0, 8.0, 4.0]),
    ]


async def test_the_period_of_an_expression_is_its_own_or_the_longest_that_it_needs(world: World) -> None:
    await put_three(world)
    span = {"StartTime": world.ago(minutes=9), "EndTime": world.ago(minutes=-1)}
    metrics = (metric("Errors", "m1", ReturnData=False), metric("Errors", "m2", period=300, ReturnData=False))
    (found,) = await world.data(*metrics, math("PERIOD(m2) + 0 * FILL(m2, 0)"), **span)
    assert found["Values"] == [300.0, 300.0]
    (found,) = await world.data(*metrics, math("TIME_SERIES(1)", Period=120), **span)
    assert len(found["Values"]) == 5


async def test_pages_hold_so_many_datapoints_and_miss_none(world: World) -> None:
    await put_three(world)
    asked: dict[str, Any] = {
        "StartTime": world.ago(hours=1),
        "EndTime": world.clock.now() + timedelta(minutes=1),
        "MetricDataQueries": [metric("Errors", "m1"), metric("Invocations", "m2"), metric("None", "m3")],
        "MaxDatapoints": 2,
    }
    pages = []
    while True:
        page = await world.call("GetMetricData", **asked)
        pages.append({one["Id"]: (one["Values"], one["StatusCode"]) for one in page["MetricDataResults"]})
        if "NextToken" not in page:
            break
        asked["NextToken"] = page["NextToken"]
    assert pages == [
        {"m1": ([1.0, 1.0], "PartialData"), "m2": ([], "PartialData"), "m3": ([], "Complete")},
        {"m1": ([1.0], "Complete"), "m2": ([2.0], "PartialData")},
        {"m2": ([4.0, 8.0], "Complete")},
    ]


async def test_percentiles_and_units(world: World) -> None:
    await world.put({"Values": [1.0, 2.0, 3.0, 4.0], "Unit": "Seconds"}, {"Value": 9.0, "Unit": "Bytes"})
    query = metric("Latency", "m1", "p75")
    query["MetricStat"]["Unit"] = "Seconds"
    (found,) = await world.data(query)
    assert found["Values"] == [3.0]
