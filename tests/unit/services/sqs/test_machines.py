"""Whatever clients do in whatever order, queues do what small models of them say."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from lambent.errors import AwsError
from lambent.store import make_store
from unit.services.sqs.world import World, arn

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")

VISIBILITY_S = 10
RECEIVES = 3
FEW = settings(max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck))


@dataclass
class Known:
    """A message as a model has it."""

    id: str
    number: int
    group: str
    visible_at: float
    count: int = 0
    handle: str = ""


class Machine(RuleBasedStateMachine):
    """A world of its own for each run."""

    queue = "q"
    dlq = "dlq"

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.messages: list[Known] = []
        self.given_up: set[str] = set()
        self.number = 0
        self.world = self.run(self.begin)

    async def begin(self) -> World:
        store = make_store(None)
        await store.open()
        world = World(store)
        await world.make(self.dlq)
        policy = json.dumps({"deadLetterTargetArn": arn(self.dlq), "maxReceiveCount": RECEIVES})
        await world.make(self.queue, RedrivePolicy=policy, VisibilityTimeout=str(VISIBILITY_S))
        return world

    def run(self, work: Callable[[], Awaitable[T]]) -> T:
        async def main() -> T:
            return await work()

        return self.runner.run(main())

    def teardown(self) -> None:
        self.run(self.world.store.close)
        self.runner.close()

    @property
    def now(self) -> float:
        return self.world.clock.monotonic()

    def visible(self) -> list[Known]:
        return [one for one in self.messages if one.visible_at <= self.now]

    def sent(self, answer: dict[str, Any], group: str, delay_s: int = 0) -> None:
        self.number += 1
        self.messages.append(Known(answer["MessageId"], self.number, group, self.now + delay_s))

    def received(self, one: Known, message: dict[str, Any]) -> None:
        one.count += 1
        one.visible_at = self.now + VISIBILITY_S
        one.handle = message["ReceiptHandle"]
        assert message["MessageId"] == one.id
        assert message["Attributes"]["ApproximateReceiveCount"] == str(one.count)

    def give_up(self, one: Known) -> None:
        self.messages.remove(one)
        self.given_up.add(one.id)

    @rule(seconds=st.integers(0, 12))
    def time_goes_by(self, seconds: int) -> None:
        self.run(lambda: self.world.clock.advance(seconds))

    @rule()
    def everything_is_purged(self) -> None:
        try:
            self.run(lambda: self.world.call("PurgeQueue", QueueUrl=self.queue))
        except AwsError:
            return
        self.messages.clear()
        self.forget()

    def forget(self) -> None:
        """A purge leaves nothing to remember."""

    @rule()
    def room_is_made(self) -> None:
        self.run(self.world.expiry.run_once)

    @invariant()
    def nothing_is_lost_and_nothing_comes_twice(self) -> None:
        visible, in_flight, delayed = self.run(lambda: self.world.counts(self.queue))
        hidden = [one for one in self.messages if one.visible_at > self.now]
        assert visible == len(self.messages) - len(hidden)
        assert in_flight == sum(one.count > 0 for one in hidden)
        assert delayed == sum(one.count == 0 for one in hidden)
        assert sum(self.run(lambda: self.world.counts(self.dlq))) == len(self.given_up)


class StandardQueue(Machine):
    """Any order, any handle, delays."""

    @rule(delay_s=st.integers(0, 15))
    def a_message_is_sent(self, delay_s: int) -> None:
        answer = self.run(lambda: self.world.send(self.queue, DelaySeconds=delay_s))
        self.sent(answer, "", delay_s)

    @rule(most=st.integers(1, 10))
    def messages_are_received(self, most: int) -> None:
        taken = self.run(lambda: self.world.receive(self.queue, most))
        expected: list[Known] = []
        for one in sorted(self.visible(), key=lambda one: (one.visible_at, one.count, one.number)):
            if len(expected) == most:
                break
            if one.count >= RECEIVES:
                self.give_up(one)
            else:
                expected.append(one)
        assert [message["MessageId"] for message in taken] == [one.id for one in expected]
        for one, message in zip(expected, taken, strict=True):
            self.received(one, message)

    @precondition(lambda self: any(one.handle for one in self.messages))
    @rule(data=st.data())
    def a_message_is_deleted(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from([one for one in self.messages if one.handle]))
        self.run(lambda: self.world.call("DeleteMessage", QueueUrl=self.queue, ReceiptHandle=one.handle))
        self.messages.remove(one)

    @precondition(lambda self: any(one.handle for one in self.messages))
    @rule(data=st.data(), timeout_s=st.integers(0, 20))
    def visibility_is_changed(self, data: st.DataObject, timeout_s: int) -> None:
        one = data.draw(st.sampled_from([one for one in self.messages if one.handle]))
        params: dict[str, Any] = {"ReceiptHandle": one.handle, "VisibilityTimeout": timeout_s}
        try:
            self.run(lambda: self.world.call("ChangeMessageVisibility", QueueUrl=self.queue, **params))
        except AwsError:
            assert one.visible_at <= self.now
        else:
            assert one.visible_at > self.now
            one.visible_at = self.now + timeout_s


class FifoQueue(Machine):
    """Order within groups, deduplication, the last handle only."""

    queue = "q.fifo"
    dlq = "dlq.fifo"

    def __init__(self) -> None:
        self.seen: dict[str, tuple[str, float]] = {}
        super().__init__()

    @rule(group=st.sampled_from("abc"), one=st.sampled_from("123456"))
    def a_message_is_sent(self, group: str, one: str) -> None:
        params = {"MessageGroupId": group, "MessageDeduplicationId": one}
        answer = self.run(lambda: self.world.send(self.queue, **params))
        before = self.seen.get(one)
        if before is not None and self.now < before[1] + 300:
            assert answer["MessageId"] == before[0]
            return
        self.seen[one] = (answer["MessageId"], self.now)
        self.sent(answer, group)

    def forget(self) -> None:
        """A purge takes along what was remembered of sent messages."""
        self.seen.clear()

    @rule()
    def five_minutes_go_by(self) -> None:
        self.run(lambda: self.world.clock.advance(300))

    @rule(most=st.integers(1, 10))
    def messages_are_received(self, most: int) -> None:
        taken = self.run(lambda: self.world.receive(self.queue, most))
        served = list(dict.fromkeys(message["Attributes"]["MessageGroupId"] for message in taken))
        # Poison at the head of a group that had its turn is given up; of others it stays where it is.
        for group in [*served, *sorted({one.group for one in self.messages} - set(served))]:
            got = [message for message in taken if message["Attributes"]["MessageGroupId"] == group]
            self.group_was_served(group, got, is_full=len(taken) == most, is_last=group in served[-1:])
        order = [message["Attributes"]["MessageGroupId"] for message in taken]
        assert order == [group for group in served for _ in range(order.count(group))]

    def group_was_served(self, group: str, got: list[dict[str, Any]], *, is_full: bool, is_last: bool) -> None:
        """What was received of a group are its first messages, and all there were unless there was no more room."""
        free: list[Known] = []
        for one in [one for one in self.messages if one.group == group]:
            if one.visible_at > self.now:
                break
            free.append(one)
        good = [one for one in free if one.count < RECEIVES]
        assert [message["MessageId"] for message in got] == [one.id for one in good[: len(got)]]
        if not is_full or (got and not is_last):
            assert len(got) == len(good)
        for one, message in zip(good, got, strict=False):
            self.received(one, message)
        for one in free:
            if one.count >= RECEIVES and not one.visible_at > self.now and self.was_given_up(one):
                self.give_up(one)

    def was_given_up(self, one: Known) -> bool:
        """Asked of the store: how far a full receive looked is its own affair."""
        sql = "SELECT source_arn FROM sqs_messages WHERE message_id = :id"
        row = self.run(lambda: self.world.store.read(lambda tx: tx.one(sql, {"id": one.id})))
        return row is not None and row["source_arn"] is not None

    @precondition(lambda self: any(one.handle for one in self.messages))
    @rule(data=st.data())
    def a_message_is_deleted(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from([one for one in self.messages if one.handle]))
        try:
            self.run(lambda: self.world.call("DeleteMessage", QueueUrl=self.queue, ReceiptHandle=one.handle))
        except AwsError:
            assert one.visible_at <= self.now
        else:
            assert one.visible_at > self.now
            self.messages.remove(one)

    @precondition(lambda self: any(one.handle for one in self.messages))
    @rule(data=st.data(), timeout_s=st.integers(0, 20))
    def visibility_is_changed(self, data: st.DataObject, timeout_s: int) -> None:
        one = data.draw(st.sampled_from([one for one in self.messages if one.handle]))
        params: dict[str, Any] = {"ReceiptHandle": one.handle, "VisibilityTimeout": timeout_s}
        try:
            self.run(lambda: self.world.call("ChangeMessageVisibility", QueueUrl=self.queue, **params))
        except AwsError:
            assert one.visible_at <= self.now
        else:
            one.visible_at = self.now + timeout_s


StandardQueue.TestCase.settings = FEW
FifoQueue.TestCase.settings = FEW
TestStandardQueue = StandardQueue.TestCase
TestFifoQueue = FifoQueue.TestCase
