from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from unit.services.sqs.world import World


async def test_a_message_past_its_retention_is_never_received(world: World) -> None:
    url = await world.make("q", MessageRetentionPeriod="60")
    await world.send(url)
    await world.receive(url, VisibilityTimeout=50)
    await world.clock.advance(60)
    assert await world.receive(url) == []
    assert await world.counts(url) == (0, 0, 0)


async def test_a_shorter_retention_holds_for_what_is_there(world: World) -> None:
    url = await world.make()
    await world.send(url)
    await world.clock.advance(100)
    await world.call("SetQueueAttributes", QueueUrl=url, Attributes={"MessageRetentionPeriod": "60"})
    assert await world.receive(url) == []


async def test_expired_messages_free_their_group(world: World) -> None:
    url = await world.make("f.fifo", MessageRetentionPeriod="60", ContentBasedDeduplication="true")
    await world.send(url, "old", MessageGroupId="g")
    await world.receive(url, VisibilityTimeout=1000)
    await world.clock.advance(50)
    await world.send(url, "new", MessageGroupId="g")
    await world.clock.advance(10)
    await world.expiry.run_once()
    assert await world.bodies(url) == ["new"]


async def test_a_pass_removes_what_nobody_asks_for(world: World) -> None:
    url = await world.make("q", MessageRetentionPeriod="60")
    for _ in range(3):
        await world.send(url)
    gone = await world.make("gone.fifo", ContentBasedDeduplication="true")
    await world.send(gone, MessageGroupId="g")
    await world.receive(gone, ReceiveRequestAttemptId="a")
    await world.call("DeleteQueue", QueueUrl=gone)
    await world.clock.advance(60)
    await world.expiry.run_once()
    tables = ("sqs_messages", "sqs_groups", "sqs_deduplications", "sqs_attempts")
    assert [await world.rows(table) for table in tables] == [0, 0, 0, 0]
    assert [await world.rows(table) for table in ("sqs_queues", "sqs_lots")] == [1, 1]
    assert await world.counts(url) == (0, 0, 0)


async def test_the_loop_runs_when_something_ends_and_not_else(world: World) -> None:
    url = await world.make("q", MessageRetentionPeriod="60")
    loop = asyncio.create_task(world.expiry.run())
    await world.settled()
    await world.send(url)
    await world.settled()
    assert await world.rows("sqs_messages") == 1
    await world.clock.advance(60)
    await world.settled()
    assert await world.rows("sqs_messages") == 0
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)
