"""Takes events from the outbox to their targets.

A hand-over, its dead letter and the end of its row are one transaction: that is the claim, so that no lease is needed
and nothing is handed over twice. A target that says no gets its event into the dead-letter queue at once; what fails
for another reason is tried again as the target's retry policy allows. May import delivery, store, clock and below.
"""

from __future__ import annotations

import json
import logging
from functools import partial
from typing import TYPE_CHECKING, Any

from lambent.delivery import Message, Undeliverable
from lambent.delivery.registry import service_of
from lambent.services.events import outbox, repository
from lambent.services.events.event import from_ms, time_text
from lambent.services.events.names import bus_of_arn
from lambent.services.events.outbox import DELIVERIES, Letter
from lambent.services.events.permissions import lets_in
from lambent.services.events.retry import dead_letter_attributes, error_code, exhausted, pause_ms
from lambent.services.events.transform import Origin, input_of
from lambent.services.events.waiting import first
from lambent.store import StoreError

if TYPE_CHECKING:
    from lambent.clock import Clock
    from lambent.delivery import Deliveries
    from lambent.services.events.outbox import Waiting
    from lambent.services.events.record import BusKey
    from lambent.services.events.routing import Routing
    from lambent.store import Store, Tx

_log = logging.getLogger(__name__)
_ROWS = 100
"""Of one transaction, so that nobody waits long for it."""
_MOST_HOPS = 10
_AFTER_FAILURE_S = 5.0


class Courier:
    """Hands over. The constructor starts nothing."""

    def __init__(self, *, store: Store, clock: Clock, deliveries: Deliveries, routing: Routing) -> None:
        self._store = store
        self._clock = clock
        self._deliveries = deliveries
        self._routing = routing

    async def run_once(self) -> float | None:
        """Hand over what is due; in how many seconds the next is, None where nothing waits."""
        while True:
            try:
                count = await self._store.write(self._some)
            except StoreError:
                raise
            except Exception:  # noqa: BLE001  logged with the one that it came from
                count = await self._one_by_one()
            if count < _ROWS:
                due_ms = await self._store.read(outbox.next_due_ms)
                return None if due_ms is None else max(0.0, due_ms / 1000 - self._clock.time())

    async def run(self) -> None:
        """Hand over whatever comes, when it comes."""
        with self._store.signals.subscribe(DELIVERIES) as news:
            while True:
                try:
                    pause_s = await self.run_once()
                except StoreError:
                    # The boundary of a pass: everything is still in the outbox.
                    _log.exception("events could not be handed over")
                    pause_s = _AFTER_FAILURE_S
                if pause_s is None:
                    await news.wait()
                else:
                    await first(news.wait, partial(self._clock.sleep, pause_s))

    def _now_ms(self) -> int:
        return int(self._clock.time() * 1000)

    def _some(self, tx: Tx) -> int:
        found = outbox.due(tx, self._now_ms(), _ROWS)
        for waiting in found:
            self._hand_over(tx, waiting)
        return len(found)

    async def _one_by_one(self) -> int:
        """The same where one of them fails: the others are handed over all the same."""
        found = await self._store.read(lambda tx: outbox.due(tx, self._now_ms(), _ROWS))
        for waiting in found:
            try:
                await self._store.write(partial(self._again, waiting.id))
            except StoreError:
                raise
            except Exception as problem:  # noqa: BLE001  logged
                # The boundary of a hand-over: what a target's own mistake is must not hold up the others.
                _log.exception("an event of %s could not be handed over", waiting.rule_arn)
                await self._store.write(partial(self._failed, waiting, type(problem).__name__))
        return len(found)

    def _again(self, number: int, tx: Tx) -> None:
        waiting = outbox.load(tx, number)
        if waiting is not None:
            self._hand_over(tx, waiting)

    def _hand_over(self, tx: Tx, waiting: Waiting) -> None:
        target = json.loads(waiting.target)
        try:
            self._deliver(tx, waiting, target)
        except Undeliverable as refusal:
            self._bury(tx, waiting, target, code=error_code(refusal.code), text=refusal.text)
        outbox.delete(tx, waiting)

    def _failed(self, waiting: Waiting, problem: str, tx: Tx) -> None:
        target = json.loads(waiting.target)
        condition = exhausted(target, waiting, self._now_ms())
        if condition is None:
            outbox.retry(tx, waiting, self._now_ms() + pause_ms(waiting.retries))
            return
        text = f"The target could not take the event: {problem}"
        self._bury(tx, waiting, target, code="INTERNAL_ERROR", text=text, condition=condition)
        outbox.delete(tx, waiting)

    def _deliver(self, tx: Tx, waiting: Waiting, target: dict[str, Any]) -> None:
        """Raises Undeliverable."""
        event = json.loads(waiting.event)
        bus = bus_of_arn(target["Arn"])
        if bus is not None:
            self._to_bus(tx, waiting, event, bus)
            return
        origin = Origin(waiting.rule_arn, waiting.rule_arn.rpartition("/")[2], time_text(from_ms(waiting.ingested_ms)))
        body = input_of(target, event, origin)
        if body is None:
            _log.info("an event of %s is not handed over: its input gives nothing", waiting.rule_arn)
            return
        message = Message(
            body,
            group_id=(target.get("SqsParameters") or {}).get("MessageGroupId"),
            trace_header=waiting.trace_header,
            source_service=_principal(waiting),
            source_arn=waiting.rule_arn,
        )
        self._deliveries.deliver(tx, target["Arn"], message)

    def _to_bus(self, tx: Tx, waiting: Waiting, event: dict[str, Any], key: BusKey) -> None:
        """Raises Undeliverable."""
        if waiting.hops >= _MOST_HOPS:
            raise Undeliverable("TooManyHops", f"the event came through {_MOST_HOPS} buses already")
        bus = repository.load_bus(tx, key)
        if bus is None:
            raise Undeliverable("ResourceNotFoundException", f"Event bus {key.name} does not exist.")
        account = waiting.rule_arn.split(":")[4]
        if account != key.account and not lets_in(bus.policy, account):
            raise Undeliverable("AccessDeniedException", f"The policy of {key.arn} does not let {account} in.")
        letter = Letter(waiting.event, self._now_ms(), waiting.hops + 1, waiting.trace_header)
        self._routing.route(tx, key, event, letter)

    def _bury(
        self,
        tx: Tx,
        waiting: Waiting,
        target: dict[str, Any],
        *,
        code: str,
        text: str,
        condition: str | None = None,
    ) -> None:
        """Put the event where dead letters go, if it may go anywhere."""
        queue = (target.get("DeadLetterConfig") or {}).get("Arn")
        _log.warning("an event of %s is not taken by %s: %s", waiting.rule_arn, target["Arn"], text)
        if queue is None:
            return
        attributes = dead_letter_attributes(waiting, target["Arn"], code=code, text=text, condition=condition)
        letter = Message(waiting.event, attributes, source_service=_principal(waiting), source_arn=waiting.rule_arn)
        try:
            self._deliveries.deliver(tx, queue, letter)
        except Undeliverable as refusal:
            _log.warning("the dead-letter queue of %s takes nothing: %s", waiting.rule_arn, refusal.text)


def _principal(waiting: Waiting) -> str:
    """Who hands over: rules and schedules are of different services."""
    return f"{service_of(waiting.rule_arn)}.amazonaws.com"
