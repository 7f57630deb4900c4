from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from unit.services.events.world import ACCOUNT, PATTERN, REGION

if TYPE_CHECKING:
    from unit.services.events.world import World

PREFIX = f"arn:aws:events:{REGION}:{ACCOUNT}:"
BUS = PREFIX + "event-bus/default"
ARCHIVE = PREFIX + "archive/a"


async def archive(world: World, **params: Any) -> Any:
    return await world.call("CreateArchive", **({"ArchiveName": "a", "EventSourceArn": BUS} | params))


def window(world: World, **params: Any) -> dict[str, Any]:
    """The parameters of a replay of everything."""
    now = world.clock.now()
    times = {"EventStartTime": now - timedelta(days=100), "EventEndTime": now + timedelta(seconds=1)}
    return {"ReplayName": "p", "EventSourceArn": ARCHIVE, "Destination": {"Arn": BUS}, **times, **params}


async def test_what_is_not_there_is_not_found(world: World) -> None:
    expected = ("ResourceNotFoundException", "Archive a does not exist.")
    for operation in ("DescribeArchive", "UpdateArchive", "DeleteArchive"):
        assert await world.refused(operation, ArchiveName="a") == expected
    for operation in ("DescribeReplay", "CancelReplay"):
        assert await world.refused(operation, ReplayName="p") == (
            "ResourceNotFoundException",
            "Replay p does not exist.",
        )
    assert await world.refused("CreateArchive", ArchiveName="a", EventSourceArn=PREFIX + "event-bus/b") == (
        "ResourceNotFoundException",
        "Event bus b does not exist.",
    )


async def test_names_are_given_once(world: World) -> None:
    await archive(world)
    assert await world.refused("CreateArchive", ArchiveName="a", EventSourceArn=BUS) == (
        "ResourceAlreadyExistsException",
        "Archive a already exists.",
    )
    await world.call("StartReplay", **window(world))
    assert await world.refused("StartReplay", **window(world)) == (
        "ResourceAlreadyExistsException",
        "Replay p already exists.",
    )


async def test_a_replay_that_cannot_be_is_refused(world: World) -> None:
    code, _ = await world.refused("StartReplay", **window(world))
    assert code == "ValidationException"
    await archive(world)
    assert await world.refused("StartReplay", **window(world, Destination={"Arn": PREFIX + "event-bus/b"})) == (
        "ValidationException",
        "Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not permitted.",
    )
    code, text = await world.refused(
        "StartReplay", **window(world, EventEndTime=world.clock.now() - timedelta(days=200))
    )
    assert code == "ValidationException"
    assert "EventStartTime must be before EventEndTime" in (text or "")


async def test_lists_take_one_filter(world: World) -> None:
    for operation in ("ListArchives", "ListReplays"):
        assert await world.refused(operation, NamePrefix="a", EventSourceArn=BUS) == (
            "ValidationException",
            f"At most one filter is allowed for {operation}. Use either : State, EventSourceArn, or NamePrefix.",
        )


async def test_archives_keep_what_they_match(world: World) -> None:
    created = await archive(world, EventPattern=PATTERN, RetentionDays=2, Description="d")
    assert created == {"ArchiveArn": ARCHIVE, "State": "ENABLED", "CreationTime": world.clock.now()}
    await world.put()
    await world.put(Source="else")
    shown = await world.call("DescribeArchive", ArchiveName="a")
    assert (shown["EventCount"], shown["RetentionDays"], shown["EventPattern"]) == (1, 2, PATTERN)
    assert shown["SizeBytes"] > 0
    (listed,) = (await world.call("ListArchives", EventSourceArn=BUS))["Archives"]
    assert listed["ArchiveName"] == "a"
    await world.call("UpdateArchive", ArchiveName="a", EventPattern='{"source":["else"]}')
    await world.put()
    assert (await world.call("DescribeArchive", ArchiveName="a"))["EventCount"] == 1
    await world.call("DeleteArchive", ArchiveName="a")
    assert await world.rows("event_archived") == 0


async def test_events_that_are_over_go(world: World) -> None:
    await archive(world, RetentionDays=1)
    await world.put()
    assert await world.archivist.run_once() == pytest.approx(86_400)
    await world.clock.advance(86_400)
    assert (await world.call("DescribeArchive", ArchiveName="a"))["EventCount"] == 0
    await world.archivist.run_once()
    assert await world.rows("event_archived") == 0


async def test_a_replay_sends_each_event_once_more(world: World) -> None:
    await archive(world)
    for number in range(250):
        await world.put({"n": number})
    await world.rule()
    await world.rule("other")
    started = await world.call(
        "StartReplay", **window(world, Destination={"Arn": BUS, "FilterArns": [PREFIX + "rule/r"]})
    )
    assert started["State"] == "STARTING"
    await world.archivist.run_once()
    await world.deliver()
    bodies = await world.bodies()
    assert [body["detail"]["n"] for body in bodies] == list(range(250))
    assert list(bodies[0])[6:9] == ["region", "replay-name", "resources"]
    assert bodies[0]["replay-name"] == "p"
    shown = await world.call("DescribeReplay", ReplayName="p")
    assert (shown["State"], shown["EventLastReplayedTime"]) == ("COMPLETED", world.clock.now())
    assert await world.rows("event_archived") == 250
    assert len((await world.call("ListReplays", State="COMPLETED"))["Replays"]) == 1
    code, _ = await world.refused("CancelReplay", ReplayName="p")
    assert code == "IllegalStatusException"


async def test_a_replay_has_a_window(world: World) -> None:
    await archive(world)
    await world.put({"n": 1})
    await world.clock.advance(60)
    await world.put({"n": 2})
    await world.clock.advance(60)
    await world.put({"n": 3})
    await world.rule()
    now = world.clock.now()
    times = {"EventStartTime": now - timedelta(seconds=60), "EventEndTime": now - timedelta(seconds=30)}
    await world.call("StartReplay", **window(world, **times))
    await world.archivist.run_once()
    await world.deliver()
    assert [body["detail"]["n"] for body in await world.bodies()] == [2]


async def test_a_replay_can_be_cancelled(world: World) -> None:
    await archive(world)
    await world.put()
    await world.rule()
    await world.call("StartReplay", **window(world))
    assert (await world.call("CancelReplay", ReplayName="p"))["State"] == "CANCELLING"
    await world.archivist.run_once()
    await world.deliver()
    assert await world.taken() == []
    assert (await world.call("DescribeReplay", ReplayName="p"))["State"] == "CANCELLED"


async def test_a_replay_of_an_archive_that_went_fails(world: World) -> None:
    await archive(world)
    await world.call("StartReplay", **window(world))
    await world.call("DeleteArchive", ArchiveName="a")
    await world.archivist.run_once()
    assert (await world.call("DescribeReplay", ReplayName="p"))["State"] == "FAILED"
