"""Removes messages that are past their queue's retention, and what is left of purged and deleted queues.

Receiving looks at the retention by itself, so that it never matters when a pass last ran: it only makes room. It
runs when something was given up, and when the oldest message ends, at most once a minute for the latter.
May import store, clock and below.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING

from lambent.services.sqs import messages, repository
from lambent.services.sqs.messages import SENT
from lambent.services.sqs.queues import PAUSE_MS
from lambent.services.sqs.record import QueueKey
from lambent.services.sqs.repository import LEFTOVERS
from lambent.store import load_queries

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from lambent.clock import Clock
    from lambent.store import Row, Store, Tx

_log = logging.getLogger(__name__)
_SQL = load_queries("lambent.services.sqs", "expiry.sql")
_ROWS = 500
"""Of one transaction, so that nobody waits long for it."""
_LEAST_S = 60.0
_MOST_S = 3600.0
_TASKS_MS = 14 * 86_400_000
"""How long move tasks that have ended are shown."""


class Expiry:
    """Makes room in the store."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._due_ms: int | None = None
        """When something ends by itself; None where nothing does."""

    async def run_once(self) -> None:
        """Remove what is over. What fails is logged, and tried again with the next pass."""
        now_ms = int(self._clock.time() * 1000)
        try:
            while await self._store.write(_remove_lots):
                pass
            await self._store.write(partial(_forget, now_ms))
            self._due_ms = await self._store.read(_next_memory_ms)
            await self._expire(now_ms)
        except Exception:  # noqa: BLE001  logged
            # The boundary of a pass: what is left over costs room and nothing else.
            _log.exception("messages that are over could not be removed")
            self._soon(now_ms)

    async def run(self) -> None:
        """Make room whenever there is something to remove."""
        signals = self._store.signals
        with signals.subscribe(LEFTOVERS) as leftovers, signals.subscribe(SENT) as sent:
            while True:
                await self.run_once()
                if self._due_ms is None:
                    await _first(leftovers.wait, sent.wait)
                else:
                    pause_s = self._due_ms / 1000 - self._clock.time()
                    await _first(leftovers.wait, partial(self._clock.sleep, min(max(pause_s, _LEAST_S), _MOST_S)))

    async def _expire(self, now_ms: int) -> None:
        """Remove expired messages of all queues, and note when the next one ends."""
        after = 0
        while rows := await self._store.read(partial(_oldest, after)):
            for row in rows:
                if row["oldest_at"] is None:
                    continue
                if row["oldest_at"] + row["retention_s"] * 1000 <= now_ms:
                    key = QueueKey(row["account"], row["region"], row["name"])
                    while await self._store.write(partial(_remove_expired, key, now_ms)):
                        pass
                    self._soon(now_ms + row["retention_s"] * 1000)
                else:
                    self._soon(row["oldest_at"] + row["retention_s"] * 1000)
            after = rows[-1]["id"]

    def _soon(self, at_ms: int) -> None:
        self._due_ms = at_ms if self._due_ms is None else min(self._due_ms, at_ms)


def _remove_lots(tx: Tx) -> bool:
    """Remove a piece of what was given up; whether there may be more."""
    row = tx.one(_SQL["lot_over"], {})
    if row is None:
        return False
    lot = {"lot": row["id"]}
    if tx.execute(_SQL["delete_messages"], {**lot, "count": _ROWS}) == _ROWS:
        return True
    for name in ("delete_groups", "delete_deduplications", "delete_attempts", "delete_lot"):
        tx.execute(_SQL[name], lot)
    return True


def _forget(now_ms: int, tx: Tx) -> None:
    """Forget what is to be remembered for a while only."""
    tx.execute(_SQL["expired_deduplications"], {"now": now_ms})
    tx.execute(_SQL["expired_attempts"], {"now": now_ms})
    tx.execute(_SQL["delete_queues"], {"before": now_ms - PAUSE_MS})
    tx.execute(_SQL["old_tasks"], {"before": now_ms - _TASKS_MS})


def _next_memory_ms(tx: Tx) -> int | None:
    row = tx.one(_SQL["next_memory"], {"pause_ms": PAUSE_MS})
    return None if row is None else row["at"]


def _oldest(after: int, tx: Tx) -> list[Row]:
    """Some queues and when their oldest messages came, behind the id `after`."""
    return tx.all(_SQL["oldest"], {"after": after, "count": _ROWS})


def _remove_expired(key: QueueKey, now_ms: int, tx: Tx) -> bool:
    """Remove some expired messages of a queue; whether there may be more."""
    queue = repository.load(tx, key)
    if queue is None:
        return False
    where = {"lot": queue.lot, "before": now_ms - queue.settings.retention_ms, "count": _ROWS}
    rows = tx.all(_SQL["expired_messages"], where)
    for row in rows:
        messages.remove(tx, queue.lot, row["id"])
    messages.count(tx, queue.lot, -len(rows))
    if queue.key.is_fifo:
        for group_id in dict.fromkeys(row["group_id"] for row in rows):
            messages.settle_group(tx, queue.lot, group_id, now_ms)
        tx.signal(queue.topic)
    return len(rows) == _ROWS


async def _first(*waits: Callable[[], Awaitable[None]]) -> None:
    """Wait for the first of these."""
    tasks = [asyncio.ensure_future(wait()) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
