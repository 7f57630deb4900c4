"""Fires schedules as their times come; what they fire goes by EventBridge's courier.

A schedule's next time changes with what it fires in one transaction. May import store, clock and below.
"""

from __future__ import annotations

import logging
import uuid
from functools import partial
from typing import TYPE_CHECKING, Any

from lambent.services.events import outbox
from lambent.services.events.document import compact, read_object
from lambent.services.events.event import envelope, from_ms, time_text
from lambent.services.events.names import bus_of_arn
from lambent.services.events.outbox import Leaving, Letter
from lambent.services.events.scheduler import repository
from lambent.services.events.scheduler.repository import CHANGES
from lambent.services.events.scheduler.settings import when
from lambent.services.events.scheduler.timing import due_after
from lambent.services.events.waiting import first
from lambent.store import StoreError

if TYPE_CHECKING:
    from lambent.clock import Clock
    from lambent.services.events.scheduler.repository import Schedule
    from lambent.store import Store, Tx

_log = logging.getLogger(__name__)
_ROWS = 100
_AFTER_FAILURE_S = 5.0


class Firing:
    """Fires schedules. The constructor starts nothing."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def run_once(self) -> float | None:
        """Fire what is due; in how many seconds the next is, None where there is none."""
        while await self._store.write(self._fire_some) == _ROWS:
            pass
        fire_ms = await self._store.read(repository.next_fire_ms)
        return None if fire_ms is None else max(0.0, fire_ms / 1000 - self._clock.time())

    async def run(self) -> None:
        """Fire schedules as their times come."""
        with self._store.signals.subscribe(CHANGES) as news:
            while True:
                try:
                    pause_s = await self.run_once()
                except StoreError:
                    # The boundary of a pass: what was due is due still.
                    _log.exception("schedules could not be fired")
                    pause_s = _AFTER_FAILURE_S
                if pause_s is None:
                    await news.wait()
                else:
                    await first(news.wait, partial(self._clock.sleep, pause_s))

    def _fire_some(self, tx: Tx) -> int:
        now_ms = int(self._clock.time() * 1000)
        found = repository.due(tx, now_ms, _ROWS)
        for schedule in found:
            _fire(tx, schedule, now_ms)
        return len(found)


def _fire(tx: Tx, schedule: Schedule, now_ms: int) -> None:
    due_ms = schedule.due_ms if schedule.due_ms is not None else now_ms
    event, target = fired(schedule, due_ms, str(uuid.uuid4()))
    outbox.put(tx, Letter(compact(event), now_ms), [Leaving(schedule.arn, compact(target))])
    following = due_after(schedule.settings, due_ms, now_ms)
    if following is None and schedule.settings["ActionAfterCompletion"] == "DELETE":
        repository.delete(tx, schedule)
    else:
        repository.set_due(tx, schedule, when(schedule.settings, following))


def fired(schedule: Schedule, due_ms: int, execution: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The event of a schedule that is due, and the target that gets it with what its Input says. Pure."""
    target = dict(schedule.settings["Target"])
    parameters = target.pop("EventBridgeParameters", None)
    time = from_ms(due_ms)
    given = target.get("Input")
    if given is not None:
        for name, value in (
            ("schedule-arn", schedule.arn),
            ("scheduled-time", time_text(time)),
            ("execution-id", execution),
            ("attempt-number", "1"),
        ):
            given = given.replace(f"<aws.scheduler.{name}>", value)
        target["Input"] = given
    event = envelope(
        event_id=execution,
        detail_type="Scheduled Event",
        source="aws.scheduler",
        account=schedule.group.account,
        time=time,
        region=schedule.group.region,
        resources=[schedule.arn],
        detail={},
    )
    if parameters and bus_of_arn(target["Arn"]) is not None:
        detail = read_object(target.pop("Input", "{}")) or {}
        event |= {"detail-type": parameters["DetailType"], "source": parameters["Source"], "detail": detail}
        return event, target
    # AWS's default for other targets writes the empty detail as a text.
    return {**event, "detail": "{}"}, target
