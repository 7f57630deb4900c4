from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from lambent.errors import AwsError
from unit.services.sqs.world import arn

if TYPE_CHECKING:
    from unit.services.sqs.world import World


async def test_a_long_poll_ends_with_nothing_when_its_time_is_over(world: World) -> None:
    poll = await world.waits(await world.make(), 20)
    await world.clock.advance(19)
    assert not poll.done()
    await world.clock.advance(1)
    assert await poll == []
    assert world.polls.waiting == 0


async def test_a_long_poll_on_a_queue_that_is_deleted_is_told_so(world: World) -> None:
    url = await world.make()
    poll = await world.waits(url)
    await world.call("DeleteQueue", QueueUrl=url)
    with pytest.raises(AwsError, match="QueueDoesNotExist"):
        await poll


async def test_a_poll_whose_client_left_takes_nothing_from_the_next(world: World) -> None:
    url = await world.make()
    first, second = await world.waits(url), await world.waits(url)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    await world.send(url, "for the second")
    assert await second == ["for the second"]


async def test_polls_end_with_the_server(world: World) -> None:
    poll = await world.waits(await world.make())
    world.polls.end()
    assert await poll == []


async def test_a_long_poll_takes_what_is_sent(world: World) -> None:
    url = await world.make("q", ReceiveMessageWaitTimeSeconds="20")
    poll = asyncio.create_task(world.bodies(url))
    await world.settled()
    await world.send(url, "news")
    assert await poll == ["news"]


async def test_each_message_wakes_one_poll_in_the_order_they_came(world: World) -> None:
    url = await world.make()
    polls = [await world.waits(url, most=1) for _ in range(5)]
    for n in range(3):
        await world.send(url, str(n))
    assert [await poll for poll in polls[:3]] == [["0"], ["1"], ["2"]]
    await world.settled()
    assert [poll.done() for poll in polls[3:]] == [False, False]
    await world.send(url, "3")
    assert await polls[3] == ["3"]
    polls[4].cancel()
    await asyncio.gather(polls[4], return_exceptions=True)


async def test_what_one_poll_leaves_goes_to_the_next(world: World) -> None:
    url = await world.make()
    polls = [await world.waits(url, most=1) for _ in range(3)]
    batch = [{"Id": str(n), "MessageBody": str(n)} for n in range(3)]
    await world.call("SendMessageBatch", QueueUrl=url, Entries=batch)
    assert sorted([(await poll)[0] for poll in polls]) == ["0", "1", "2"]


async def test_a_delayed_message_wakes_a_poll_when_it_is_due(world: World) -> None:
    url = await world.make()
    poll = await world.waits(url)
    await world.send(url, "late", DelaySeconds=7)
    await world.settled()
    await world.clock.advance(6)
    assert not poll.done()
    await world.clock.advance(1)
    assert await poll == ["late"]


async def test_a_message_that_comes_back_wakes_a_poll(world: World) -> None:
    url = await world.make("q", VisibilityTimeout="10")
    await world.send(url, "again")
    await world.receive(url)
    poll = await world.waits(url)
    await world.clock.advance(10)
    assert await poll == ["again"]
    assert await world.receive(url) == []
    poll = await world.waits(url)
    await world.clock.advance(10)
    assert await poll == ["again"]


async def test_a_message_that_is_given_back_early_wakes_a_poll(world: World) -> None:
    url = await world.make()
    await world.send(url, "back")
    (taken,) = await world.receive(url)
    poll = await world.waits(url)
    handle = taken["ReceiptHandle"]
    await world.call("ChangeMessageVisibility", QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=0)
    assert await poll == ["back"]


async def test_a_group_that_is_freed_wakes_a_poll(world: World) -> None:
    url = await world.make("f.fifo", ContentBasedDeduplication="true")
    for body in ("1", "2"):
        await world.send(url, body, MessageGroupId="g")
    (taken,) = await world.receive(url, 1)
    poll = await world.waits(url)
    await world.delete(url, taken)
    assert await poll == ["2"]


async def test_a_message_that_is_given_up_wakes_a_poll_on_the_dead_letter_queue(world: World) -> None:
    dlq = await world.make("dlq")
    url = await world.make("q", RedrivePolicy=f'{{"deadLetterTargetArn":"{arn("dlq")}","maxReceiveCount":"1"}}')
    await world.send(url, "bad")
    await world.receive(url, VisibilityTimeout=0)
    poll = await world.waits(dlq)
    assert await world.receive(url) == []
    assert await poll == ["bad"]
