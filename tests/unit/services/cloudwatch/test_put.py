from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from unit.services.cloudwatch.world import World, dimensions

OK: dict[str, Any] = {"MetricName": "Latency", "Value": 1.0}
AT = "MetricData.member.1"


async def refusal(world: World, namespace: str | None = "App", **datum: Any) -> tuple[str, str]:
    what = {name: value for name, value in {**OK, **datum}.items() if value is not None}
    params: dict[str, Any] = {"MetricData": [what]}
    if namespace is not None:
        params["Namespace"] = namespace
    return await world.refused("PutMetricData", **params)


# --- what is refused


@pytest.mark.parametrize(
    ("datum", "code", "message"),
    [
        ({"namespace": None}, "MissingParameter", "The parameter Namespace is required."),
        ({"namespace": "AWS/Lambda"}, "InvalidParameterValue", "The value AWS/ for parameter Namespace is invalid."),
        ({"namespace": ":x"}, "InvalidParameterValue", "The value :x for parameter Namespace is invalid."),
        (
            {"namespace": "n" * 256},
            "InvalidParameterValue",
            "The parameter Namespace must be shorter than 256 characters.",
        ),
        ({"MetricName": None}, "MissingParameter", f"The parameter {AT}.MetricName is required."),
        (
            {"Value": None},
            "InvalidParameterCombination",
            f"At least one of the parameters {AT}.Value or {AT}.StatisticValues must be specified.",
        ),
        (
            {"Values": [1.0]},
            "InvalidParameterCombination",
            f"The parameters {AT}.Value and {AT}.Values are mutually exclusive and you have specified both.",
        ),
        (
            {"StatisticValues": {"SampleCount": 1.0, "Sum": 1.0, "Minimum": 1.0, "Maximum": 1.0}},
            "InvalidParameterCombination",
            f"The parameters {AT}.Value and {AT}.StatisticValues are mutually exclusive and you have specified both.",
        ),
        ({"Value": float("nan")}, "InvalidParameterValue", f"The value NaN for parameter {AT}.Value is invalid."),
        ({"Value": float("inf")}, "InvalidParameterValue", f"The value inf for parameter {AT}.Value is invalid."),
        ({"Value": 2.0**361}, "InvalidParameterValue", f"The value {2.0**361!r} for parameter {AT}.Value is invalid."),
        (
            {"Value": None, "Values": [1.0, 2.0], "Counts": [1.0]},
            "InvalidParameterValue",
            f"The parameters {AT}.Values and {AT}.Counts must be of the same size.",
        ),
        (
            {"Value": None, "Values": [1.0], "Counts": [0.0]},
            "InvalidParameterValue",
            f"The parameter {AT}.Counts.member.1 must be greater than 0.",
        ),
        (
            {"Value": None, "Values": [1.0] * 151},
            "InvalidParameterValue",
            f"The collection {AT}.Values must not have a size greater than 150.",
        ),
        (
            {"Value": None, "StatisticValues": {"SampleCount": 1.0, "Sum": 1.0}},
            "MissingParameter",
            (
                f"The parameter {AT}.StatisticValues.Minimum is required.\n"
                f"The parameter {AT}.StatisticValues.Maximum is required."
            ),
        ),
        (
            {"StorageResolution": 30},
            "InvalidParameterValue",
            f"The parameter {AT}.StorageResolution must be a value in the set [1, 60].",
        ),
        (
            {"Dimensions": dimensions(a="1") * 2},
            "InvalidParameterValue",
            "No Metric may specify the same dimension twice.",
        ),
        (
            {"Dimensions": [{"Name": "a"}]},
            "MissingParameter",
            f"The parameter {AT}.Dimensions.member.1.Value is required.",
        ),
        (
            {"Dimensions": dimensions(**{f"d{index}": "1" for index in range(31)})},
            "InvalidParameterValue",
            f"The collection {AT}.Dimensions must not have a size greater than 30.",
        ),
        (
            {"Dimensions": [{"Name": ":a", "Value": "b"}]},
            "InvalidParameterValue",
            f"The value :a for parameter {AT}.Dimensions.member.1.Name is invalid.",
        ),
    ],
)
async def test_data_that_will_not_do(world: World, datum: dict[str, Any], code: str, message: str) -> None:
    assert await refusal(world, **datum) == (code, message)


async def test_dimensions_of_other_letters_are_refused(world: World) -> None:
    code, message = await refusal(world, Dimensions=dimensions(name="größe"))
    assert code == "InvalidParameterValue"
    assert message.startswith(f"The parameter {AT}.Dimensions.member.1.Value must contain only ASCII characters")


async def test_an_unknown_unit_is_refused(world: World) -> None:
    code, message = await refusal(world, Unit="Furlongs")
    assert code == "InvalidParameterValue"
    assert message.startswith(f"The parameter {AT}.Unit must be a value in the set [Bits,")


async def test_every_datum_of_the_wrong_time_is_told_of(world: World) -> None:
    old = {**OK, "Timestamp": world.ago(days=15)}
    code, message = await world.refused("PutMetricData", Namespace="App", MetricData=[old, OK, old])
    assert code == "InvalidParameterValue"
    assert message == (
        "The parameter MetricData.member.1.Timestamp must specify a time within the past two weeks.\n"
        "The parameter MetricData.member.3.Timestamp must specify a time within the past two weeks."
    )
    early = {**OK, "Timestamp": world.clock.now() + timedelta(hours=3)}
    code, message = await world.refused("PutMetricData", Namespace="App", MetricData=[early])
    assert (
        message
        == "The parameter MetricData.member.1.Timestamp must specify a time no more than two hours in the future."
    )


@pytest.mark.parametrize("data", [[], None])
async def test_no_data_are_refused(world: World, data: Any) -> None:
    what = {"MetricData": data} if data is not None else {}
    assert await world.refused("PutMetricData", Namespace="App", **what) == (
        "MissingParameter",
        "The parameter MetricData is required.",
    )


async def test_too_many_data_are_refused(world: World) -> None:
    assert await world.refused("PutMetricData", Namespace="App", MetricData=[OK] * 1001) == (
        "InvalidParameterValue",
        "The collection MetricData must not have a size greater than 1000.",
    )


async def test_null_is_no_datum_and_no_dimension(world: World) -> None:
    assert (await world.refused("PutMetricData", Namespace="App", MetricData=[None]))[0] == "MissingParameter"
    assert (await refusal(world, Dimensions=[None]))[0] == "MissingParameter"
    assert (await refusal(world, Value=None, Values=[None]))[0] == "MissingParameter"


async def test_entities_are_refused_by_name(world: World) -> None:
    code, message = await world.refused("PutMetricData", Namespace="App", EntityMetricData=[{"MetricData": [OK]}])
    assert (code, message) == (
        "NotImplementedException",
        "Lambent does not implement EntityMetricData of PutMetricData",
    )


async def test_of_a_refused_request_nothing_is_kept(world: World) -> None:
    await world.refused("PutMetricData", Namespace="App", MetricData=[OK, {"MetricName": "Bad"}])
    assert (await world.call("ListMetrics"))["Metrics"] == []


# --- what is kept


async def test_values_of_a_minute_are_one_datapoint(world: World) -> None:
    await world.put({"Value": 1.0}, {"Value": 3.0})
    await world.put({"Value": 5.0})
    (point,) = await world.statistics("SampleCount", "Sum", "Average", "Minimum", "Maximum")
    assert point == {
        "Timestamp": point["Timestamp"],
        "Unit": "None",
        "SampleCount": 3.0,
        "Sum": 9.0,
        "Average": 3.0,
        "Minimum": 1.0,
        "Maximum": 5.0,
    }
    assert point["Timestamp"].timestamp() == world.clock.time()


async def test_values_come_with_their_counts(world: World) -> None:
    await world.put({"Values": [1.0, 10.0], "Counts": [9.0, 1.0]})
    (point,) = await world.statistics("SampleCount", "Sum", "p50", "p95")
    assert (point["SampleCount"], point["Sum"]) == (10.0, 19.0)
    assert point["ExtendedStatistics"] == {"p50": 1.0, "p95": 10.0}


async def test_statistic_sets_add_up_and_have_no_percentiles(world: World) -> None:
    known = {"SampleCount": 10.0, "Sum": 55.0, "Minimum": 1.0, "Maximum": 10.0}
    await world.put({"StatisticValues": known}, {"Value": 11.0})
    (point,) = await world.statistics("SampleCount", "Average", "Maximum", "p50")
    assert (point["SampleCount"], point["Average"], point["Maximum"]) == (11.0, 6.0, 11.0)
    assert "ExtendedStatistics" not in point
    assert await world.statistics("p50") == []


async def test_dimensions_count_in_whatever_order_they_come(world: World) -> None:
    await world.put({"Value": 1.0, "Dimensions": dimensions(a="1", b="2")}, {"Value": 8.0})
    await world.put({"Value": 2.0, "Dimensions": dimensions(b="2", a="1")})
    (point,) = await world.statistics("Sum", Dimensions=dimensions(b="2", a="1"))
    assert point["Sum"] == 3.0
    assert await world.statistics("Sum", Dimensions=dimensions(a="1")) == []


async def test_units_are_datapoints_of_their_own(world: World) -> None:
    await world.put({"Value": 1.0, "Unit": "Seconds"}, {"Value": 2.0, "Unit": "Bytes"})
    assert {(point["Unit"], point["Sum"]) for point in await world.statistics("Sum")} == {
        ("Bytes", 2.0),
        ("Seconds", 1.0),
    }
    (point,) = await world.statistics("Sum", Unit="Bytes")
    assert point["Sum"] == 2.0


async def test_high_resolution_is_kept_for_three_hours(world: World) -> None:
    for second in range(12):
        at = world.clock.now() + timedelta(seconds=second)
        await world.put({"Value": 1.0, "Timestamp": at, "StorageResolution": 1})
    ten: dict[str, Any] = {
        "StartTime": world.clock.now(),
        "EndTime": world.clock.now() + timedelta(seconds=20),
        "Period": 10,
    }
    assert [point["Sum"] for point in await world.statistics("Sum", **ten)] == [10.0, 2.0]

    await world.clock.advance(4 * 3600)
    assert await world.statistics("Sum", **ten) == []
    assert [point["Sum"] for point in await world.statistics("Sum", **{**ten, "Period": 60})] == [12.0]


async def test_accounts_and_regions_are_worlds_of_their_own(world: World) -> None:
    await world.put({"Value": 1.0}, by="999999999999")
    await world.put({"Value": 2.0}, region="eu-west-1")
    assert await world.statistics("Sum") == []
    assert [point["Sum"] for point in await world.statistics("Sum", by="999999999999")] == [1.0]
    assert [point["Sum"] for point in await world.statistics("Sum", region="eu-west-1")] == [2.0]
