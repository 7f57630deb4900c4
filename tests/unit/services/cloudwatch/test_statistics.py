"""GetMetricStatistics."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from unit.services.cloudwatch.world import World

SIMPLE = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")


async def refusal(world: World, **params: Any) -> tuple[str, str]:
    asked: dict[str, Any] = {
        "Namespace": "App",
        "MetricName": "Latency",
        "StartTime": world.ago(hours=1),
        "EndTime": world.clock.now(),
        "Period": 60,
        "Statistics": ["Sum"],
    }
    given = {name: value for name, value in {**asked, **params}.items() if value is not None}
    return await world.refused("GetMetricStatistics", **given)


@pytest.mark.parametrize("name", ["Namespace", "MetricName", "StartTime", "EndTime", "Period"])
async def test_what_is_missing_is_told(world: World, name: str) -> None:
    assert await refusal(world, **{name: None}) == ("MissingParameter", f"The parameter {name} is required.")


@pytest.mark.parametrize(
    ("params", "code", "message"),
    [
        (
            {"Statistics": None},
            "InvalidParameterCombination",
            "At least one of the parameters Statistics and ExtendedStatistics must be specified.",
        ),
        (
            {"Period": 45},
            "InvalidParameterValue",
            "The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.",
        ),
        ({"Period": 0}, "InvalidParameterValue", "The parameter Period must be greater than 0."),
        (
            {"Statistics": ["Median"]},
            "InvalidParameterValue",
            f"The parameter Statistics.member.1 must be a value in the set [{', '.join(SIMPLE)}].",
        ),
        (
            {"Statistics": None, "ExtendedStatistics": ["p101"]},
            "InvalidParameterValue",
            "The value p101 for parameter ExtendedStatistics.member.1 is invalid.",
        ),
        (
            {"Statistics": None, "ExtendedStatistics": ["Sum"]},
            "InvalidParameterValue",
            "The value Sum for parameter ExtendedStatistics.member.1 is invalid.",
        ),
    ],
)
async def test_what_will_not_do_is_told(world: World, params: dict[str, Any], code: str, message: str) -> None:
    assert await refusal(world, **params) == (code, message)


async def test_time_goes_forward(world: World) -> None:
    now = world.clock.now()
    assert await refusal(world, StartTime=now, EndTime=now) == (
        "InvalidParameterValue",
        "The parameter StartTime must not equal parameter EndTime.",
    )
    assert await refusal(world, StartTime=now, EndTime=now - timedelta(hours=1)) == (
        "InvalidParameterValue",
        "The parameter EndTime must be greater than StartTime.",
    )


async def test_more_than_1440_datapoints_are_too_many(world: World) -> None:
    assert await refusal(world, StartTime=world.ago(hours=24, minutes=1)) == (
        "InvalidParameterCombination",
        (
            "You have requested up to 1,441 datapoints, which exceeds the limit of 1,440. "
            "You may reduce the datapoints requested by increasing Period, or decreasing the time range."
        ),
    )
    assert await world.statistics("Sum", StartTime=world.ago(hours=24), EndTime=world.clock.now()) == []


async def test_a_metric_that_there_is_none_of_has_no_datapoints(world: World) -> None:
    answer = await world.call(
        "GetMetricStatistics",
        Namespace="App",
        MetricName="None",
        StartTime=world.ago(hours=1),
        EndTime=world.clock.now(),
        Period=60,
        Statistics=["Sum"],
    )
    assert answer == {"Label": "None", "Datapoints": []}


async def test_datapoints_come_from_old_to_new_and_the_end_is_not_among_them(world: World) -> None:
    for minutes in (1, 3, 2, 0):
        await world.put({"Value": float(minutes), "Timestamp": world.ago(minutes=minutes)})
    points = await world.statistics("Sum", StartTime=world.ago(minutes=3), EndTime=world.clock.now())
    assert [point["Sum"] for point in points] == [3.0, 2.0, 1.0]


async def test_longer_periods_gather_minutes(world: World) -> None:
    for minutes in range(10):
        await world.put({"Values": [1.0, float(minutes)], "Timestamp": world.ago(minutes=minutes)})
    (first, second) = await world.statistics(
        "SampleCount", "p100", Period=300, StartTime=world.ago(minutes=9), EndTime=world.ago(minutes=-1)
    )
    assert (first["SampleCount"], first["ExtendedStatistics"]["p100"]) == (10.0, 9.0)
    assert (second["SampleCount"], second["ExtendedStatistics"]["p100"]) == (10.0, 4.0)
