"""Removes events that are past their group's retention, and what is left of deleted groups and streams.

Reading looks at the retention by itself, so that it never matters when a pass last ran: it only makes room. It runs
when something was deleted, and when the oldest event that ends some day is over, at most once an hour for the latter.
May import store, clock and below.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING

from lambent.services.logs.chunks import EXPIRING, SPAN_MS
from lambent.services.logs.record import DAY_MS
from lambent.services.logs.repository import LEFTOVERS
from lambent.store import load_queries

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from lambent.clock import Clock
    from lambent.store import Row, Store, Tx

_log = logging.getLogger(__name__)
_SQL = load_queries("lambent.services.logs", "expiry.sql")
_ROWS = 200
"""Of one transaction, so that nobody waits long for it."""
_EVERY_S = 3600.0


class Expiry:
    """Makes room in the store."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._pause_s: float | None = None
        """Until the next pass is due; None where nothing ends by itself."""

    async def run_once(self) -> None:
        """Remove what is over. What fails is logged, and tried again with the next pass."""
        try:
            await self._all(_remove_deleted)
            await self._trim()
            self._pause_s = await self._store.read(self._due_in_s)
        except Exception:  # noqa: BLE001  logged
            # The boundary of a pass: what is left over costs room and nothing else.
            _log.exception("log events that are over could not be removed")
            self._pause_s = _EVERY_S

    async def run(self) -> None:
        """Make room whenever there is something to remove."""
        signals = self._store.signals
        with signals.subscribe(LEFTOVERS) as leftovers, signals.subscribe(EXPIRING) as expiring:
            while True:
                await self.run_once()
                if self._pause_s is None:
                    await _first(leftovers.wait, expiring.wait)
                else:
                    await _first(leftovers.wait, partial(self._clock.sleep, self._pause_s))

    async def _trim(self) -> None:
        """Remove expired events of all groups."""
        now_ms = int(self._clock.time() * 1000)
        after = -1
        while rows := await self._store.read(partial(_expiring, after)):
            for row in rows:
                before = {"id": row["id"], "before": now_ms - row["retention_days"] * DAY_MS}
                await self._all(partial(_remove_expired, before))
            after = rows[-1]["id"]

    async def _all(self, remove: Callable[[Tx], bool]) -> None:
        """Remove piece by piece, transaction by transaction."""
        while await self._store.write(remove):
            pass

    def _due_in_s(self, tx: Tx) -> float | None:
        row = tx.one(_SQL["due"], {})
        if row is None or row["due_ms"] is None:
            return None
        # A chunk goes as a whole, with the last of its events.
        due_s: float = (row["due_ms"] + SPAN_MS) / 1000 - self._clock.time() + 1
        return min(max(due_s, SPAN_MS / 1000), _EVERY_S)


def _remove_deleted(tx: Tx) -> bool:
    """Remove a piece of a deleted group or stream; whether there may be more."""
    if row := tx.one(_SQL["deleted_group"], {}):
        group = {"id": row["id"], "count": _ROWS}
        if _remove(tx, tx.all(_SQL["chunks_of_group"], group)):
            return True
        if streams := tx.all(_SQL["streams_of_group"], group):
            tx.executemany(_SQL["delete_stream"], [{"id": stream["id"]} for stream in streams])
            return True
        tx.execute(_SQL["delete_group"], {"id": row["id"]})
        return True
    if row := tx.one(_SQL["deleted_stream"], {}):
        if not _remove(tx, tx.all(_SQL["chunks_of_stream"], {"id": row["id"], "count": _ROWS})):
            tx.execute(_SQL["delete_stream"], {"id": row["id"]})
        return True
    return False


def _expiring(after: int, tx: Tx) -> list[Row]:
    """Some groups with a retention, behind the id `after`."""
    return tx.all(_SQL["expiring"], {"after": after, "count": _ROWS})


def _remove_expired(before: dict[str, int], tx: Tx) -> bool:
    """Remove some expired chunks of a group; whether there may be more."""
    return _remove(tx, tx.all(_SQL["expired_chunks"], {**before, "count": _ROWS}))


def _remove(tx: Tx, rows: list[Row]) -> bool:
    """Remove chunks of one group; False where there are none."""
    if not rows:
        return False
    tx.executemany(_SQL["delete_chunk"], [{"id": row["id"]} for row in rows])
    size_bytes = sum(row["bytes"] for row in rows)
    tx.execute(_SQL["subtract_bytes"], {"id": rows[0]["group_id"], "bytes": size_bytes})
    return True


async def _first(*waits: Callable[[], Awaitable[None]]) -> None:
    """Wait for the first of these."""
    tasks = [asyncio.ensure_future(wait()) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
