from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from lambent.services.sns.sender import Verdict, verdict
from unit.services.sns.world import DEAD, URL

if TYPE_CHECKING:
    from unit.services.sns.world import World

REDRIVE = json.dumps({"deadLetterTargetArn": DEAD})


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (None, Verdict.RETRY),
        (100, Verdict.RETRY),
        (200, Verdict.DELIVERED),
        (204, Verdict.DELIVERED),
        (301, Verdict.FAILED),
        (404, Verdict.FAILED),
        (429, Verdict.RETRY),
        (503, Verdict.RETRY),
    ],
)
def test_what_a_status_means(status: int | None, expected: Verdict) -> None:
    assert verdict(status) is expected


async def test_an_endpoint_that_refuses_is_not_asked_again(world: World) -> None:
    topic = await world.topic()
    await world.confirmed_url(topic, RedrivePolicy=REDRIVE)
    world.posts.statuses = [403]
    await world.publish(topic)
    await world.sender.run_once()
    await world.clock.advance(3600)
    await world.sender.run_once()
    assert len(world.posts.sent) == 1
    assert [body["Message"] for body in world.envelopes(DEAD)] == ["hello"]


async def test_an_endpoint_that_fails_is_tried_four_times_twenty_seconds_apart(world: World) -> None:
    topic = await world.topic()
    await world.confirmed_url(topic, RedrivePolicy=REDRIVE)
    world.posts.statuses = [None, 500, 429, 503]
    await world.publish(topic)
    for attempts in (1, 2, 3):
        await world.sender.run_once()
        assert len(world.posts.sent) == attempts
        await world.clock.advance(19)
        await world.sender.run_once()
        assert len(world.posts.sent) == attempts
        await world.clock.advance(1)
    assert world.bodies(DEAD) == []
    await world.sender.run_once()
    assert len(world.posts.sent) == 4
    assert [body["Message"] for body in world.envelopes(DEAD)] == ["hello"]


async def test_a_policy_says_how_often_and_with_which_content_type(world: World) -> None:
    topic = await world.topic()
    policy = {
        "healthyRetryPolicy": {"numRetries": 1, "numNoDelayRetries": 1},
        "requestPolicy": {"headerContentType": "application/json"},
    }
    await world.confirmed_url(topic, DeliveryPolicy=json.dumps(policy), RedrivePolicy=REDRIVE)
    world.posts.statuses = [500, 500]
    await world.publish(topic)
    await world.sender.run_once()
    await world.sender.run_once()
    assert [sent.headers["Content-Type"] for sent in world.posts.sent] == ["application/json"] * 2
    assert len(world.bodies(DEAD)) == 1


async def test_headers_say_what_is_sent(world: World) -> None:
    topic = await world.topic()
    arn = await world.confirmed_url(topic, RawMessageDelivery="true")
    answer = await world.publish(topic)
    await world.sender.run_once()
    ((url, headers, body),) = world.posts.sent
    assert (url, body) == (URL, "hello")
    assert headers == {
        "x-amz-sns-message-type": "Notification",
        "x-amz-sns-message-id": answer["MessageId"],
        "x-amz-sns-topic-arn": topic,
        "x-amz-sns-subscription-arn": arn,
        "x-amz-sns-rawdelivery": "true",
        "Content-Type": "text/plain; charset=UTF-8",
        "User-Agent": "Amazon Simple Notification Service Agent",
    }


async def test_raw_dead_letters_have_their_attributes(world: World) -> None:
    topic = await world.topic()
    await world.confirmed_url(topic, RawMessageDelivery="true", RedrivePolicy=REDRIVE)
    world.posts.statuses = [400]
    attributes = {
        "a": {"DataType": "Binary", "BinaryValue": b"\x01"},
        "b": {"DataType": "String", "StringValue": "x"},
    }
    await world.publish(topic, MessageAttributes=attributes)
    await world.sender.run_once()
    (dead,) = world.queues.to(DEAD)
    assert dead.body == "hello"
    assert {name: one.value for name, one in dead.attributes.items()} == {"a": b"\x01", "b": "x"}


async def test_what_waits_for_a_deleted_subscription_is_dropped(world: World) -> None:
    topic = await world.topic()
    arn = await world.confirmed_url(topic)
    await world.publish(topic)
    await world.call("Unsubscribe", SubscriptionArn=arn)
    await world.sender.run_once()
    assert world.posts.sent == []


async def test_the_loop_posts_at_the_signal_and_by_the_clock(world: World) -> None:
    topic = await world.topic()
    await world.confirmed_url(topic)
    world.posts.statuses = [500]
    loop = asyncio.create_task(world.sender.run())
    await world.publish(topic)
    for attempts in (1, 2):
        await world.posts.until(attempts)
        await world.clock.run_until_idle()
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)
    assert world.clock.monotonic() == 20


async def test_a_lease_ends_and_another_sender_posts(world: World) -> None:
    topic = await world.topic()
    await world.confirmed_url(topic)
    await world.publish(topic)
    now_ms = int(world.clock.time() * 1000)
    jobs = await world.store.write(lambda tx: world.sender._claim(tx, now_ms, {}, 10))
    assert len(jobs) == 1
    await world.sender.run_once()
    assert world.posts.sent == []
    await world.clock.advance(60)
    await world.sender.run_once()
    assert len(world.posts.sent) == 1


async def test_one_endpoint_takes_no_more_places_than_its_own(world: World) -> None:
    topic = await world.topic()
    await world.confirmed_url(topic)
    for _ in range(12):
        await world.publish(topic)
    now_ms = int(world.clock.time() * 1000)
    assert len(await world.store.write(lambda tx: world.sender._claim(tx, now_ms, {}, 100))) == 10
