"""Posts what waits in the outbox, again and again where that may help, and forgets subscriptions that nobody confirmed.

Woken by signals and by the clock. Each subscription has a few places of its own, so that an endpoint that is slow or
dead holds up no other. An endpoint that fails for good, or too often, loses the message to the subscription's
dead-letter queue in the transaction that removes it here. What a killed server was posting is posted again when its
lease ends.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple, Protocol
from uuid import uuid4

from lambent.services.sns import outbox, repository
from lambent.services.sns.fanout import to_dead_letters
from lambent.services.sns.record import State
from lambent.services.sns.retries import delay_s, subscription_policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambent.clock import Clock
    from lambent.delivery import Deliveries
    from lambent.services.sns.outbox import Delivery
    from lambent.services.sns.record import Subscription
    from lambent.services.sns.retries import Policy
    from lambent.store import Store, Tx

_log = logging.getLogger(__name__)
_PLACES = 10
"""Of one subscription."""
_MOST = 200
"""Of all together."""
_TROUBLE_S = 5.0


class Posts(Protocol):
    """Who posts."""

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """Post, and return the status. Raises OSError where there is no answer."""


class Verdict(Enum):
    """What an answer means."""

    DELIVERED = auto()
    RETRY = auto()
    FAILED = auto()
    """Trying again would not help."""


class _Job(NamedTuple):
    delivery: Delivery
    subscription: Subscription
    policy: Policy


def verdict(status: int | None) -> Verdict:
    """What a status means; None where there was no answer."""
    if status is None or status < 200 or status == 429 or status >= 500:
        return Verdict.RETRY
    return Verdict.DELIVERED if status < 300 else Verdict.FAILED


def headers_of(delivery: Delivery, content_type: str) -> dict[str, str]:
    """The headers that SNS sends with a message."""
    headers = {
        "x-amz-sns-message-type": delivery.type,
        "x-amz-sns-message-id": delivery.message_id,
        "x-amz-sns-topic-arn": delivery.topic,
    }
    if delivery.type == "Notification":
        headers["x-amz-sns-subscription-arn"] = delivery.subscription
    if delivery.raw:
        headers["x-amz-sns-rawdelivery"] = "true"
    headers["Content-Type"] = content_type
    headers["User-Agent"] = "Amazon Simple Notification Service Agent"
    return headers


class Sender:
    """Works the outbox off. The constructor starts nothing."""

    def __init__(self, *, store: Store, clock: Clock, deliveries: Deliveries, poster: Posts) -> None:
        self._store = store
        self._clock = clock
        self._deliveries = deliveries
        self._poster = poster
        self._owner = str(uuid4())
        self._running: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._again = asyncio.Event()
        self._pause_s: float | None = None

    async def run_once(self) -> None:
        """Post all that is due now and has a place, and wait for what comes of it."""
        await self._start_due()
        await asyncio.gather(*self._tasks)

    async def run(self) -> None:
        """Post whatever becomes due."""
        self._store.signals.on(outbox.DUE, self._again.set)
        try:
            while True:
                self._again.clear()
                try:
                    with self._clock.work():
                        await self._start_due()
                except Exception:  # noqa: BLE001  logged
                    # The boundary of a pass: what is due stays due.
                    _log.exception("deliveries of SNS could not be started")
                    self._pause_s = _TROUBLE_S
                await self._wait()
        finally:
            self._store.signals.forget(outbox.DUE, self._again.set)
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _wait(self) -> None:
        """Until something may be due."""
        if self._pause_s is None:
            await self._again.wait()
            return
        timer = self._clock.call_later(self._pause_s, self._again.set)
        try:
            await self._again.wait()
        finally:
            timer.cancel()

    async def _start_due(self) -> None:
        now_ms = self._now_ms()
        running, room = dict(self._running), _MOST - self._running.total()
        jobs: list[_Job] = []
        if await self._store.read(lambda tx: _is_due(tx, now_ms)):
            jobs = await self._store.write(lambda tx: self._claim(tx, now_ms, running, room))
        for job in jobs:
            self._running[job.subscription.arn] += 1
            task = asyncio.create_task(self._work(job), name=f"post to {job.delivery.endpoint}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        next_ms = await self._store.read(lambda tx: _next_ms(tx, now_ms))
        self._pause_s = None if next_ms is None else max(0.0, (next_ms - self._now_ms()) / 1000)

    def _claim(self, tx: Tx, now_ms: int, running: Mapping[str, int], room: int) -> list[_Job]:
        """Take what is due and has a place; forget what nobody is there for any more."""
        repository.forget_unconfirmed(tx, now_ms)
        jobs: list[_Job] = []
        for arn in outbox.due_subscriptions(tx, now_ms):
            count = min(_PLACES - running.get(arn, 0), room - len(jobs))
            if count <= 0:
                continue
            subscription = repository.subscription(tx, arn)
            topic = None if subscription is None else repository.topic(tx, subscription.topic)
            for delivery in outbox.claim(tx, arn, owner=self._owner, now_ms=now_ms, count=count):
                if subscription is None or topic is None or _is_moot(subscription, delivery):
                    outbox.remove(tx, delivery.id, self._owner)
                else:
                    jobs.append(_Job(delivery, subscription, subscription_policy(topic, subscription)))
        return jobs

    async def _work(self, job: _Job) -> None:
        """Post once and keep what came of it."""
        try:
            with self._clock.work():
                status, why = await self._post(job)
                await self._store.write(lambda tx: self._settle(tx, job, verdict(status), why))
        except Exception:  # noqa: BLE001  logged
            # The boundary of a delivery: it is tried again when its lease ends.
            _log.exception("a delivery to %s was not settled", job.delivery.endpoint)
        finally:
            self._running[job.subscription.arn] -= 1
            self._running += Counter()
            self._again.set()

    async def _post(self, job: _Job) -> tuple[int | None, str]:
        """The status, None where there was no answer, and what to say of it."""
        headers = headers_of(job.delivery, job.policy["requestPolicy"]["headerContentType"])
        try:
            status = await self._poster.post(job.delivery.endpoint, headers, job.delivery.body.encode())
        except OSError as problem:
            return None, f"{job.delivery.endpoint} did not answer: {problem}"
        return status, f"{job.delivery.endpoint} answered with status {status}"

    def _settle(self, tx: Tx, job: _Job, came: Verdict, why: str) -> None:
        delivery = job.delivery
        wait_s = delay_s(job.policy["healthyRetryPolicy"], delivery.attempts + 1) if came is Verdict.RETRY else None
        if wait_s is not None:
            outbox.put_off(tx, delivery.id, self._owner, self._now_ms() + int(wait_s * 1000))
        elif outbox.remove(tx, delivery.id, self._owner) and came is not Verdict.DELIVERED:
            if delivery.type == "Notification":
                to_dead_letters(
                    tx,
                    self._deliveries,
                    job.subscription,
                    body=delivery.body,
                    attributes=dict(list(delivery.attributes.items())[:10]),
                    why=why,
                )
            else:
                _log.warning("a %s was not delivered: %s", delivery.type, why)

    def _now_ms(self) -> int:
        return int(self._clock.time() * 1000)


def _is_due(tx: Tx, now_ms: int) -> bool:
    due, ends = outbox.earliest_ms(tx), repository.next_end_ms(tx)
    return any(at is not None and at <= now_ms for at in (due, ends))


def _next_ms(tx: Tx, now_ms: int) -> int | None:
    """When something else becomes due; what is due and has no place waits for one."""
    moments = (outbox.next_due_ms(tx, now_ms), repository.next_end_ms(tx))
    return min((at for at in moments if at is not None), default=None)


def _is_moot(subscription: Subscription, delivery: Delivery) -> bool:
    """Whether nobody waits for a message any more."""
    return delivery.type == "Notification" and subscription.state is not State.CONFIRMED
