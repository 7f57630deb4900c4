"""Fires the schedules of rules.

When a rule is due next stands in its row, and changes with the event that it fires in one transaction: a schedule fires
once for each of its times, and once for all that a server missed while it was down. May import store, clock and below.
"""

from __future__ import annotations

import logging
import uuid
from functools import partial
from typing import TYPE_CHECKING

from lambent.services.events import outbox, repository
from lambent.services.events.document import compact
from lambent.services.events.event import envelope, from_ms
from lambent.services.events.outbox import Leaving, Letter
from lambent.services.events.record import BusKey
from lambent.services.events.repository import SCHEDULES
from lambent.services.events.schedule import parse_schedule
from lambent.services.events.waiting import first
from lambent.store import StoreError, load_queries

if TYPE_CHECKING:
    from lambent.clock import Clock
    from lambent.store import Row, Store, Tx

_log = logging.getLogger(__name__)
_SQL = load_queries("lambent.services.events", "events.sql")
_ROWS = 100
_AFTER_FAILURE_S = 5.0


class Timetable:
    """Fires schedules. The constructor starts nothing."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def run_once(self) -> float | None:
        """Fire what is due; in how many seconds the next is, None where there are no schedules."""
        while await self._store.write(self._fire_some) == _ROWS:
            pass
        row = await self._store.read(lambda tx: tx.one(_SQL["next_due_rule"], {}))
        if row is None or row["due_at"] is None:
            return None
        due_s: float = row["due_at"] / 1000
        return max(0.0, due_s - self._clock.time())

    async def run(self) -> None:
        """Fire schedules as their times come."""
        with self._store.signals.subscribe(SCHEDULES) as news:
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
        rows = tx.all(_SQL["due_rules"], {"now": now_ms, "count": _ROWS})
        for row in rows:
            _fire(tx, row, now_ms)
            tx.execute(_SQL["set_due"], {"id": row["id"], "due_at": next_ms(row["schedule"], row["due_at"], now_ms)})
        return len(rows)


def next_ms(schedule: str, due_ms: int, now_ms: int) -> int | None:
    """When a schedule that was due fires next: in its own rhythm, or from now on where it has fallen behind."""
    times = parse_schedule(schedule)
    following = times.after_ms(due_ms)
    return following if following is None or following > now_ms else times.after_ms(now_ms)


def _fire(tx: Tx, row: Row, now_ms: int) -> None:
    bus = BusKey(row["account"], row["region"], row["bus"])
    arn = bus.rule_arn(row["name"])
    event = envelope(
        event_id=str(uuid.uuid4()),
        detail_type="Scheduled Event",
        source="aws.events",
        account=bus.account,
        time=from_ms(row["due_at"]),
        region=bus.region,
        resources=[arn],
        detail={},
    )
    targets = repository.targets_of_rule(tx, row["id"])
    outbox.put(tx, Letter(compact(event), now_ms), [Leaving(arn, target) for target in targets])
