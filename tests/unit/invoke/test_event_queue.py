"""The queue with a store in memory, a virtual clock and functions that do what a test says."""

from __future__ import annotations

import asyncio
import threading
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import orjson
import pytest

from lambent.clock import VirtualClock
from lambent.delivery import Deliveries, Message, Undeliverable
from lambent.errors import AwsError
from lambent.invoke import event as events
from lambent.invoke.concurrency import Claims, Concurrency, throttled
from lambent.invoke.event import Attempt, Event
from lambent.invoke.event_queue import EventQueue
from lambent.invoke.lineage import mark
from lambent.invoke.outcome import EventPolicy
from lambent.invoke.retry import RetryPolicy
from lambent.invoke.target import Target
from lambent.runtime.spec import Outcome
from lambent.store import StoreError, make_store
from unit.invoke.test_synchronous import SPEC

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from lambent.invoke.synchronous import Invoker
    from lambent.invoke.target import Directory
    from lambent.metrics import MetricSink
    from lambent.runtime.spec import Invocation

TARGET = "arn:aws:sqs:eu-west-1:111111111111:out"
DEAD = "arn:aws:sqs:eu-west-1:111111111111:dead"
DONE = Outcome(b'"done"', "success", False, None, 1.0, 1, None, 30, b"", "stream")
ERROR = Outcome(b'{"errorMessage":"no"}', "error", True, "E", 1.0, 1, None, 30, b"", "stream")


class Functions:
    """A directory and an invoker in one."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self.behaviour: Callable[[str, Invocation], Any] = lambda _name, _call: DONE
        self.calls: list[tuple[float, str, str]] = []
        """When, which function, which request."""
        self.missing: set[str] = set()

    def cached(self, *_: Any) -> Target | None:
        return None

    async def find(self, account: str, region: str, name: str, qualifier: str | None) -> Target:
        if name in self.missing:
            raise AwsError("ResourceNotFoundException", "gone")
        spec = replace(SPEC, account=account, region=region, name=name, version=qualifier or "$LATEST")
        return Target(spec, "Active", None)

    async def run(self, target: Target, call: Invocation, _qualifier: str | None) -> Outcome:
        self.calls.append((self._clock.monotonic(), target.spec.name, call.request_id))
        found = self.behaviour(target.spec.name, call)
        if asyncio.iscoroutine(found):
            found = await found
        if isinstance(found, BaseException):
            raise found
        return cast("Outcome", found)


class Queues:
    """Takes messages unless it is told to refuse; each is part of the transaction that brought it."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, Message]] = []
        self.problem: Exception | None = None

    def deliver(self, _tx: Any, arn: str, message: Message) -> None:
        if self.problem is not None:
            raise self.problem
        self.taken.append((arn, message))

    def conditions(self, arn: str = TARGET) -> list[str]:
        return [orjson.loads(one.body)["requestContext"]["condition"] for to, one in self.taken if to == arn]


class Counted:
    """What was counted, by name."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def function(self, *_: Any) -> Counted:
        return self

    def count(self, name: str, value: float = 1.0, unit: str = "Count") -> None:
        self.names.append(name)


class World:
    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.store = make_store(None)
        self.functions = Functions(self.clock)
        self.queues = Queues()
        self.counted = Counted()
        self.concurrency = Concurrency(1000)
        self.settings = EventPolicy(RetryPolicy(), TARGET, TARGET, DEAD)
        self.loops = False
        self.deliveries = Deliveries()
        self.deliveries.register("sqs", self.queues)
        self.queue = self.made()

    def made(self) -> EventQueue:
        return EventQueue(
            store=self.store,
            clock=self.clock,
            directory=cast("Directory", self.functions),
            invoker=cast("Invoker", self.functions),
            concurrency=self.concurrency,
            metrics=cast("MetricSink", self.counted),
            deliveries=self.deliveries,
            policies=self,
        )

    def policy(self, _tx: Any, _event: Event, _attempt: Attempt) -> EventPolicy:
        return self.settings

    def allows_loops(self, _tx: Any, _event: Event) -> bool:
        return self.loops

    def event(self, request: str, name: str = "f", qualifier: str = "") -> Event:
        now = int(self.clock.time() * 1000)
        return Event(request, SPEC.arn[:-1] + name, qualifier, '{"a": 1}', now, now, trace_header="Root=1")

    async def accept(self, *requests: str, name: str = "f") -> None:
        for request in requests:
            await self.queue.accept(self.event(request, name))

    async def left(self) -> int:
        return await self.store.read(events.count)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        loop = asyncio.create_task(self.queue.run())
        try:
            yield
        finally:
            loop.cancel()
            await asyncio.gather(loop, return_exceptions=True)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    one = World()
    await one.store.open()
    yield one
    await one.queue.stop(0)
    await one.store.close()


async def test_what_the_store_cannot_keep_is_not_accepted(world: World) -> None:
    await world.store.close()
    with pytest.raises(StoreError):
        await world.accept("a")
    assert world.functions.calls == []


async def test_a_failing_event_runs_three_times_over_three_minutes_and_ends_in_both_places(world: World) -> None:
    world.functions.behaviour = lambda *_: ERROR
    async with world.running():
        await world.accept("a")
        await world.clock.run_until_idle()
    assert [round(at) for at, _, request in world.functions.calls if request == "a"] == [0, 60, 180]
    assert [arn for arn, _ in world.queues.taken] == [DEAD, TARGET]
    assert world.queues.conditions() == ["RetriesExhausted"]
    assert await world.left() == 0
    assert world.counted.names.count("AsyncEventsDropped") == 1
    assert world.counted.names.count("AsyncEventsReceived") == 1
    assert world.counted.names.count("AsyncEventAge") == 3


async def test_a_success_is_told_and_forgotten(world: World) -> None:
    async with world.running():
        await world.accept("a")
        await world.clock.run_until_idle()
    assert world.queues.conditions() == ["Success"]
    assert await world.left() == 0


async def test_six_hours_of_throttling_end_the_event_and_take_no_time(world: World) -> None:
    world.functions.behaviour = lambda *_: throttled("ConcurrentInvocationLimitExceeded")
    async with world.running():
        await world.accept("a")
        await world.clock.run_until_idle()
    record = orjson.loads(world.queues.taken[-1][1].body)
    assert record["requestContext"]["condition"] == "EventAgeExceeded"
    assert record["requestContext"]["approximateInvokeCount"] == 0
    assert record["responseContext"] == {"statusCode": 429}
    assert 5.9 * 3600 < world.functions.calls[-1][0] < 6 * 3600
    gaps = [
        after[0] - before[0] for before, after in zip(world.functions.calls, world.functions.calls[1:], strict=False)
    ]
    # The store's own threads take real time, in which the clock may go on to its next timer: no gap is shorter than it
    # has to be.
    least = [1, 2, 4, 8, 16, 32, 64, 128, 256, 300]
    assert all(round(gap) >= most for gap, most in zip(gaps, least, strict=False))
    assert max(gaps) < 310


async def test_a_function_that_is_switched_off_ends_its_events_at_once(world: World) -> None:
    world.concurrency.claim("111111111111", "eu-west-1", "f", Claims(reserved=0))
    async with world.running():
        await world.accept("a")
        await world.clock.run_until_idle()
    assert world.functions.calls == []
    assert world.queues.conditions() == ["ZeroReservedConcurrency"]


async def test_a_function_deleted_before_a_retry_ends_its_events(world: World) -> None:
    world.functions.behaviour = lambda *_: ERROR
    async with world.running():
        await world.accept("a")
        await world.clock.advance(1)
        world.functions.missing.add("f")
        await world.clock.run_until_idle()
    assert world.queues.conditions() == ["RetriesExhausted"]
    record = orjson.loads(world.queues.taken[-1][1].body)
    assert record["responseContext"] == {"statusCode": 404}


@pytest.mark.parametrize(("allowed", "condition"), [(False, "RetriesExhausted"), (True, "Success")])
async def test_a_loop_ends_where_it_is_not_allowed(world: World, allowed: bool, condition: str) -> None:
    world.loops = allowed
    header = f"Root=1;Lineage=1:{mark(SPEC.arn)}:16"
    async with world.running():
        await world.queue.accept(replace(world.event("a"), trace_header=header))
        await world.clock.run_until_idle()
    assert len(world.functions.calls) == int(allowed)
    assert world.queues.conditions() == [condition]
    assert world.counted.names.count("RecursiveInvocationsDropped") == int(not allowed)


async def test_an_event_past_its_age_is_not_run_any_more(world: World) -> None:
    world.queue.pause()
    await world.accept("a")
    await world.clock.advance(6 * 3600)
    world.queue = world.made()
    async with world.running():
        await world.clock.run_until_idle()
    assert world.functions.calls == []
    assert world.queues.conditions() == ["EventAgeExceeded"]


async def test_a_bug_on_our_side_does_not_lose_the_event(world: World) -> None:
    answers = [LookupError("a bug"), DONE]
    world.functions.behaviour = lambda *_: answers.pop(0)
    async with world.running():
        await world.accept("a")
        await world.clock.run_until_idle()
    assert world.queues.conditions() == ["Success"]


@pytest.mark.parametrize("problem", [Undeliverable("NonExistentQueue", "no queue"), LookupError("a bug")])
async def test_an_outcome_that_nobody_takes_is_counted_and_the_event_ends(world: World, problem: Exception) -> None:
    world.functions.behaviour = lambda *_: ERROR
    world.settings = EventPolicy(RetryPolicy(0), None, TARGET, DEAD)
    world.queues.problem = problem
    async with world.running():
        await world.accept("a")
        await world.clock.run_until_idle()
    assert await world.left() == 0
    assert world.counted.names.count("DeadLetterErrors") == 1
    assert world.counted.names.count("DestinationDeliveryFailures") == 1


async def test_events_that_ran_when_the_process_died_run_again(world: World) -> None:
    stuck = asyncio.Event()
    world.functions.behaviour = lambda *_: stuck.wait()
    await world.accept("a", "b")
    await asyncio.wait(asyncio.all_tasks() - {asyncio.current_task()}, timeout=0)
    dead, world.queue = world.queue, world.made()
    world.functions.behaviour = lambda *_: DONE
    await world.queue.resume()
    async with world.running():
        while await world.left():
            await world.clock.advance(1)
    assert sorted(request for _, _, request in world.functions.calls) == ["a", "a", "b", "b"]
    # The outcome of an event that another process has by now is not handed over a second time.
    stuck.set()
    await dead.stop(1)
    assert world.queues.conditions() == ["Success", "Success"]


async def test_a_lease_is_renewed_while_its_event_runs(world: World) -> None:
    ends = asyncio.Event()

    async def slowly() -> Outcome:
        await ends.wait()
        return DONE

    world.functions.behaviour = lambda *_: slowly()
    async with world.running():
        await world.accept("a")
        for _ in range(60):
            await world.clock.advance(1)
            await world.left()
        assert len(world.functions.calls) == 1
        ends.set()
        await world.clock.run_until_idle()
    assert world.queues.conditions() == ["Success"]


async def test_a_stop_gives_back_what_did_not_end(world: World) -> None:
    world.functions.behaviour = lambda *_: asyncio.Event().wait()
    await world.accept("a")
    await world.queue.stop(0)
    world.queue = world.made()
    world.functions.behaviour = lambda *_: DONE
    async with world.running():
        await world.clock.run_until_idle()
    assert world.queues.conditions() == ["Success"]


async def test_a_queue_that_is_paused_accepts_and_begins_nothing(world: World) -> None:
    world.queue.pause()
    async with world.running():
        await world.accept("a")
        await world.clock.run_until_idle()
        assert world.functions.calls == []
    assert await world.left() == 1


async def test_one_function_full_of_failures_delays_no_other(world: World) -> None:
    world.functions.behaviour = lambda name, _: asyncio.Event().wait() if name == "g" else DONE
    async with world.running():
        await world.accept(*[f"bad{number}" for number in range(100)], name="g")
        before = world.clock.monotonic()
        await world.accept("good")
        while not world.queues.taken:
            await world.left()
        assert world.clock.monotonic() == before
        assert world.queues.taken[0][1].body.count('"good"') == 1
        await world.queue.stop(0)


async def test_many_events_that_wait_for_something_run_at_the_same_time(world: World) -> None:
    ends = asyncio.Event()
    together: list[str] = []

    async def wait(request: str) -> Outcome:
        together.append(request)
        await ends.wait()
        return DONE

    world.functions.behaviour = lambda _name, call: wait(call.request_id)
    async with world.running():
        await world.accept(*[str(number) for number in range(100)])
        while len(together) < 100:
            await world.clock.advance(0.25)
            await world.left()
        assert world.clock.monotonic() < 2
        ends.set()
        await world.clock.run_until_idle()
    assert len(world.queues.conditions()) == 100


async def test_an_event_of_another_service_starts_with_its_signal(world: World) -> None:
    async with world.running():
        await world.clock.run_until_idle()

        def deliver(tx: Any) -> None:
            events.put(tx, replace(world.event("a"), source="sns.amazonaws.com"))
            tx.signal(events.TOPIC)

        await world.store.write(deliver)
        while not world.queues.taken:
            await world.left()
    assert world.counted.names.count("AsyncEventsReceived") == 1


async def test_an_end_that_cannot_be_kept_is_kept_later_and_the_function_does_not_run_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, failing = world.store.write, threading.Event()

    async def sometimes(work: Any) -> Any:
        if failing.is_set():
            failing.clear()
            raise StoreError("full")
        return await write(work)

    def answer(*_: Any) -> Outcome:
        failing.set()
        return DONE

    monkeypatch.setattr(world.store, "write", sometimes)
    world.functions.behaviour = answer
    await world.accept("a")
    while not world.queues.taken:
        await world.clock.advance(1)
        await world.left()
    assert len(world.functions.calls) == 1
