"""Rules that fire by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from unit.services.events.world import ACCOUNT, QUEUE, REGION

if TYPE_CHECKING:
    from unit.services.events.world import World


async def scheduled(world: World, expression: str, **params: str) -> None:
    await world.call("PutRule", Name="s", ScheduleExpression=expression, **params)
    await world.call("PutTargets", Rule="s", Targets=[{"Id": "t", "Arn": QUEUE}])


async def pass_time(world: World, seconds: float) -> None:
    await world.clock.advance(seconds)
    await world.timetable.run_once()
    await world.deliver()


async def test_a_rule_fires_at_its_times(world: World) -> None:
    await scheduled(world, "rate(1 minute)")
    assert await world.timetable.run_once() == pytest.approx(60)
    await pass_time(world, 59)
    assert await world.bodies() == []
    await pass_time(world, 1)
    (event,) = await world.bodies()
    event.pop("id")
    assert event == {
        "version": "0",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": "2026-01-01T00:01:00Z",
        "region": REGION,
        "resources": [f"arn:aws:events:{REGION}:{ACCOUNT}:rule/s"],
        "detail": {},
    }
    await pass_time(world, 60)
    assert len(await world.taken()) == 2


async def test_what_was_missed_fires_once(world: World) -> None:
    await scheduled(world, "cron(0 * * * ? *)")
    await pass_time(world, 5 * 3600 + 1)
    assert [event["time"] for event in await world.bodies()] == ["2026-01-01T01:00:00Z"]
    assert await world.timetable.run_once() == pytest.approx(3599)


async def test_a_disabled_rule_rests(world: World) -> None:
    await scheduled(world, "rate(1 minute)", State="DISABLED")
    assert await world.timetable.run_once() is None
    await world.call("EnableRule", Name="s")
    await pass_time(world, 60)
    await world.call("DisableRule", Name="s")
    await pass_time(world, 600)
    assert len(await world.taken()) == 1


async def test_a_schedule_is_for_the_default_bus(world: World) -> None:
    await world.call("CreateEventBus", Name="b")
    assert await world.refused("PutRule", Name="s", ScheduleExpression="rate(1 day)", EventBusName="b") == (
        "ValidationException",
        "ScheduleExpression is supported only on the default event bus.",
    )
