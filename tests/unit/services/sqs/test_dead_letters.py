from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from lambent.delivery import Attribute, Message, Undeliverable
from unit.services.sqs.world import ACCOUNT, arn

if TYPE_CHECKING:
    from unit.services.sqs.world import World

CODE = "InvalidParameterValueException"
TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"


def policy(target: str = "dlq", count: Any = 1) -> str:
    return json.dumps({"deadLetterTargetArn": arn(target), "maxReceiveCount": count})


async def refused(world: World, text: str, name: str = "RedrivePolicy", queue: str = "q") -> str:
    """The reason for which a policy is refused."""
    url = await world.make(queue)
    code, told = await world.refused("SetQueueAttributes", QueueUrl=url, Attributes={name: text})
    start = f"Value {text} for parameter {name} is invalid. Reason: "
    assert code == CODE
    assert told is not None
    assert told.startswith(start)
    return told.removeprefix(start)


# --- refusals


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"maxReceiveCount":"5"}', "Redrive policy does not contain mandatory attribute: deadLetterTargetArn."),
        ('{"deadLetterTargetArn":"x"}', "Redrive policy does not contain mandatory attribute: maxReceiveCount."),
        ("[]", "Redrive policy is not a valid JSON map."),
        (policy("nobody"), "Dead letter target does not exist."),
        (policy("d.fifo"), "Dead-letter queue must be same type of queue as the source."),
        (policy("q"), "A queue cannot be its own dead letter target."),
        (policy(count=0), "Invalid value for maxReceiveCount: 0, valid values are from 1 to 1000 both inclusive."),
        (policy(count="x"), "Invalid value for maxReceiveCount: x, valid values are from 1 to 1000 both inclusive."),
        (
            policy(count="9" * 5000),
            f"Invalid value for maxReceiveCount: {'9' * 5000}, valid values are from 1 to 1000 both inclusive.",
        ),
    ],
)
async def test_a_redrive_policy_that_cannot_hold_is_refused(world: World, text: str, reason: str) -> None:
    await world.make("dlq")
    await world.make("d.fifo")
    assert await refused(world, text) == reason


async def test_a_dead_letter_queue_says_whose_it_is(world: World) -> None:
    await world.make("dlq", RedriveAllowPolicy='{"redrivePermission":"denyAll"}')
    assert "does not admit" in await refused(world, policy())
    allow = json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": [arn("other")]})
    await world.call("SetQueueAttributes", QueueUrl="dlq", Attributes={"RedriveAllowPolicy": allow})
    assert "does not admit" in await refused(world, policy())
    await world.make("other", RedrivePolicy=policy())


@pytest.mark.parametrize(
    "text",
    ["x", '{"redrivePermission":"some"}', '{"redrivePermission":"byQueue"}',
     '{"redrivePermission":"denyAll","sourceQueueArns":["a"]}',
     json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": ["a"] * 11})],
)  # fmt: skip
async def test_an_allow_policy_that_is_none_is_refused(world: World, text: str) -> None:
    assert await refused(world, text, "RedriveAllowPolicy")


async def test_messages_stay_where_the_dead_letter_queue_is_gone(world: World) -> None:
    dlq = await world.make("dlq")
    url = await world.make("q", RedrivePolicy=policy(), VisibilityTimeout="1")
    await world.send(url)
    await world.call("DeleteQueue", QueueUrl=dlq)
    for _ in range(3):
        assert len(await world.receive(url)) == 1
        await world.clock.advance(1)


# --- what works


async def test_what_was_received_too_often_moves_at_the_next_receive_with_all_that_is_known(world: World) -> None:
    dlq = await world.make("dlq")
    url = await world.make("q", RedrivePolicy=policy(count="1"), VisibilityTimeout="1")
    attributes = {"MyAttribute": {"DataType": "String", "StringValue": "foobar"}}
    await world.call("SendMessage", QueueUrl=url, MessageBody="message-1", MessageAttributes=attributes, trace=TRACE)
    (before,) = await world.receive(url)
    assert before["MD5OfMessageAttributes"] == "adb59cd4678ea5a855436b949cd07ab6"
    await world.clock.advance(1)
    assert await world.counts(url) == (1, 0, 0)
    assert await world.receive(url) == []
    assert (await world.counts(url), await world.counts(dlq)) == ((0, 0, 0), (1, 0, 0))
    (after,) = await world.receive(dlq)
    for name in ("MessageId", "Body", "MessageAttributes", "MD5OfMessageAttributes"):
        assert after[name] == before[name]
    assert after["Attributes"] == {
        **before["Attributes"],
        "ApproximateReceiveCount": "2",
        "DeadLetterQueueSourceArn": arn("q"),
    }


async def test_a_dead_letter_queue_of_a_dead_letter_queue_counts_its_own_receives(world: World) -> None:
    await world.make("last")
    dlq = await world.make("dlq", RedrivePolicy=policy("last", 1), VisibilityTimeout="0")
    url = await world.make("q", RedrivePolicy=policy(), VisibilityTimeout="0")
    await world.send(url)
    assert [len(await world.receive(one)) for one in (url, url, dlq, dlq, "last")] == [1, 0, 1, 0, 1]


async def test_the_age_of_a_message_goes_on_in_a_standard_dead_letter_queue(world: World) -> None:
    dlq = await world.make("dlq", MessageRetentionPeriod="60")
    url = await world.make("q", RedrivePolicy=policy(), VisibilityTimeout="1")
    await world.send(url)
    await world.receive(url)
    await world.clock.advance(59)
    assert await world.receive(url) == []
    await world.clock.advance(1)
    assert await world.receive(dlq) == []


async def test_a_redrive_policy_is_taken_away_by_an_empty_one(world: World) -> None:
    await world.make("dlq")
    url = await world.make("q", RedrivePolicy=policy())
    assert (await world.call("ListDeadLetterSourceQueues", QueueUrl="dlq"))["queueUrls"] == [url]
    await world.call("SetQueueAttributes", QueueUrl=url, Attributes={"RedrivePolicy": ""})
    assert await world.call("ListDeadLetterSourceQueues", QueueUrl="dlq") == {"queueUrls": []}


# --- what others hand over


async def deliver(world: World, name: str, message: Message) -> None:
    await world.store.write(lambda tx: world.target.deliver(tx, arn(name), message))


async def test_what_is_handed_over_arrives_as_a_message(world: World) -> None:
    url = await world.make()
    poll = await world.waits(url)
    await deliver(world, "q", Message("body", {"n": Attribute("Number", "1")}, trace_header=TRACE))
    assert await poll == ["body"]
    await world.clock.advance(30)
    (taken,) = await world.receive(url)
    assert taken["MessageAttributes"] == {"n": {"DataType": "Number", "StringValue": "1"}}
    assert taken["Attributes"]["AWSTraceHeader"] == TRACE
    assert taken["Attributes"]["SenderId"] == ACCOUNT


async def test_a_fifo_queue_is_handed_messages_of_a_group(world: World) -> None:
    url = await world.make("f.fifo", ContentBasedDeduplication="true")
    for _ in range(2):
        await deliver(world, "f.fifo", Message("body", group_id="g"))
    assert await world.bodies(url) == ["body"]


@pytest.mark.parametrize(
    ("name", "message", "code"),
    [
        ("nobody", Message("x"), "AWS.SimpleQueueService.NonExistentQueue"),
        ("f.fifo", Message("x"), "MissingParameter"),
        ("f.fifo", Message("x", group_id="g"), "InvalidParameterValue"),
        ("q", Message("x" * 1025), "InvalidParameterValue"),
    ],
)
async def test_what_a_queue_does_not_take_is_undeliverable(
    world: World, name: str, message: Message, code: str
) -> None:
    await world.make("f.fifo")
    await world.make("q", MaximumMessageSize="1024")
    with pytest.raises(Undeliverable) as refusal:
        await deliver(world, name, message)
    assert refusal.value.code == code
