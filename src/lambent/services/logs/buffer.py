"""Logs on their way to the store: taken at once, written behind in batches, so that a call never waits for a disk.

Invariants: events of a stream are written in the order they came; memory is bounded, and what had to be dropped is
counted and said. What was taken less than a moment before `kill -9` may be lost: logs are not accepted work.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, NamedTuple

import orjson

from lambent.services.logs.reader import topic
from lambent.store import StoreError, load_queries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lambent.clock import Clock
    from lambent.store import Store, Tx

    Event = tuple[int, str]

_log = logging.getLogger(__name__)
_SQL = load_queries("lambent.services.logs", "streams.sql")
_DELAY_S = 0.2
_FULL_BYTES = 1_000_000
_LIMIT_BYTES = 64_000_000


class StreamKey(NamedTuple):
    """One log stream."""

    account: str
    region: str
    log_group: str
    stream: str


class LogBuffer:
    """Takes log events and writes them behind; a `lambent.runtime.logs.LogSink`."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._waiting: dict[StreamKey, list[Event]] = {}
        self._waiting_bytes = 0
        self._dropped = 0
        self._something = asyncio.Event()
        self._full = asyncio.Event()

    def append(self, account: str, region: str, group: str, stream: str, events: Sequence[Event]) -> None:
        """Take events (epoch milliseconds, text). Never blocks; drops them when the store is far behind."""
        size = sum(len(text) for _, text in events)
        if self._waiting_bytes + size > _LIMIT_BYTES:
            self._dropped += len(events)
            return
        self._waiting.setdefault(StreamKey(account, region, group, stream), []).extend(events)
        self._waiting_bytes += size
        self._something.set()
        if self._waiting_bytes >= _FULL_BYTES:
            self._full.set()

    async def run_once(self) -> None:
        """Write what waits, in one transaction."""
        waiting, self._waiting = self._waiting, {}
        self._waiting_bytes = 0
        self._something.clear()
        self._full.clear()
        if self._dropped:
            _log.error("the store is behind: %d log events were dropped", self._dropped)
            self._dropped = 0
        if waiting:
            now_ms = int(self._clock.time() * 1000)
            await self._store.write(lambda tx: _write(tx, waiting, now_ms))

    async def run(self) -> None:
        """Write whenever something waits, gathering for a moment first."""
        while True:
            await self._something.wait()
            await self._gather()
            try:
                await self.run_once()
            except StoreError:
                _log.exception("log events could not be written and are lost")

    async def _gather(self) -> None:
        """Let more come for a moment, or until there is enough for a batch."""
        timer = self._clock.call_later(_DELAY_S, self._full.set)
        try:
            await self._full.wait()
        finally:
            timer.cancel()


def _write(tx: Tx, waiting: dict[StreamKey, list[Event]], now_ms: int) -> None:
    for key, events in waiting.items():
        last_ms = events[-1][0]
        names = key._asdict()
        tx.execute(_SQL["add_stream"], {**names, "now": now_ms, "last_ms": last_ms})
        row = tx.one(_SQL["stream_id"], names)
        if row is None:
            raise LookupError(f"the log stream {key.stream} vanished while it was written")
        chunk = {
            "stream_id": row["id"],
            "first_ms": events[0][0],
            "last_ms": last_ms,
            "count": len(events),
            "events": orjson.dumps(events),
        }
        tx.execute(_SQL["add_chunk"], chunk)
        tx.signal(topic(key.account, key.region, key.log_group))
