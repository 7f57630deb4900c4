from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from lambent.services.sqs import taking

if TYPE_CHECKING:
    from unit.services.sqs.world import World

CODE = "InvalidParameterValueException"


def entries(*bodies: str, **params: Any) -> list[dict[str, Any]]:
    return [{"Id": str(n), "MessageBody": body, **params} for n, body in enumerate(bodies)]


# --- refusals


@pytest.mark.parametrize(
    ("params", "text"),
    [
        (
            {"MaxNumberOfMessages": 11},
            "Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.",
        ),
        (
            {"WaitTimeSeconds": 21},
            "Value 21 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided.",
        ),
        (
            {"WaitTimeSeconds": -1},
            "Value -1 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided.",
        ),
    ],
)
async def test_receives_out_of_range_are_refused(world: World, params: dict[str, Any], text: str) -> None:
    url = await world.make()
    assert await world.refused("ReceiveMessage", QueueUrl=url, **params) == (CODE, text)


async def test_an_empty_message_is_refused(world: World) -> None:
    url = await world.make()
    refused = await world.refused("SendMessage", QueueUrl=url, MessageBody="")
    assert refused == ("MissingRequiredParameterException", "The request must contain the parameter MessageBody.")


async def test_a_message_with_its_attributes_has_a_largest_size(world: World) -> None:
    url = await world.make("q", MaximumMessageSize="1024")
    attributes = {"k": {"DataType": "String", "StringValue": "x" * 10}}
    await world.send(url, "x" * (1024 - 17), MessageAttributes=attributes)
    refused = await world.refused(
        "SendMessage", QueueUrl=url, MessageBody="x" * (1025 - 17), MessageAttributes=attributes
    )
    assert refused == (CODE, "One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.")


@pytest.mark.parametrize(
    ("given", "code", "text"),
    [
        (entries(*"x" * 20), "TooManyEntriesInBatchRequest", ("Maximum number of entries per request are 10. "
         "You have sent 20.")),
        ([], "EmptyBatchRequest", "There should be at least one SendMessageBatchRequestEntry in the request."),
        ([{"Id": "a b", "MessageBody": "x"}], "InvalidBatchEntryId", ("A batch entry id can only contain alphanumeric "
         "characters, hyphens and underscores. It can be at most 80 letters long.")),
        ([{"Id": "a", "MessageBody": "x"}] * 2, "BatchEntryIdsNotDistinct", "Id a repeated."),
        (entries("x" * 1_048_576, "x"), "BatchRequestTooLong", ("Batch requests cannot be longer than 1048576 bytes. "
         "You have sent 1048577 bytes.")),
    ],
    ids=["many", "none", "id", "twice", "long"],
)  # fmt: skip
async def test_a_batch_that_is_none_is_refused(world: World, given: Any, code: str, text: str) -> None:
    url = await world.make()
    assert await world.refused("SendMessageBatch", QueueUrl=url, Entries=given) == (code, text)


async def test_an_entry_that_is_too_large_fails_alone(world: World) -> None:
    url = await world.make("q", MaximumMessageSize="1024")
    answer = await world.call("SendMessageBatch", QueueUrl=url, Entries=entries("a", "x" * 1025))
    assert [one["Id"] for one in answer["Successful"]] == ["0"]
    text = "One or more parameters cannot be validated. Reason: Message must be shorter than 1024 bytes."
    assert answer["Failed"] == [{"Id": "1", "SenderFault": True, "Code": "InvalidParameterValue", "Message": text}]


async def test_garbage_is_no_receipt_handle_and_another_queues_neither(world: World) -> None:
    url, other = await world.make(), await world.make("other")
    await world.send(other)
    (foreign,) = await world.receive(other)
    for handle in ("garbage", foreign["ReceiptHandle"]):
        refused = await world.refused("DeleteMessage", QueueUrl=url, ReceiptHandle=handle)
        assert refused == (
            "ReceiptHandleIsInvalid",
            f'The input receipt handle "{handle}" is not a valid receipt handle.',
        )


async def test_the_visibility_of_what_is_not_in_flight_does_not_change(world: World) -> None:
    url = await world.make()
    await world.send(url)
    (taken,) = await world.receive(url)
    params = {"QueueUrl": url, "ReceiptHandle": taken["ReceiptHandle"], "VisibilityTimeout": 10}
    await world.clock.advance(31)
    text = (
        f"Value {taken['ReceiptHandle']} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is "
        "not available for visibility timeout change."
    )
    assert await world.refused("ChangeMessageVisibility", **params) == (CODE, text)
    await world.delete(url, taken)
    assert await world.refused("ChangeMessageVisibility", **params) == (CODE, text)


async def test_nobody_holds_a_message_for_more_than_twelve_hours(world: World) -> None:
    url = await world.make()
    await world.send(url)
    (taken,) = await world.receive(url, VisibilityTimeout=100)
    await world.clock.advance(1)
    refused = await world.refused(
        "ChangeMessageVisibility", QueueUrl=url, ReceiptHandle=taken["ReceiptHandle"], VisibilityTimeout=43_200
    )
    assert "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]" in str(refused[1])


async def test_a_standard_queue_knows_no_deduplication(world: World) -> None:
    url = await world.make()
    refused = await world.refused("SendMessage", QueueUrl=url, MessageBody="x", MessageDeduplicationId="d")
    assert refused[1] == (
        "Value d for parameter MessageDeduplicationId is invalid. Reason: The request include parameter that is not "
        "valid for this queue type."
    )


async def test_a_group_of_messages_has_a_name_of_printable_characters(world: World) -> None:
    url = await world.make()
    refused = await world.refused("SendMessage", QueueUrl=url, MessageBody="x", MessageGroupId="a b")
    assert refused[1] == (
        "Value a b for parameter MessageGroupId is invalid. Reason: MessageGroupId can only include alphanumeric and "
        "punctuation characters. 1 to 128 in length."
    )


# --- what works


async def test_a_message_comes_back_until_it_is_deleted(world: World) -> None:
    url = await world.make()
    sent = await world.send(url, "ü")
    (first,) = await world.receive(url)
    assert (first["MessageId"], first["MD5OfBody"]) == (sent["MessageId"], sent["MD5OfMessageBody"])
    assert await world.receive(url) == []
    assert await world.counts(url) == (0, 1, 0)
    await world.clock.advance(30)
    (second,) = await world.receive(url)
    assert second["ReceiptHandle"] != first["ReceiptHandle"]
    counts = [message["Attributes"]["ApproximateReceiveCount"] for message in (first, second)]
    firsts = [message["Attributes"]["ApproximateFirstReceiveTimestamp"] for message in (first, second)]
    assert counts == ["1", "2"]
    assert firsts[0] == firsts[1] == sent_at(first)
    await world.delete(url, second)
    assert await world.counts(url) == (0, 0, 0)


async def test_an_old_handle_still_deletes_and_does_so_twice(world: World) -> None:
    url = await world.make()
    await world.send(url)
    (first,) = await world.receive(url)
    await world.clock.advance(31)
    await world.receive(url)
    await world.delete(url, first)
    await world.delete(url, first)
    await world.clock.advance(31)
    assert await world.receive(url) == []


async def test_a_delayed_message_waits(world: World) -> None:
    url = await world.make("q", DelaySeconds="5")
    await world.send(url, "queue's")
    await world.send(url, "own", DelaySeconds=10)
    await world.send(url, "none", DelaySeconds=0)
    assert await world.counts(url) == (1, 0, 2)
    assert await world.bodies(url) == ["none"]
    await world.clock.advance(5)
    assert await world.bodies(url) == ["queue's"]
    await world.clock.advance(5)
    assert await world.bodies(url) == ["own"]


async def test_visibility_is_the_queues_or_the_receives_or_changed(world: World) -> None:
    url = await world.make("q", VisibilityTimeout="3")
    await world.send(url)
    assert len(await world.receive(url)) == 1
    await world.clock.advance(3)
    (taken,) = await world.receive(url, VisibilityTimeout=7)
    await world.clock.advance(6)
    assert await world.receive(url) == []
    change = {"QueueUrl": url, "ReceiptHandle": taken["ReceiptHandle"]}
    await world.call("ChangeMessageVisibility", **change, VisibilityTimeout=100)
    await world.clock.advance(99)
    assert await world.receive(url) == []
    await world.call("ChangeMessageVisibility", **change, VisibilityTimeout=0)
    assert len(await world.receive(url)) == 1


async def test_a_receive_without_visibility_leaves_its_messages_visible(world: World) -> None:
    url = await world.make()
    await world.send(url)
    assert [len(await world.receive(url, VisibilityTimeout=0)) for _ in range(2)] == [1, 1]


async def test_only_the_attributes_that_are_asked_for_are_told_and_digested(world: World) -> None:
    url = await world.make()
    attributes = {
        "n": {"DataType": "Number.int", "StringValue": "1"},
        "b": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
    }
    sent = await world.send(url, MessageAttributes=attributes)
    (full,) = await world.receive(url, VisibilityTimeout=0)
    assert full["MessageAttributes"] == attributes
    assert full["MD5OfMessageAttributes"] == sent["MD5OfMessageAttributes"]
    (bare,) = await world.receive(url, MessageSystemAttributeNames=[], MessageAttributeNames=["x"])
    assert bare.keys() == {"MessageId", "ReceiptHandle", "MD5OfBody", "Body"}


async def test_the_trace_goes_with_the_message_and_has_its_own_digest(world: World) -> None:
    url = await world.make()
    trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
    system = {"AWSTraceHeader": {"DataType": "String", "StringValue": trace}}
    sent = await world.send(url, MessageSystemAttributes=system)
    assert sent["MD5OfMessageSystemAttributes"] == "5ae4d5d7636402d80f4eb6d213245a88"
    (taken,) = await world.receive(url, AttributeNames=["AWSTraceHeader"], MessageSystemAttributeNames=[])
    assert taken["Attributes"] == {"AWSTraceHeader": trace}


async def test_a_fair_queue_tells_the_group_of_a_message(world: World) -> None:
    url = await world.make()
    await world.send(url, MessageGroupId="tenant")
    (taken,) = await world.receive(url)
    assert taken["Attributes"]["MessageGroupId"] == "tenant"


async def test_batches_delete_and_change_each_by_itself(world: World) -> None:
    url = await world.make()
    await world.call("SendMessageBatch", QueueUrl=url, Entries=entries("a", "b"))
    first, second = await world.receive(url)
    changed = await world.call(
        "ChangeMessageVisibilityBatch",
        QueueUrl=url,
        Entries=[
            {"Id": "1", "ReceiptHandle": first["ReceiptHandle"], "VisibilityTimeout": 0},
            {"Id": "2", "ReceiptHandle": "garbage", "VisibilityTimeout": 0},
        ],
    )
    assert [one["Id"] for one in changed["Successful"]] == ["1"]
    assert [one["Code"] for one in changed["Failed"]] == ["ReceiptHandleIsInvalid"]
    handles = [{"Id": str(n), "ReceiptHandle": one["ReceiptHandle"]} for n, one in enumerate((first, second))]
    answer = await world.call("DeleteMessageBatch", QueueUrl=url, Entries=handles)
    assert answer == {"Successful": [{"Id": "0"}, {"Id": "1"}]}
    assert await world.counts(url) == (0, 0, 0)


def sent_at(message: dict[str, Any]) -> str:
    return str(message["Attributes"]["SentTimestamp"])


async def test_a_standard_queue_says_when_too_many_are_in_flight_and_a_fifo_queue_is_just_empty(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "MOST_IN_FLIGHT", 2)
    url = await world.make()
    fifo = await world.make("f.fifo", ContentBasedDeduplication="true")
    for n in range(4):
        await world.send(url, str(n))
        await world.send(fifo, str(n), MessageGroupId=str(n))
    assert [len(await world.receive(one)) for one in (url, fifo)] == [2, 2]
    assert (await world.refused("ReceiveMessage", QueueUrl=url))[0] == "OverLimit"
    assert await world.receive(fifo) == []
