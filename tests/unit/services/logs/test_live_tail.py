from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from eventloop import turns
from lambent.errors import AwsError
from lambent.services.logs import chunks
from lambent.services.logs.record import GroupKey
from lambent.store import StoreError
from unit.services.logs.world import ACCOUNT, GROUP, REGION, arn

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from unit.services.logs.world import World


async def update(world: World, stream: AsyncIterator[dict[str, Any]]) -> dict[str, Any]:
    """The next update, a second later."""
    coming = asyncio.ensure_future(anext(stream))
    await world.clock.advance(1)
    event = await coming
    found: dict[str, Any] = event["sessionUpdate"]
    return found


async def texts(world: World, stream: AsyncIterator[dict[str, Any]]) -> list[str]:
    return [result["message"] for result in (await update(world, stream))["sessionResults"]]


@pytest.mark.parametrize(
    "params",
    [
        {"logGroupIdentifiers": [GROUP]},
        {"logGroupIdentifiers": [arn()], "logStreamNames": ["a"], "logStreamNamePrefixes": ["b"]},
        {"logGroupIdentifiers": [arn(), arn("other")], "logStreamNames": ["a"]},
        {"logGroupIdentifiers": [arn()], "logEventFilterPattern": "a@b"},
    ],
)
async def test_a_session_that_makes_no_sense_is_refused(world: World, params: dict[str, Any]) -> None:
    await world.make()
    await world.make(group="other")
    code, _ = await world.refused("StartLiveTail", **params)
    assert code == "InvalidParameterException"


async def test_groups_of_other_classes_have_no_live_tail(world: World) -> None:
    await world.call("CreateLogGroup", logGroupName=GROUP, logGroupClass="INFREQUENT_ACCESS")
    code, _ = await world.refused("StartLiveTail", logGroupIdentifiers=[arn()])
    assert code == "InvalidOperationException"


async def test_a_session_tells_what_is_written_from_its_start_on(world: World) -> None:
    await world.log("s", (0, "before"))
    stream = await world.tail(logGroupIdentifiers=[arn()])
    await world.log("s", (0, "during"))
    start = (await anext(stream))["sessionStart"]
    assert start["requestId"] == "r"
    assert start["logGroupIdentifiers"] == [arn()]

    assert (await update(world, stream)) == {
        "sessionMetadata": {"sampled": False},
        "sessionResults": [
            {
                "logStreamName": "s",
                "logGroupIdentifier": f"{ACCOUNT}:{GROUP}",
                "message": "during",
                "timestamp": world.now_ms - 1000,
                "ingestionTime": world.now_ms - 1000,
            }
        ],
    }
    assert await texts(world, stream) == []
    await world.log("t", (0, "more"), (1, "and more"))
    assert await texts(world, stream) == ["more", "and more"]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, ["a1 x", "a2 y", "b x"]),
        ({"logStreamNames": ["a1", "b"]}, ["a1 x", "b x"]),
        ({"logStreamNamePrefixes": ["a", "c"]}, ["a1 x", "a2 y"]),
        ({"logEventFilterPattern": "x"}, ["a1 x", "b x"]),
    ],
)
async def test_streams_and_events_are_chosen(world: World, params: dict[str, Any], expected: list[str]) -> None:
    await world.make()
    stream = await world.tail(logGroupIdentifiers=[arn()], **params)
    await anext(stream)
    for number, (name, text) in enumerate([("a1", "a1 x"), ("a2", "a2 y"), ("b", "b x")]):
        await world.log(name, (number, text))
    assert await texts(world, stream) == expected


async def test_several_groups_are_followed_by_time(world: World) -> None:
    await world.make()
    await world.make(group="other")
    stream = await world.tail(logGroupIdentifiers=[arn(), arn("other")])
    await anext(stream)
    await world.log("s", (5, "second"))
    await world.log("s", (1, "first"), group="other")
    assert await texts(world, stream) == ["first", "second"]


async def test_more_than_five_hundred_events_are_sampled(world: World) -> None:
    await world.make()
    stream = await world.tail(logGroupIdentifiers=[arn()])
    await anext(stream)
    await world.log("s", *[(number, f"{number}") for number in range(5000)])
    found = await update(world, stream)
    assert found["sessionMetadata"] == {"sampled": True}
    assert len(found["sessionResults"]) == 500
    await world.log("s", (0, "next"))
    assert await texts(world, stream) == ["next"]


async def test_a_group_that_is_made_anew_is_followed(world: World) -> None:
    await world.make()
    stream = await world.tail(logGroupIdentifiers=[arn()])
    await anext(stream)
    await world.call("DeleteLogGroup", logGroupName=GROUP)
    await world.expiry.run_once()
    await world.log("s", (0, "anew"))
    assert await texts(world, stream) == ["anew"]


async def test_a_session_is_over_after_three_hours(world: World) -> None:
    await world.make()
    stream = await world.tail(logGroupIdentifiers=[arn()])
    await anext(stream)
    await world.clock.advance(3 * 3600 - 1)
    with pytest.raises(AwsError) as end:
        await update(world, stream)
    assert end.value.code == "SessionTimeoutException"


async def test_a_session_that_cannot_be_read_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.make()
    stream = await world.tail(logGroupIdentifiers=[arn()])
    await anext(stream)

    async def fail(_: object) -> None:
        raise StoreError("no disk")

    monkeypatch.setattr(world.store, "read", fail)
    with pytest.raises(AwsError) as end:
        await update(world, stream)
    assert (end.value.code, end.value.message) == ("SessionStreamingException", "no disk")


async def test_a_session_ends_with_the_server(world: World) -> None:
    await world.make()
    stream = await world.tail(logGroupIdentifiers=[arn()])
    await anext(stream)
    coming = asyncio.ensure_future(anext(stream, None))
    await turns()
    world.sessions.end()
    assert await coming is None


async def test_nobody_listens_for_a_client_that_left(world: World) -> None:
    await world.make()
    topic = chunks.topic(GroupKey(ACCOUNT, REGION, GROUP))
    stream = await world.tail(logGroupIdentifiers=[arn()])
    await anext(stream)
    listeners: Any = world.store.signals
    assert topic in listeners._listeners
    close: Any = stream
    await close.aclose()
    assert topic not in listeners._listeners
