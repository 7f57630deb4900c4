from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from unit.services.sqs.world import World

CODE = "InvalidParameterValueException"


async def fifo(world: World, **attributes: str) -> str:
    return await world.make("f.fifo", ContentBasedDeduplication="true", **attributes)


async def fill(world: World, url: str, *messages: str) -> None:
    """Messages like `g1-m1`: a group and what tells it from others."""
    for message in messages:
        await world.send(url, message, MessageGroupId=message.partition("-")[0])


async def set_visibility(world: World, url: str, message: dict[str, Any], timeout_s: int) -> None:
    handle = message["ReceiptHandle"]
    await world.call("ChangeMessageVisibility", QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=timeout_s)


# --- refusals


async def test_a_message_without_group_or_deduplication_is_refused(world: World) -> None:
    url = await world.make("f.fifo")
    missing = "The request must contain the parameter MessageGroupId."
    assert await world.refused("SendMessage", QueueUrl=url, MessageBody="x") == (
        "MissingRequiredParameterException",
        missing,
    )
    batch = [{"Id": "1", "MessageBody": "x"}]
    assert await world.refused("SendMessageBatch", QueueUrl=url, Entries=batch) == (CODE, missing)
    refused = await world.refused("SendMessage", QueueUrl=url, MessageBody="x", MessageGroupId="g")
    assert refused == (
        CODE,
        "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
    )


async def test_no_message_of_a_fifo_queue_has_a_delay_of_its_own(world: World) -> None:
    url = await fifo(world)
    refused = await world.refused("SendMessage", QueueUrl=url, MessageBody="x", MessageGroupId="g", DelaySeconds=2)
    assert refused[1] == (
        "Value 2 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for "
        "this queue type."
    )
    await world.send(url, MessageGroupId="g", DelaySeconds=0)


async def test_a_handle_is_good_only_while_its_message_is_in_flight(world: World) -> None:
    url = await fifo(world, VisibilityTimeout="5")
    await fill(world, url, "g-1")
    (taken,) = await world.receive(url)
    await world.clock.advance(5)
    handle = taken["ReceiptHandle"]
    text = f"Value {handle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired."
    assert await world.refused("DeleteMessage", QueueUrl=url, ReceiptHandle=handle) == (CODE, text)
    (again,) = await world.receive(url)
    assert await world.refused("DeleteMessage", QueueUrl=url, ReceiptHandle=handle) == (CODE, text)
    await world.delete(url, again)
    await world.delete(url, again)


async def test_throughput_by_group_needs_deduplication_by_group(world: World) -> None:
    attributes = {"FifoQueue": "true", "FifoThroughputLimit": "perMessageGroupId"}
    assert (await world.refused("CreateQueue", QueueName="f.fifo", Attributes=attributes))[0] == "InvalidAttributeValue"
    await world.make("f.fifo", FifoThroughputLimit="perMessageGroupId", DeduplicationScope="messageGroup")


# --- order


async def test_a_receive_fills_from_one_group_first_and_then_others_have_their_turn(world: World) -> None:
    url = await fifo(world)
    await fill(world, url, "g1-1", "g2-1", "g1-2", "g1-3", "g2-2")
    first = await world.receive(url, 4)
    assert [one["Body"] for one in first] == ["g1-1", "g1-2", "g1-3", "g2-1"]
    assert await world.receive(url) == []


async def test_a_group_that_was_served_goes_behind_the_others(world: World) -> None:
    url = await fifo(world)
    await fill(world, url, "g1-1", "g1-2", "g2-1", "g3-1")
    seen = []
    for _ in range(4):
        (taken,) = await world.receive(url, 1)
        await world.delete(url, taken)
        seen.append(taken["Body"])
    assert seen == ["g1-1", "g2-1", "g3-1", "g1-2"]


@pytest.mark.parametrize("extended", [0, 1, 2])
async def test_a_group_is_closed_from_its_first_message_in_flight_on(world: World, extended: int) -> None:
    url = await fifo(world, VisibilityTimeout="5")
    await fill(world, url, "g-1", "g-2", "g-3")
    taken = await world.receive(url)
    await set_visibility(world, url, taken[extended], 100)
    await world.clock.advance(5)
    assert await world.bodies(url) == ["g-1", "g-2", "g-3"][:extended]
    await set_visibility(world, url, taken[extended], 50)


async def test_a_message_that_is_given_back_comes_alone_while_those_behind_are_in_flight(world: World) -> None:
    url = await fifo(world)
    await fill(world, url, "g-1", "g-2", "g-3")
    first, second = await world.receive(url, 2)
    await set_visibility(world, url, first, 0)
    assert await world.bodies(url) == ["g-1"]
    await set_visibility(world, url, second, 0)
    assert await world.bodies(url) == []


async def test_deleting_all_frees_the_rest_of_the_group_and_deleting_one_does_not(world: World) -> None:
    url = await fifo(world)
    await fill(world, url, "g-1", "g-2", "g-3")
    first, second = await world.receive(url, 2)
    await world.delete(url, first)
    assert await world.bodies(url) == []
    await world.delete(url, second)
    assert await world.bodies(url) == ["g-3"]
    assert await world.counts(url) == (0, 1, 0)


async def test_sequence_numbers_have_twenty_digits_and_grow(world: World) -> None:
    url = await fifo(world)
    sent = [(await world.send(url, str(n), MessageGroupId="g"))["SequenceNumber"] for n in range(3)]
    assert sent == sorted(set(sent))
    assert {len(number) for number in sent} == {20}
    taken = await world.receive(url)
    assert [one["Attributes"]["SequenceNumber"] for one in taken] == sent


async def test_a_poison_message_frees_its_group_once_it_is_given_up(world: World) -> None:
    dlq = await world.make("d.fifo")
    policy = f'{{"deadLetterTargetArn":"{await world.attribute(dlq, "QueueArn")}","maxReceiveCount":1}}'
    url = await fifo(world, RedrivePolicy=policy, VisibilityTimeout="5")
    await fill(world, url, "g-poison", "g-2")
    assert await world.bodies(url, 1) == ["g-poison"]
    await world.clock.advance(5)
    assert await world.bodies(url) == ["g-2"]
    (given_up,) = await world.receive(dlq)
    assert (given_up["Body"], given_up["Attributes"]["ApproximateReceiveCount"]) == ("g-poison", "2")
    assert given_up["Attributes"]["MessageGroupId"] == "g"


# --- deduplication


async def test_a_duplicate_within_five_minutes_is_the_message_that_was_sent(world: World) -> None:
    url = await fifo(world)
    first = await world.send(url, MessageGroupId="g")
    (taken,) = await world.receive(url)
    assert len(taken["Attributes"]["MessageDeduplicationId"]) == 64
    await world.delete(url, taken)
    await world.clock.advance(299)
    again = await world.send(url, MessageGroupId="other")
    assert (again["MessageId"], again["SequenceNumber"]) == (first["MessageId"], first["SequenceNumber"])
    assert await world.bodies(url) == []
    await world.clock.advance(1)
    assert (await world.send(url, MessageGroupId="g"))["MessageId"] != first["MessageId"]


async def test_deduplication_by_group_looks_at_the_group_only(world: World) -> None:
    url = await fifo(world, DeduplicationScope="messageGroup")
    for group in ("a", "b", "a"):
        await world.send(url, MessageGroupId=group, MessageDeduplicationId="one")
    assert len(await world.receive(url)) == 2


# --- attempts


async def test_an_attempt_that_is_repeated_gets_the_same_messages_anew(world: World) -> None:
    url = await fifo(world, VisibilityTimeout="30")
    await fill(world, url, "g-1", "g-2", "h-1")
    first = await world.receive(url, 2, ReceiveRequestAttemptId="a")
    await world.clock.advance(20)
    again = await world.receive(url, 2, ReceiveRequestAttemptId="a")
    assert [one["ReceiptHandle"] for one in again] == [one["ReceiptHandle"] for one in first]
    await world.clock.advance(20)
    assert await world.bodies(url) == ["h-1"]


async def test_an_attempt_whose_messages_were_touched_is_a_new_one(world: World) -> None:
    url = await fifo(world)
    await fill(world, url, "g-1", "h-1")
    (taken,) = await world.receive(url, 1, ReceiveRequestAttemptId="a")
    await world.delete(url, taken)
    assert await world.bodies(url, 1, ReceiveRequestAttemptId="a") == ["h-1"]
