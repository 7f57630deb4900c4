from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from unit.services.sns.world import ACCOUNT, DEAD, FUNCTION, OTHER, QUEUE, URL

if TYPE_CHECKING:
    from unit.services.sns.world import World

INVALID = "InvalidParameter"
DAY_S = 24 * 3600
JACKSON = (
    "failed to parse JSON. Unexpected character ('i' (code 105)): was expecting double-quote to start field name\n"
    " at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 2]"
)


@pytest.mark.parametrize(
    ("protocol", "endpoint", "words"),
    [
        ("pigeon", "x", "Amazon SNS does not support this protocol string: pigeon"),
        ("sqs", "queue", "SQS endpoint ARN"),
        ("sqs", FUNCTION, "SQS endpoint ARN"),
        ("lambda", QUEUE, "Lambda endpoint ARN"),
        ("http", "https://a", "Endpoint must match the specified protocol"),
        ("sms", "call me", "Invalid SMS endpoint: call me"),
        (
            "sqs",
            f"{QUEUE}.fifo",
            "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics",
        ),
    ],
)
async def test_an_endpoint_that_is_none_is_refused(world: World, protocol: str, endpoint: str, words: str) -> None:
    topic = await world.topic()
    refusal = await world.refusal("Subscribe", TopicArn=topic, Protocol=protocol, Endpoint=endpoint)
    assert refusal == (INVALID, f"Invalid parameter: {words}")


async def test_a_fifo_topic_has_queues_only(world: World) -> None:
    topic = await world.topic("t.fifo")
    refusal = await world.refusal("Subscribe", TopicArn=topic, Protocol="lambda", Endpoint=FUNCTION)
    assert refusal == (INVALID, "Invalid parameter: Invalid protocol type: lambda")
    assert (await world.subscribe(topic)).startswith(f"{topic}:")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("Fake", "x", "AttributeName"),
        ("RawMessageDelivery", "test-ValUe", "RawMessageDelivery: Invalid value [test-ValUe]. Must be true or false."),
        ("RawMessageDelivery", "", "RawMessageDelivery: Invalid value []. Must be true or false."),
        (
            "RedrivePolicy",
            '{"deadLetterTargetArn": "fake"}',
            "RedrivePolicy: deadLetterTargetArn is an invalid arn",
        ),
        ("RedrivePolicy", "{invalidjson}", f"RedrivePolicy: {JACKSON}"),
        ("FilterPolicy", "{invalidjson}", f"FilterPolicy: {JACKSON}"),
        (
            "FilterPolicy",
            json.dumps({str(number): ["x"] for number in range(6)}),
            "FilterPolicy: Filter policy can not have more than 5 keys",
        ),
        (
            "FilterPolicy",
            json.dumps({"a": list("0123456789abc"), "b": list("0123456789abc")}),
            "FilterPolicy: Filter policy is too complex",
        ),
        (
            "FilterPolicy",
            '{"a": {"b": ["c"]}}',
            "Filter policy scope MessageAttributes does not support nested filter policy",
        ),
        (
            "FilterPolicyScope",
            "Both",
            "FilterPolicyScope: Invalid value [Both]. Please use either MessageBody or MessageAttributes",
        ),
    ],
)
async def test_attributes_are_refused_in_the_words_recorded(world: World, name: str, value: str, words: str) -> None:
    topic = await world.topic()
    arn = await world.subscribe(topic)
    setting: dict[str, Any] = {"SubscriptionArn": arn, "AttributeName": name, "AttributeValue": value}
    assert await world.refusal("SetSubscriptionAttributes", **setting) == (INVALID, f"Invalid parameter: {words}")
    asked = {"TopicArn": topic, "Protocol": "sqs", "Endpoint": f"{QUEUE}2", "Attributes": {name: value}}
    refusal = await world.refusal("Subscribe", **asked)
    assert refusal == (INVALID, f"Invalid parameter: Attributes Reason: {words}")


async def test_the_dead_letter_queue_of_a_fifo_subscription_is_fifo(world: World) -> None:
    topic = await world.topic("t.fifo")
    arn = await world.subscribe(topic, f"{QUEUE}.fifo")
    refusal = await world.refusal(
        "SetSubscriptionAttributes",
        SubscriptionArn=arn,
        AttributeName="RedrivePolicy",
        AttributeValue=json.dumps({"deadLetterTargetArn": DEAD}),
    )
    words = "RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic."
    assert refusal == (INVALID, f"Invalid parameter: {words}")


async def test_a_subscription_is_shown_as_recorded(world: World) -> None:
    topic = await world.topic()
    arn = await world.subscribe(topic, FilterPolicy='{"a": ["b"]}')
    assert (await world.call("GetSubscriptionAttributes", SubscriptionArn=arn))["Attributes"] == {
        "ConfirmationWasAuthenticated": "true",
        "Endpoint": QUEUE,
        "FilterPolicy": '{"a": ["b"]}',
        "FilterPolicyScope": "MessageAttributes",
        "Owner": ACCOUNT,
        "PendingConfirmation": "false",
        "Protocol": "sqs",
        "RawMessageDelivery": "false",
        "SubscriptionArn": arn,
        "SubscriptionPrincipal": f"arn:aws:iam::{ACCOUNT}:root",
        "TopicArn": topic,
    }


async def test_an_endpoint_is_subscribed_once(world: World) -> None:
    topic = await world.topic()
    first = await world.subscribe(topic)
    assert await world.subscribe(topic) == first
    different = {"TopicArn": topic, "Protocol": "sqs", "Endpoint": QUEUE, "Attributes": {"RawMessageDelivery": "true"}}
    assert await world.refusal("Subscribe", **different) == (
        INVALID,
        "Invalid parameter: Attributes Reason: Subscription already exists with different attributes",
    )


async def test_an_endpoint_of_http_gets_nothing_before_it_confirms(world: World) -> None:
    topic = await world.topic()
    asked = await world.call("Subscribe", TopicArn=topic, Protocol="http", Endpoint=URL)
    assert asked["SubscriptionArn"] == "pending confirmation"
    await world.publish(topic)
    await world.sender.run_once()
    (sent,) = world.posts.sent
    assert sent.headers["x-amz-sns-message-type"] == "SubscriptionConfirmation"
    assert "x-amz-sns-subscription-arn" not in sent.headers
    body = json.loads(sent.body)
    assert list(body) == [
        "Type",
        "MessageId",
        "Token",
        "TopicArn",
        "Message",
        "SubscribeURL",
        "Timestamp",
        "SignatureVersion",
        "Signature",
        "SigningCertURL",
    ]
    listed = (await world.call("ListSubscriptionsByTopic", TopicArn=topic))["Subscriptions"]
    assert [one["SubscriptionArn"] for one in listed] == ["PendingConfirmation"]


async def test_a_foreign_queue_is_asked_by_a_message(world: World) -> None:
    topic = await world.topic()
    foreign = QUEUE.replace(ACCOUNT, OTHER)
    arn = await world.subscribe(topic, foreign)
    await world.publish(topic)
    (asked,) = world.envelopes(foreign)
    assert asked["Type"] == "SubscriptionConfirmation"
    await world.call("ConfirmSubscription", TopicArn=topic, Token=asked["Token"], account=OTHER)
    await world.publish(topic)
    assert world.envelopes(foreign)[1]["UnsubscribeURL"].endswith(arn)


async def test_a_foreign_queue_that_is_gone_cannot_be_asked(world: World) -> None:
    topic = await world.topic()
    foreign = QUEUE.replace(ACCOUNT, OTHER)
    world.queues.gone = {foreign}
    refusal = await world.refusal("Subscribe", TopicArn=topic, Protocol="sqs", Endpoint=foreign)
    assert refusal == (INVALID, "Invalid parameter: Endpoint Reason: it is gone")
    assert (await world.call("ListSubscriptions"))["Subscriptions"] == []


async def test_tokens_confirm_by_region_and_no_topic(world: World) -> None:
    topic = await world.topic()
    arn = await world.subscribe(topic, URL, "http")
    await world.sender.run_once()
    token = json.loads(world.posts.sent[0].body)["Token"]
    for broken, wrong, words in [
        ("topic", token, "Topic"),
        (topic, "x" * 288, "Token"),
        (topic.replace("us-east-1", "eu-west-1"), token, "Topic"),
    ]:
        refusal = await world.refusal("ConfirmSubscription", TopicArn=broken, Token=wrong)
        assert refusal == (INVALID, f"Invalid parameter: {words}")
    for named in (f"{topic}-other", topic):
        answer = await world.call("ConfirmSubscription", TopicArn=named, Token=token)
        assert answer["SubscriptionArn"] == arn


async def test_a_token_is_good_for_two_days(world: World) -> None:
    topic = await world.topic()
    await world.subscribe(topic, URL, "http")
    await world.sender.run_once()
    token = json.loads(world.posts.sent[0].body)["Token"]
    await world.clock.advance(2 * DAY_S)
    refusal = await world.refusal("ConfirmSubscription", TopicArn=topic, Token=token)
    assert refusal == (INVALID, "Invalid parameter: Token")
    await world.sender.run_once()
    assert (await world.call("ListSubscriptions"))["Subscriptions"] == []


async def test_who_leaves_by_a_link_is_told_how_to_come_back(world: World) -> None:
    topic = await world.topic()
    arn = await world.confirmed_url(topic)
    await world.call("Unsubscribe", SubscriptionArn=arn, signed=False)
    await world.publish(topic)
    await world.sender.run_once()
    (sent,) = world.posts.sent
    told = json.loads(sent.body)
    assert told["Type"] == "UnsubscribeConfirmation"
    assert told["Message"].startswith(f"You have chosen to deactivate subscription {arn}.\nTo cancel this operation")
    assert (await world.refusal("GetSubscriptionAttributes", SubscriptionArn=arn))[0] == "NotFound"
    await world.call("ConfirmSubscription", TopicArn=topic, Token=told["Token"], signed=False)
    await world.publish(topic)
    await world.sender.run_once()
    assert json.loads(world.posts.sent[-1].body)["Type"] == "Notification"


async def test_a_guarded_subscription_ends_by_its_owner_only(world: World) -> None:
    topic = await world.topic()
    arn = await world.subscribe(topic, URL, "http")
    await world.sender.run_once()
    token = json.loads(world.posts.sent[0].body)["Token"]
    await world.call("ConfirmSubscription", TopicArn=topic, Token=token, AuthenticateOnUnsubscribe="true")
    refusal = await world.refusal("Unsubscribe", SubscriptionArn=arn, signed=False)
    assert refusal[0] == "AuthorizationError"
    await world.call("Unsubscribe", SubscriptionArn=arn)


@pytest.mark.parametrize(
    ("arn", "words"),
    [
        ("x", "SubscriptionArn Reason: An ARN must have at least 6 elements, not 1"),
        (f"arn:aws:sns:us-east-1:{ACCOUNT}:topic", "SubscriptionId"),
    ],
)
async def test_unsubscribing_what_is_no_subscription_is_refused(world: World, arn: str, words: str) -> None:
    assert await world.refusal("Unsubscribe", SubscriptionArn=arn) == (INVALID, f"Invalid parameter: {words}")


async def test_unsubscribing_twice_is_no_mistake(world: World) -> None:
    topic = await world.topic()
    arn = await world.subscribe(topic)
    for _ in range(2):
        await world.call("Unsubscribe", SubscriptionArn=arn)
    await world.publish(topic)
    assert world.bodies() == []
    assert await world.subscribe(topic) != arn
