"""Lambda's own queue: takes events, runs each until it has come to its end, and hands its outcome over.

Invariants: an event is accepted once it is durable. One that runs is leased to this process, and the lease is renewed
while it runs; one whose process died runs again. Its end and the hand-over of its outcome are one transaction. What
waits costs disk and not memory: an event is read when its turn comes. Work starts with the commit that made it ready,
or when its time has come; there is no polling.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

from lambent.invoke import event as events
from lambent.invoke import history
from lambent.invoke.attempting import Attempts
from lambent.invoke.conclusion import Concluder, Conclusion
from lambent.invoke.event import TOPIC, Event, function_of
from lambent.invoke.lanes import Lanes
from lambent.invoke.retry import Condition, Result, back_off_ms
from lambent.store import StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambent.clock import Clock, Timer
    from lambent.delivery import Deliveries
    from lambent.invoke.conclusion import Policies
    from lambent.invoke.concurrency import Concurrency
    from lambent.invoke.event import Attempt, Claim
    from lambent.invoke.lanes import Lane
    from lambent.invoke.synchronous import Invoker
    from lambent.invoke.target import Directory
    from lambent.metrics import FunctionCounters, MetricSink
    from lambent.store import Store, Tx

_log = logging.getLogger(__name__)
_LEASE_MS = 20_000
_RENEWED_EVERY_S = 5.0
_AFTER_FAILURE_S = 1.0
_TRIMMED_EVERY = 1000
"""Events that have ended between two times that the history is cut to its size."""


class EventQueue:
    """The queue of asynchronous calls. The constructor starts nothing."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        directory: Directory,
        invoker: Invoker,
        concurrency: Concurrency,
        metrics: MetricSink,
        deliveries: Deliveries,
        policies: Policies,
    ) -> None:
        self._store = store
        self._clock = clock
        self._concurrency = concurrency
        self._metrics = metrics
        self._owner = str(uuid.uuid4())
        self._attempts = Attempts(
            store=store,
            clock=clock,
            directory=directory,
            invoker=invoker,
            concurrency=concurrency,
            policies=policies,
        )
        self._concluder = Concluder(policies=policies, deliveries=deliveries, owner=self._owner)
        self._lanes = Lanes(self._most)
        self._running: dict[str, asyncio.Task[None]] = {}
        """By event."""
        self._wake = asyncio.Event()
        self._timer: Timer | None = None
        self._news = True
        """Whether somebody else may have put events into the store."""
        self._paused = False
        self._renew_at_s = 0.0
        self._untrimmed = 0
        """Events that have ended since the history was cut to its size."""

    @property
    def running(self) -> int:
        """Events that run now."""
        return len(self._running)

    async def accept(self, event: Event) -> None:
        """Keep a new event; it is durable when this returns, and may run already. Raises StoreError, nothing kept."""
        with self._clock.work():
            lane = self._lanes.lane(event.function_arn, self._clock.monotonic())
            taken = not self._paused and self._lanes.enter(lane, self._now_ms())
            held = replace(event, ready_at_ms=self._lease_end_ms()) if taken else event
            owner = self._owner if taken else None
            try:
                await self._store.write(lambda tx: events.put(tx, held, owner=owner))
            except BaseException:
                # It may be kept all the same, where the caller was cancelled: somebody has to look when its time comes.
                lane.expect(held.ready_at_ms)
                if taken:
                    self._lanes.leave(lane, self._clock.monotonic())
                self._wake.set()
                raise
            self._counters(event).count("AsyncEventsReceived")
            if taken:
                self._start(lane, event)
            else:
                self._expect({event.function_arn: event.ready_at_ms})

    async def resume(self) -> None:
        """Take up what was left when the process before this one died or stopped. Raises StoreError.

        A data directory has one process at a time, so that whoever had leases is gone.
        """
        now_ms = self._now_ms()
        released = await self._store.write(lambda tx: events.release_all(tx, now_ms=now_ms))
        if released:
            _log.info("%d events that ran when the server ended run again", released)

    def pause(self) -> None:
        """Begin no more events; those that run go on, and new ones are still accepted."""
        self._paused = True

    async def run(self) -> None:
        """Run events as they become ready."""
        self._store.signals.on(TOPIC, self._hear)
        self._wake.set()
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                await self._pass()
        finally:
            self._store.signals.forget(TOPIC, self._hear)
            if self._timer is not None:
                self._timer.cancel()

    async def run_once(self) -> None:
        """Begin what is ready, as far as there is room for it, and renew leases. Raises StoreError."""
        with self._clock.work():
            if self._clock.monotonic() >= self._renew_at_s:
                await self._renew()
            if self._news:
                self._news = False
                self._lanes.expect(await self._store.read(events.lanes), self._clock.monotonic())
            turns = {} if self._paused else self._lanes.turns(self._now_ms(), self._clock.monotonic())
            if turns:
                await self._take(turns)
            if self._untrimmed >= _TRIMMED_EVERY:
                self._untrimmed, now_ms = 0, self._now_ms()
                await self._store.write(lambda tx: history.trim(tx, now_ms=now_ms))

    async def stop(self, grace_s: float) -> None:
        """Let what runs end within the grace, then give the rest back: it runs again after the next start."""
        self.pause()
        if self._running:
            await asyncio.wait(list(self._running.values()), timeout=grace_s)
        left = dict(self._running)
        for task in left.values():
            task.cancel()
        await asyncio.gather(*left.values(), return_exceptions=True)
        if left:
            now_ms = self._now_ms()
            await self._store.write(lambda tx: events.release(tx, left, owner=self._owner, now_ms=now_ms))
            _log.info("%d events did not end in time: they run again after the next start", len(left))

    # --- passes

    async def _pass(self) -> None:
        try:
            await self.run_once()
        except Exception as problem:  # noqa: BLE001  logged
            # The boundary of a pass: the next one finds everything in the store.
            _log.log(
                logging.WARNING if isinstance(problem, StoreError) else logging.ERROR,
                "events could not be taken up, it will be tried again: %s",
                problem,
                exc_info=not isinstance(problem, StoreError),
            )
            self._news = True
            self._wake_in(_AFTER_FAILURE_S)
            return
        waits = [self._renew_at_s - self._clock.monotonic()] if self._running else []
        if not self._paused:
            wait_s = self._lanes.wait_s(self._now_ms(), self._clock.monotonic())
            waits += [] if wait_s is None else [wait_s]
        self._wake_in(min(waits, default=None))

    def _wake_in(self, wait_s: float | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if wait_s is None:
            return
        if wait_s <= 0:
            self._wake.set()
        else:
            self._timer = self._clock.call_later(wait_s, self._wake.set)

    def _hear(self) -> None:
        self._news = True
        self._wake.set()

    async def _take(self, turns: Mapping[str, int]) -> None:
        now_ms, lease_end_ms = self._now_ms(), self._lease_end_ms()

        def claims(tx: Tx) -> dict[str, Claim]:
            return {
                arn: events.claim(tx, arn, count, owner=self._owner, now_ms=now_ms, lease_end_ms=lease_end_ms)
                for arn, count in turns.items()
            }

        try:
            taken = await self._store.write(claims)
        except BaseException:
            for arn, count in turns.items():
                lane = self._lanes.lane(arn, self._clock.monotonic())
                lane.expect(now_ms)
                self._lanes.leave(lane, self._clock.monotonic(), count)
            raise
        for arn, claim in taken.items():
            self._begin(arn, claim, turns[arn])

    def _begin(self, arn: str, claim: Claim, places: int) -> None:
        lane = self._lanes.lane(arn, self._clock.monotonic())
        lane.expect(claim.next_ready_ms)
        begun = 0
        for event in claim.events:
            # A lease that lapsed because the store could not renew it: the event runs here, and is not begun twice.
            if event.id in self._running:
                continue
            if event.source and not event.attempts and not event.refusals:
                self._counters(event).count("AsyncEventsReceived")
            self._start(lane, event)
            begun += 1
        lane.running -= places - begun
        self._lanes.tidy(lane)

    async def _renew(self) -> None:
        self._renew_at_s = self._clock.monotonic() + _RENEWED_EVERY_S
        if self._running:
            ids, end_ms = list(self._running), self._lease_end_ms()
            await self._store.write(lambda tx: events.renew(tx, ids, owner=self._owner, lease_end_ms=end_ms))

    # --- one event

    def _start(self, lane: Lane, event: Event) -> None:
        if not self._running:
            self._renew_at_s = self._clock.monotonic() + _RENEWED_EVERY_S
            self._wake.set()
        task = asyncio.create_task(self._serve(lane, event), name=f"event {event.id}")
        self._running[event.id] = task

    async def _serve(self, lane: Lane, event: Event) -> None:
        try:
            with self._clock.work():
                age_ms = max(0, self._now_ms() - event.accepted_at_ms)
                self._counters(event).count("AsyncEventAge", age_ms, "Milliseconds")
                attempt = await self._attempts.run(event)
            await self._settle(event, attempt)
        except Exception:  # noqa: BLE001  logged
            # The boundary of an event: its lease lapses, and it is taken up again.
            _log.exception("the event %s of %s could not be concluded", event.id, event.invoked_arn)
            lane.expect(self._lease_end_ms())
        finally:
            del self._running[event.id]
            self._lanes.leave(lane, self._clock.monotonic())
            if lane.due_ms is not None:
                self._wake.set()

    async def _settle(self, event: Event, attempt: Attempt) -> None:
        """Conclude an attempt, however long the store cannot; the lease is renewed meanwhile."""
        deliver, failures = True, 0
        while True:
            try:
                with self._clock.work():
                    now_ms = self._now_ms()
                    done = await self._store.write(
                        lambda tx: self._concluder.conclude(tx, event, attempt, now_ms, deliver=deliver)  # noqa: B023
                    )
            except StoreError as problem:
                failures += 1
                _log.warning("the end of event %s cannot be kept yet: %s", event.id, problem)
                await self._clock.sleep(back_off_ms(failures) / 1000)
            except Exception:
                if not deliver:
                    raise
                _log.exception("a target broke down on the outcome of event %s", event.id)
                deliver = False
            else:
                self._tell(event, attempt, done)
                return

    def _tell(self, event: Event, attempt: Attempt, done: Conclusion) -> None:
        """Count and log what is kept."""
        counters = self._counters(event)
        if done.retry_at_ms is not None:
            self._expect({event.function_arn: done.retry_at_ms})
        self._untrimmed += done.condition is not None
        if done.condition is not None and attempt.result is Result.LOOPED:
            counters.count("RecursiveInvocationsDropped")
        if done.condition not in {None, Condition.SUCCESS}:
            counters.count("AsyncEventsDropped")
            _log.info("event %s of %s ended: %s %s", event.id, event.invoked_arn, done.condition, attempt.message)
        for failure in done.failures:
            counters.count(failure.metric)
            _log.error(
                "the outcome of event %s of %s could not be handed to %s: %s",
                event.id,
                event.invoked_arn,
                failure.arn,
                failure.reason,
            )
        if attempt.result is Result.REFUSED and attempt.status != 429:
            _log.warning("event %s of %s could not be run: %s", event.id, event.invoked_arn, attempt.message)

    # --- what it is made of

    def _expect(self, ready: Mapping[str, int]) -> None:
        self._lanes.expect(ready, self._clock.monotonic())
        self._wake.set()

    def _most(self, arn: str) -> int:
        """How many events of a function may run at once at most; others may hold places, so that fewer can."""
        account, region, _ = function = function_of(arn)
        reserved = self._concurrency.reserved(*function)
        if reserved:
            return reserved
        # A function that is switched off runs none, but each of its events has to come to its end.
        return max(1, self._concurrency.unreserved_limit(account, region))

    def _counters(self, event: Event) -> FunctionCounters:
        return self._metrics.function(*event.function, event.qualifier or None)

    def _now_ms(self) -> int:
        return int(self._clock.time() * 1000)

    def _lease_end_ms(self) -> int:
        return self._now_ms() + _LEASE_MS
