from __future__ import annotations

import hashlib
import json
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from lambent.delivery import Attribute, Message, Undeliverable
from unit.services.sns.world import BASE, DEAD, FUNCTION, QUEUE

if TYPE_CHECKING:
    from lambent.store import Tx
    from unit.services.sns.world import World

INVALID = "InvalidParameter"
FIFO = f"{QUEUE}.fifo"
GROUP = "Invalid parameter: The MessageGroupId parameter is required for FIFO topics"
DEDUPLICATION = (
    "Invalid parameter: The topic should either have ContentBasedDeduplication enabled "
    "or MessageDeduplicationId provided explicitly"
)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"Message": ""}, "Empty message"),
        ({"Message": "m", "Subject": ""}, "Subject"),
        ({"Message": "x" * 262_145}, "Message too long"),
        ({"Message": "{", "MessageStructure": "json"}, "Message Structure - JSON message body failed to parse"),
        ({"Message": "{}", "MessageStructure": "json"}, "Message Structure - No default entry in JSON message body"),
        (
            {"Message": "m", "MessageDeduplicationId": "x"},
            (
                "MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter "
                "that is not valid for this topic type"
            ),
        ),
    ],
)
async def test_a_message_that_is_none_is_refused(world: World, params: dict[str, Any], words: str) -> None:
    topic = await world.topic()
    assert await world.refusal("Publish", TopicArn=topic, **params) == (INVALID, f"Invalid parameter: {words}")


@pytest.mark.parametrize(
    ("name", "attribute", "words"),
    [
        (".a", {"DataType": "String", "StringValue": "x"}, "name starting with character '.' was found."),
        ("a.", {"DataType": "String", "StringValue": "x"}, "name ending with character '.' was found."),
        ("a..b", {"DataType": "String", "StringValue": "x"}, "can not have successive '.' character."),
        ("a b", {"DataType": "String", "StringValue": "x"}, "character '#x20' was found"),
        ("a", {"DataType": "Text", "StringValue": "x"}, "type prefixes is Binary, Number, and String."),
        ("a", {"DataType": "String", "StringValue": ""}, "must contain non-empty message attribute value"),
        ("a", {"DataType": "Binary", "StringValue": "x"}, "with type 'Binary' must use field 'Binary'."),
        ("a", {"DataType": "Number", "StringValue": "x"}, "Could not cast message attribute 'a' value to number."),
    ],
)
async def test_attributes_of_messages_are_checked(
    world: World, name: str, attribute: dict[str, Any], words: str
) -> None:
    topic = await world.topic()
    code, text = await world.refusal("Publish", TopicArn=topic, Message="m", MessageAttributes={name: attribute})
    assert code == "ParameterValueInvalid"
    assert words in str(text)


async def test_a_queue_gets_the_envelope_as_recorded(world: World) -> None:
    topic = await world.topic()
    arn = await world.subscribe(topic)
    attributes = {
        "n": {"DataType": "Number", "StringValue": "100.12"},
        "b": {"DataType": "Binary", "BinaryValue": b"\x02\x03\x04"},
    }
    answer = await world.publish(topic, "Test msg", MessageAttributes=attributes, Subject="about")
    (body,) = world.envelopes()
    assert list(body) == [
        "Type",
        "MessageId",
        "TopicArn",
        "Subject",
        "Message",
        "Timestamp",
        "SignatureVersion",
        "Signature",
        "SigningCertURL",
        "UnsubscribeURL",
        "MessageAttributes",
    ]
    assert (body["MessageId"], body["TopicArn"]) == (answer["MessageId"], topic)
    assert (body["Message"], body["Subject"], body["SignatureVersion"]) == ("Test msg", "about", "1")
    assert body["Timestamp"] == "2026-01-01T00:00:00.000Z"
    assert body["UnsubscribeURL"] == f"{BASE}/?Action=Unsubscribe&Version=2010-03-31&SubscriptionArn={arn}"
    assert body["MessageAttributes"] == {
        "n": {"Type": "Number", "Value": "100.12"},
        "b": {"Type": "Binary", "Value": "AgME"},
    }
    (message,) = world.queues.to(QUEUE)
    assert (message.attributes, message.trace_header) == ({}, "Root=1-2-3")
    assert (message.source_service, message.source_arn) == ("sns.amazonaws.com", topic)


async def test_a_raw_queue_gets_the_message_and_its_attributes(world: World) -> None:
    topic = await world.topic()
    await world.subscribe(topic, RawMessageDelivery="true")
    await world.publish(topic, MessageAttributes={"a": {"DataType": "Binary", "BinaryValue": b"\x02"}})
    (message,) = world.queues.to(QUEUE)
    assert (message.body, message.attributes) == ("hello", {"a": Attribute("Binary", b"\x02")})


async def test_a_function_gets_the_event_as_recorded(world: World) -> None:
    topic = await world.topic()
    arn = await world.subscribe(topic, FUNCTION, "lambda")
    answer = await world.publish(topic)
    ((_, message),) = world.functions.messages
    (record,) = json.loads(message.body)["Records"]
    assert (record["EventSource"], record["EventVersion"]) == ("aws:sns", "1.0")
    assert record["EventSubscriptionArn"] == arn
    told = record["Sns"]
    assert told.keys() == {
        "Type",
        "MessageId",
        "TopicArn",
        "Subject",
        "Message",
        "Timestamp",
        "SignatureVersion",
        "Signature",
        "SigningCertUrl",
        "UnsubscribeUrl",
        "MessageAttributes",
    }
    assert (told["MessageId"], told["Subject"], told["MessageAttributes"]) == (answer["MessageId"], None, {})


async def test_each_protocol_gets_its_own_text(world: World) -> None:
    topic = await world.topic()
    await world.subscribe(topic)
    await world.subscribe(topic, FUNCTION, "lambda")
    message = json.dumps({"default": "all", "sqs": "queues", "lambda": {"not": "a text"}})
    await world.publish(topic, message, MessageStructure="json")
    assert world.envelopes()[0]["Message"] == "queues"
    assert json.loads(world.functions.messages[0][1].body)["Records"][0]["Sns"]["Message"] == "all"


async def test_a_subscription_gets_what_its_policy_lets_through(world: World) -> None:
    topic = await world.topic()
    await world.subscribe(topic, FilterPolicy='{"kind": ["a"], "size": [{"numeric": [">", 5]}]}')
    body_queue = f"{QUEUE}-body"
    await world.subscribe(topic, body_queue, FilterPolicy='{"x": {"y": [1]}}', FilterPolicyScope="MessageBody")

    def attributes(kind: str, size: str) -> dict[str, Any]:
        return {
            "kind": {"DataType": "String", "StringValue": kind},
            "size": {"DataType": "Number", "StringValue": size},
        }

    await world.publish(topic, "1", MessageAttributes=attributes("a", "6"))
    await world.publish(topic, "2", MessageAttributes=attributes("a", "5"))
    await world.publish(topic, "3", MessageAttributes=attributes("b", "6"))
    await world.publish(topic, '{"x": {"y": 1}}')
    assert [body["Message"] for body in world.envelopes()] == ["1"]
    assert [body["Message"] for body in world.envelopes(body_queue)] == ['{"x": {"y": 1}}']


async def test_what_a_queue_cannot_take_goes_to_the_dead_letters(world: World) -> None:
    topic = await world.topic()
    world.queues.gone = {QUEUE}
    world.functions.gone = {FUNCTION}
    redrive = json.dumps({"deadLetterTargetArn": DEAD})
    await world.subscribe(topic, RedrivePolicy=redrive)
    await world.subscribe(topic, FUNCTION, "lambda", RedrivePolicy=redrive)
    alive = f"{QUEUE}-alive"
    await world.subscribe(topic, alive)
    await world.publish(topic)
    assert [body["Message"] for body in world.envelopes(DEAD)] == ["hello", "hello"]
    assert len(world.bodies(alive)) == 1


async def test_without_dead_letters_it_is_told_in_the_log(world: World, caplog: pytest.LogCaptureFixture) -> None:
    topic = await world.topic()
    world.queues.gone = {QUEUE}
    arn = await world.subscribe(topic)
    await world.publish(topic)
    assert f"a message to {arn} was discarded" in caplog.text


async def test_more_attributes_than_a_queue_takes_are_dead_letters(world: World) -> None:
    topic = await world.topic()
    await world.subscribe(topic, RawMessageDelivery="true", RedrivePolicy=json.dumps({"deadLetterTargetArn": DEAD}))
    many = {f"a{number}": {"DataType": "String", "StringValue": "x"} for number in range(11)}
    await world.publish(topic, MessageAttributes=many)
    assert (world.bodies(), world.bodies(DEAD)) == ([], ["hello"])


async def test_people_get_nothing_and_it_is_kept(world: World) -> None:
    topic = await world.topic()
    await world.subscribe(topic, "+4912345678", "sms")
    await world.subscribe(topic, "me@example.com", "email")
    await world.publish(topic, Subject="about")
    await world.call("Publish", PhoneNumber="+4912345679", Message="you")
    asked, by_topic, directly = await world.sent()
    assert json.loads(asked["body"])["Type"] == "SubscriptionConfirmation"
    assert (by_topic["endpoint"], by_topic["body"]) == ("+4912345678", "hello")
    assert (directly["endpoint"], directly["body"]) == ("+4912345679", "you")
    await world.call("ConfirmSubscription", TopicArn=topic, Token=json.loads(asked["body"])["Token"])
    await world.publish(topic, Subject="about")
    mail = [one for one in await world.sent() if one["protocol"] == "email"]
    assert [(one["subject"], one["body"]) for one in mail[1:]] == [("about", "hello")]


# --- FIFO


async def test_a_fifo_topic_needs_group_and_deduplication(world: World) -> None:
    topic = await world.topic("t.fifo")
    assert await world.refusal("Publish", TopicArn=topic, Message="m") == (INVALID, GROUP)
    refusal = await world.refusal("Publish", TopicArn=topic, Message="m", MessageGroupId="g")
    assert refusal == (INVALID, DEDUPLICATION)


async def test_fifo_messages_are_numbered_and_not_signed(world: World) -> None:
    topic = await world.topic("t.fifo", ContentBasedDeduplication="true")
    await world.subscribe(topic, FIFO)
    numbers = [(await world.publish(topic, text, MessageGroupId="g"))["SequenceNumber"] for text in ("a", "b")]
    assert numbers == sorted(set(numbers))
    assert all(len(number) == 20 for number in numbers)
    first = world.envelopes(FIFO)[0]
    assert list(first) == [
        "Type",
        "MessageId",
        "SequenceNumber",
        "TopicArn",
        "Message",
        "Timestamp",
        "UnsubscribeURL",
    ]
    message = world.queues.to(FIFO)[0]
    assert (message.group_id, message.deduplication_id) == ("g", hashlib.sha256(b"a").hexdigest())


async def test_a_repeated_message_is_accepted_and_not_delivered_for_five_minutes(world: World) -> None:
    topic = await world.topic("t.fifo")
    await world.subscribe(topic, FIFO)
    once = {"MessageGroupId": "g", "MessageDeduplicationId": "d"}
    first = await world.publish(topic, "a", **once)
    await world.clock.advance(299)
    assert await world.publish(topic, "other", **once) == first
    assert len(world.bodies(FIFO)) == 1
    await world.clock.advance(1)
    assert await world.publish(topic, "a", **once) != first
    assert len(world.bodies(FIFO)) == 2


async def test_a_topic_that_is_made_anew_has_seen_nothing(world: World) -> None:
    once = {"MessageGroupId": "g", "MessageDeduplicationId": "d"}
    for _ in range(2):
        topic = await world.topic("t.fifo")
        await world.subscribe(topic, FIFO)
        await world.publish(topic, "a", **once)
        await world.call("DeleteTopic", TopicArn=topic)
    assert len(world.bodies(FIFO)) == 2


async def test_deduplication_can_be_a_groups_own(world: World) -> None:
    topic = await world.topic("t.fifo", FifoThroughputScope="MessageGroup")
    await world.subscribe(topic, FIFO)
    for group in ("g", "h"):
        await world.publish(topic, "a", MessageGroupId=group, MessageDeduplicationId="d")
    assert len(world.bodies(FIFO)) == 2


async def test_groups_of_a_standard_topic_reach_fair_queues(world: World) -> None:
    topic = await world.topic()
    await world.subscribe(topic)
    await world.publish(topic, MessageGroupId="g")
    assert world.queues.to(QUEUE)[0].group_id == "g"


# --- batches


def entry(name: str, message: str = "m", **more: Any) -> dict[str, Any]:
    return {"Id": name, "Message": message, **more}


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ([], "EmptyBatchRequest"),
        ([entry(str(number)) for number in range(11)], "TooManyEntriesInBatchRequest"),
        ([entry("a"), entry("a")], "BatchEntryIdsNotDistinct"),
        ([entry("a b")], "InvalidBatchEntryId"),
        ([entry("a", "x" * 200_000), entry("b", "x" * 200_000)], "BatchRequestTooLong"),
        ([entry("a"), entry("b", "{}", MessageStructure="json")], INVALID),
    ],
)
async def test_a_batch_that_is_wrong_anywhere_is_refused_as_a_whole(
    world: World, entries: list[dict[str, Any]], code: str
) -> None:
    topic = await world.topic()
    await world.subscribe(topic)
    refusal = await world.refusal("PublishBatch", TopicArn=topic, PublishBatchRequestEntries=entries)
    assert refusal[0] == code
    assert world.bodies() == []


async def test_a_batch_to_a_fifo_topic_without_groups_is_refused_whole(world: World) -> None:
    topic = await world.topic("t.fifo")
    good = entry("a", MessageGroupId="g", MessageDeduplicationId="1")
    entries = [good, entry("b", MessageDeduplicationId="2")]
    refusal = await world.refusal("PublishBatch", TopicArn=topic, PublishBatchRequestEntries=entries)
    assert refusal == (INVALID, GROUP)


async def test_a_batch_is_published_in_order(world: World) -> None:
    topic = await world.topic("t.fifo", ContentBasedDeduplication="true")
    await world.subscribe(topic, FIFO)
    entries = [entry(name, name, MessageGroupId="g") for name in "abc"]
    answer = await world.call("PublishBatch", TopicArn=topic, PublishBatchRequestEntries=entries)
    assert [one["Id"] for one in answer["Successful"]] == ["a", "b", "c"]
    assert [body["Message"] for body in world.envelopes(FIFO)] == ["a", "b", "c"]
    assert [body["SequenceNumber"] for body in world.envelopes(FIFO)] == [
        one["SequenceNumber"] for one in answer["Successful"]
    ]


# --- what other services hand over


def deliver(world: World, arn: str, message: Message, tx: Tx) -> None:
    world.target.deliver(tx, arn, message)


async def test_a_topic_takes_what_others_hand_over(world: World) -> None:
    topic = await world.topic()
    await world.subscribe(topic)
    message = Message("outcome", {"a": Attribute("Number", "1")}, subject="s")
    await world.store.write(lambda tx: world.target.deliver(tx, topic, message))
    (body,) = world.envelopes()
    assert (body["Message"], body["Subject"]) == ("outcome", "s")
    assert body["MessageAttributes"] == {"a": {"Type": "Number", "Value": "1"}}


@pytest.mark.parametrize("message", [Message(""), Message("x" * 262_145)])
async def test_what_a_topic_cannot_take_is_undeliverable(world: World, message: Message) -> None:
    topic = await world.topic()
    fifo = await world.topic("t.fifo")
    for arn, one in [(topic, message), (f"{topic}-gone", Message("m")), (fifo, Message("m"))]:
        with pytest.raises(Undeliverable):
            await world.store.write(partial(deliver, world, arn, one))
