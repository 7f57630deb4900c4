from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambent.services.events.scheduler.timing import due_after, due_from, parse_timing
from unit.services.events.world import ACCOUNT, DEAD, QUEUE, REGION

if TYPE_CHECKING:
    from unit.services.events.world import World

ARN = f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/default/s"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/r"
GONE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:gone"
BUS = f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/default"
OFF = {"Mode": "OFF"}


def schedule(expression: str = "rate(1 minute)", target: dict[str, Any] | None = None, **params: Any) -> dict[str, Any]:
    return {
        "Name": "s",
        "ScheduleExpression": expression,
        "FlexibleTimeWindow": OFF,
        "Target": {"Arn": QUEUE, "RoleArn": ROLE, **(target or {})},
        **params,
    }


async def pass_time(world: World, seconds: float) -> float | None:
    await world.clock.advance(seconds)
    pause_s = await world.firing.run_once()
    await world.deliver()
    return pause_s


# --- what is refused


@pytest.mark.parametrize(
    "expression",
    ["at(2026-13-01T00:00:00)", "at(now)", "rate(0 minutes)", "rate(1 second)", "cron(* * * * *)", "cron(0 0 ? * ? *)"],
)
async def test_what_is_no_expression_is_refused(world: World, expression: str) -> None:
    assert await world.schedule_refused("CreateSchedule", **schedule(expression)) == (
        "ValidationException",
        f"Invalid Schedule Expression {expression}.",
    )


@pytest.mark.parametrize(
    "params",
    [
        schedule(ScheduleExpressionTimezone="Mars/Olympus"),
        schedule(ScheduleExpressionTimezone="../etc/passwd"),
        schedule(FlexibleTimeWindow={"Mode": "FLEXIBLE"}),
        schedule(FlexibleTimeWindow={"Mode": "OFF", "MaximumWindowInMinutes": 5}),
        schedule(target={"Arn": QUEUE + ".fifo"}),
        schedule(target={"Arn": BUS}),
        schedule(target={"Arn": BUS, "EventBridgeParameters": {"DetailType": "t", "Source": "s"}, "Input": "[]"}),
        schedule(target={"DeadLetterConfig": {"Arn": BUS}}),
        schedule(StartDate=datetime(2026, 2, 1, tzinfo=UTC), EndDate=datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
async def test_what_is_no_schedule_is_refused(world: World, params: dict[str, Any]) -> None:
    code, _ = await world.schedule_refused("CreateSchedule", **params)
    assert code == "ValidationException"


@pytest.mark.parametrize(
    "target",
    [{"Arn": "arn:aws:scheduler:::aws-sdk:sqs:sendMessage"}, {"KinesisParameters": {"PartitionKey": "k"}}],
)
async def test_targets_that_nobody_serves_are_refused_by_name(world: World, target: dict[str, Any]) -> None:
    code, _ = await world.schedule_refused("CreateSchedule", **schedule(target=target))
    assert code == "NotImplementedException"


async def test_what_is_not_there_is_not_found(world: World) -> None:
    expected = ("ResourceNotFoundException", "Schedule s does not exist.")
    assert await world.schedule_refused("GetSchedule", Name="s") == expected
    assert await world.schedule_refused("DeleteSchedule", Name="s") == expected
    assert await world.schedule_refused("UpdateSchedule", **schedule()) == expected
    expected = ("ResourceNotFoundException", "Schedule group g does not exist.")
    assert await world.schedule_refused("GetScheduleGroup", Name="g") == expected
    assert await world.schedule_refused("CreateSchedule", **schedule(GroupName="g")) == expected


async def test_a_name_is_given_once_but_for_the_same_request(world: World) -> None:
    await world.schedule("CreateSchedule", **schedule(ClientToken="one"))
    assert await world.schedule("CreateSchedule", **schedule(ClientToken="one")) == {"ScheduleArn": ARN}
    assert await world.schedule_refused("CreateSchedule", **schedule(ClientToken="two")) == (
        "ConflictException",
        "Schedule s already exists.",
    )


# --- what is kept


async def test_schedules_are_shown_and_changed(world: World) -> None:
    start = world.clock.now() + timedelta(days=1)
    await world.schedule("CreateSchedule", **schedule(StartDate=start, Description="d"))
    shown = await world.schedule("GetSchedule", Name="s")
    assert shown == {
        "Arn": ARN,
        "GroupName": "default",
        "Name": "s",
        "ScheduleExpression": "rate(1 minute)",
        "ScheduleExpressionTimezone": "UTC",
        "StartDate": start,
        "Description": "d",
        "State": "ENABLED",
        "ActionAfterCompletion": "NONE",
        "FlexibleTimeWindow": OFF,
        "Target": {"Arn": QUEUE, "RoleArn": ROLE},
        "CreationDate": world.clock.now(),
        "LastModificationDate": world.clock.now(),
    }
    await world.schedule("UpdateSchedule", **schedule("rate(2 hours)", State="DISABLED"))
    changed = await world.schedule("GetSchedule", Name="s")
    assert "Description" not in changed
    (listed,) = (await world.schedule("ListSchedules", State="DISABLED"))["Schedules"]
    assert (listed["Name"], listed["Target"]) == ("s", {"Arn": QUEUE})
    await world.schedule("DeleteSchedule", Name="s")
    assert (await world.schedule("ListSchedules"))["Schedules"] == []


async def test_groups_have_schedules_and_tags(world: World) -> None:
    arn = f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule-group/g"
    made = await world.schedule("CreateScheduleGroup", Name="g", Tags=[{"Key": "k", "Value": "v"}])
    assert made == {"ScheduleGroupArn": arn}
    await world.schedule("CreateSchedule", **schedule(GroupName="g"))
    await world.schedule("TagResource", ResourceArn=arn, Tags=[{"Key": "l", "Value": "w"}])
    await world.schedule("UntagResource", ResourceArn=arn, TagKeys=["k"])
    assert await world.schedule("ListTagsForResource", ResourceArn=arn) == {"Tags": [{"Key": "l", "Value": "w"}]}
    groups = (await world.schedule("ListScheduleGroups"))["ScheduleGroups"]
    assert [group["Name"] for group in groups] == ["default", "g"]
    assert len((await world.schedule("ListSchedules", GroupName="g"))["Schedules"]) == 1
    await world.schedule("DeleteScheduleGroup", Name="g")
    assert (await world.schedule("ListSchedules"))["Schedules"] == []
    code, _ = await world.schedule_refused("DeleteScheduleGroup", Name="default")
    assert code == "ValidationException"


# --- what is fired


async def test_a_rate_begins_at_once_and_keeps_its_rhythm(world: World) -> None:
    await world.schedule("CreateSchedule", **schedule())
    assert await pass_time(world, 0) == pytest.approx(60)
    for _ in range(3):
        await pass_time(world, 60)
    assert [event["time"] for event in await world.bodies()] == [f"2026-01-01T00:0{minute}:00Z" for minute in range(4)]


async def test_a_queue_gets_the_default_event(world: World) -> None:
    await world.schedule("CreateSchedule", **schedule("at(2026-01-01T00:10:00)"))
    await pass_time(world, 600)
    (event,) = await world.bodies()
    event.pop("id")
    assert event == {
        "version": "0",
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": ACCOUNT,
        "time": "2026-01-01T00:10:00Z",
        "region": REGION,
        "resources": [ARN],
        "detail": "{}",
    }
    (message,) = await world.taken()
    assert message.source_service == "scheduler.amazonaws.com"


async def test_an_input_has_what_its_schedule_knows(world: World) -> None:
    text = '{"arn": "<aws.scheduler.schedule-arn>", "time": "<aws.scheduler.scheduled-time>", "n": 1}'
    target = {"Input": text, "SqsParameters": {"MessageGroupId": "g"}}
    await world.schedule("CreateSchedule", **schedule("at(2026-01-01T01:00:00)", target))
    await pass_time(world, 3600)
    (message,) = await world.taken()
    assert json.loads(message.body) == {"arn": ARN, "time": "2026-01-01T01:00:00Z", "n": 1}
    assert message.group_id == "g"


async def test_a_bus_gets_an_event_that_its_rules_match(world: World) -> None:
    await world.rule(pattern='{"source":["mine"],"detail":{"n":[1]}}')
    target = {"Arn": BUS, "EventBridgeParameters": {"DetailType": "t", "Source": "mine"}, "Input": '{"n": 1}'}
    await world.schedule("CreateSchedule", **schedule("at(2026-01-01T01:00:00)", target))
    await pass_time(world, 3600)
    (event,) = await world.bodies()
    assert (event["detail-type"], event["detail"]) == ("t", {"n": 1})


async def test_what_cannot_be_handed_over_becomes_a_dead_letter(world: World) -> None:
    target = {"Arn": GONE, "DeadLetterConfig": {"Arn": DEAD}}
    await world.schedule("CreateSchedule", **schedule("at(2026-01-01T01:00:00)", target))
    await pass_time(world, 3600)
    (letter,) = await world.taken(DEAD)
    assert letter.attributes["SCHEDULE_ARN"].value == ARN


@pytest.mark.parametrize(("action", "left"), [("NONE", 1), ("DELETE", 0)])
async def test_a_schedule_that_is_over_stays_or_goes(world: World, action: str, left: int) -> None:
    await world.schedule("CreateSchedule", **schedule("at(2026-01-01T01:00:00)", ActionAfterCompletion=action))
    assert await pass_time(world, 3600) is None
    assert len(await world.taken()) == 1
    assert len((await world.schedule("ListSchedules"))["Schedules"]) == left
    await pass_time(world, 864_000)
    assert len(await world.taken()) == 1


async def test_a_time_that_is_long_past_never_comes(world: World) -> None:
    await world.schedule("CreateSchedule", **schedule("at(2025-12-31T00:00:00)"))
    assert await pass_time(world, 0) is None
    assert await world.taken() == []


async def test_a_disabled_schedule_rests(world: World) -> None:
    await world.schedule("CreateSchedule", **schedule(State="DISABLED"))
    assert await pass_time(world, 3600) is None
    assert await world.taken() == []


async def test_a_flexible_window_is_kept_to(world: World) -> None:
    window = {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15}
    await world.schedule("CreateSchedule", **schedule("at(2026-01-01T01:00:00)", FlexibleTimeWindow=window))
    pause_s = await world.firing.run_once()
    assert pause_s is not None
    assert 3600 <= pause_s < 4500
    await pass_time(world, pause_s)
    assert [event["time"] for event in await world.bodies()] == ["2026-01-01T01:00:00Z"]


async def test_start_and_end_bound_a_schedule(world: World) -> None:
    now = world.clock.now()
    bounds: dict[str, Any] = {"StartDate": now + timedelta(minutes=10), "EndDate": now + timedelta(minutes=12)}
    await world.schedule("CreateSchedule", **schedule(**bounds))
    assert await pass_time(world, 599) == pytest.approx(1)
    for _ in range(10):
        await pass_time(world, 60)
    assert len(await world.taken()) == 2


# --- times


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


@pytest.mark.parametrize(
    ("expression", "zone", "after", "due"),
    [
        ("cron(0 9 * * ? *)", "Europe/Berlin", "2026-01-01T00:00+00:00", "2026-01-01T08:00+00:00"),
        ("cron(0 9 * * ? *)", "Europe/Berlin", "2026-07-01T00:00+00:00", "2026-07-01T07:00+00:00"),
        # 02:30 is left out when clocks go forward, and comes once when they go back.
        ("cron(30 2 * * ? *)", "Europe/Berlin", "2026-03-28T12:00+00:00", "2026-03-30T00:30+00:00"),
        ("cron(30 2 * * ? *)", "Europe/Berlin", "2026-10-25T00:00+00:00", "2026-10-25T00:30+00:00"),
        ("cron(30 2 * * ? *)", "Europe/Berlin", "2026-10-25T00:30+00:00", "2026-10-26T01:30+00:00"),
        ("cron(0 0 1 1 ? *)", "America/New_York", "2026-01-01T00:00+00:00", "2026-01-01T05:00+00:00"),
    ],
)
def test_cron_follows_the_clocks_of_its_zone(expression: str, zone: str, after: str, due: str) -> None:
    assert parse_timing(expression, zone).after_ms(ms(after)) == ms(due)


def test_a_single_time_is_one_of_its_zone() -> None:
    settings = {"ScheduleExpression": "at(2026-07-01T12:00:00)", "ScheduleExpressionTimezone": "Asia/Tokyo"}
    assert due_from(settings, ms("2026-01-01T00:00+00:00")) == ms("2026-07-01T03:00+00:00")


@given(st.integers(1, 10_000), st.integers(0, 10**10))
def test_a_rate_that_fell_behind_stays_in_its_rhythm(minutes: int, late_ms: int) -> None:
    settings = {"ScheduleExpression": f"rate({minutes} minutes)", "ScheduleExpressionTimezone": "UTC"}
    following = due_after(settings, 0, late_ms)
    assert following is not None
    assert following > late_ms
    assert following % (minutes * 60_000) == 0
    assert following - late_ms <= minutes * 60_000
