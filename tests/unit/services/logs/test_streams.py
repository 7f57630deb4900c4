from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from unit.services.logs.world import ACCOUNT, GROUP

if TYPE_CHECKING:
    from unit.services.logs.world import World

NOT_FOUND = ("ResourceNotFoundException", "The specified log stream does not exist.")


async def test_a_stream_that_is_not_there_is_not_found(world: World) -> None:
    await world.make()
    event = {"timestamp": world.now_ms, "message": "m"}
    operations: dict[str, dict[str, Any]] = {
        "DeleteLogStream": {"logStreamName": "s"},
        "GetLogEvents": {"logStreamName": "s"},
        "PutLogEvents": {"logStreamName": "s", "logEvents": [event]},
        "FilterLogEvents": {"logStreamNames": ["s"]},
    }
    for operation, params in operations.items():
        assert await world.refused(operation, logGroupName=GROUP, **params) == NOT_FOUND


async def test_a_name_is_given_once(world: World) -> None:
    await world.make("s")
    assert await world.refused("CreateLogStream", logGroupName=GROUP, logStreamName="s") == (
        "ResourceAlreadyExistsException",
        "The specified log stream already exists",
    )


async def test_order_by_time_has_no_prefix(world: World) -> None:
    await world.make()
    assert await world.refused(
        "DescribeLogStreams", logGroupName=GROUP, orderBy="LastEventTime", logStreamNamePrefix="s"
    ) == ("InvalidParameterException", "Cannot order by LastEventTime with a logStreamNamePrefix.")


async def test_a_token_of_another_order_is_refused(world: World) -> None:
    await world.make("a", "b")
    token = (await world.call("DescribeLogStreams", logGroupName=GROUP, limit=1))["nextToken"]
    code, _ = await world.refused("DescribeLogStreams", logGroupName=GROUP, orderBy="LastEventTime", nextToken=token)
    assert code == "InvalidParameterException"


async def test_a_stream_is_shown_with_the_times_of_its_events(world: World) -> None:
    await world.make("s")
    created = {
        "logStreamName": "s",
        "creationTime": world.now_ms,
        "arn": f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:{GROUP}:log-stream:s",
        "storedBytes": 0,
    }
    assert (await world.call("DescribeLogStreams", logGroupName=GROUP))["logStreams"] == [created]

    written = await world.put("s", (-10, "a"), (-5, "b"))
    await world.clock.advance(1)
    await world.put("s", (-20, "c"))
    (shown,) = (await world.call("DescribeLogStreams", logGroupName=GROUP))["logStreams"]
    assert len(shown.pop("uploadSequenceToken")) == len(written["nextSequenceToken"]) == 56
    now_ms = world.now_ms
    assert shown == created | {
        "firstEventTimestamp": now_ms - 1010,
        "lastEventTimestamp": now_ms - 20,
        "lastIngestionTime": now_ms,
    }


@pytest.mark.parametrize("limit", [1, 2, 50])
@pytest.mark.parametrize(
    ("params", "names"),
    [
        ({}, ["a", "b", "b1", "c"]),
        ({"descending": True}, ["c", "b1", "b", "a"]),
        ({"logStreamNamePrefix": "b"}, ["b", "b1"]),
        ({"logStreamNamePrefix": "b", "descending": True}, ["b1", "b"]),
        ({"orderBy": "LastEventTime"}, ["c", "b1", "a", "b"]),
        ({"orderBy": "LastEventTime", "descending": True}, ["b", "a", "b1", "c"]),
    ],
)
async def test_streams_are_listed_in_order(world: World, params: dict[str, Any], names: list[str], limit: int) -> None:
    await world.make("b", "a", "c", "b1")
    await world.put("b1", (-9, "x"))
    await world.put("a", (-5, "x"))
    await world.put("b", (-5, "x"))
    found: list[str] = []
    token: dict[str, str] = {}
    while True:
        answer = await world.call("DescribeLogStreams", logGroupName=GROUP, limit=limit, **params, **token)
        found += [stream["logStreamName"] for stream in answer["logStreams"]]
        if "nextToken" not in answer:
            break
        token = {"nextToken": answer["nextToken"]}
    assert found == names


async def test_a_deleted_stream_takes_its_events_along_and_may_come_anew(world: World) -> None:
    await world.make("s", "t")
    await world.put("s", (0, "old"))
    await world.put("t", (0, "other"))
    await world.call("DeleteLogStream", logGroupName=GROUP, logStreamName="s")
    assert await world.messages("FilterLogEvents") == ["other"]

    await world.log("s", (1, "new"))
    assert await world.messages("FilterLogEvents") == ["other", "new"]
    await world.expiry.run_once()
    assert await world.rows("log_streams") == await world.rows("log_chunks") == 2
    (group,) = (await world.call("DescribeLogGroups"))["logGroups"]
    assert group["storedBytes"] == len("othernew") + 2 * 26
