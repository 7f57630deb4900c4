"""Logs on their way to the store: taken at once, written behind in batches, so that a call never waits for a disk.

Invariants: events of a stream are written in the order they came; memory is bounded, and what had to be dropped is
counted and said. What was taken less than a moment before `kill -9` may be lost: logs are not accepted work. May import
store, clock and below.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import TYPE_CHECKING

from lambent.services.logs import chunks, repository
from lambent.services.logs.record import StreamKey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lambent.clock import Clock
    from lambent.store import Store, Tx

    Event = tuple[int, str]

_log = logging.getLogger(__name__)
_DELAY_S = 0.2
_FULL_BYTES = 8_000_000
_LIMIT_BYTES = 64_000_000
_EVENT_BYTES = 100
"""Memory that an event takes beside its text, so that a million empty lines are bounded, too."""


class LogBuffer:
    """Takes log events and writes them behind; a `lambent.runtime.logs.LogSink`."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._waiting: list[tuple[StreamKey, Sequence[Event]]] = []
        """As it came; sorted by stream when it is written."""
        self._waiting_bytes = 0
        self._dropped = 0
        self._something = asyncio.Event()
        self._full = asyncio.Event()

    def append(self, account: str, region: str, group: str, stream: str, events: Sequence[Event]) -> None:
        """Take events (epoch milliseconds, text). Never blocks; drops them when the store is far behind."""
        if not events:
            return
        size = sum([sys.getsizeof(text) for _, text in events]) + _EVENT_BYTES * len(events)
        if self._waiting_bytes + size > _LIMIT_BYTES:
            self._dropped += len(events)
            return
        self._waiting.append((StreamKey(account, region, group, stream), events))
        self._waiting_bytes += size
        if not self._something.is_set():
            self._something.set()
        if self._waiting_bytes >= _FULL_BYTES:
            self._full.set()

    async def run_once(self) -> None:
        """Write what waits, in one transaction. Events that cannot be written are lost, and counted in the log."""
        waiting, self._waiting = self._waiting, []
        self._waiting_bytes = 0
        self._something.clear()
        self._full.clear()
        if self._dropped:
            _log.error("the store is behind: %d log events were dropped", self._dropped)
            self._dropped = 0
        if not waiting:
            return
        now_ms = int(self._clock.time() * 1000)
        try:
            await self._store.write(lambda tx: _write(tx, waiting, now_ms))
        except Exception:  # noqa: BLE001  logged
            # The boundary of a pass: what comes next is to be written all the same.
            lost = sum(len(events) for _, events in waiting)
            _log.exception("%d log events could not be written and are lost", lost)

    async def run(self) -> None:
        """Write whenever something waits, gathering for a moment first."""
        while True:
            await self._something.wait()
            await self._gather()
            await self.run_once()

    async def _gather(self) -> None:
        """Let more come for a moment, or until there is enough for a batch."""
        timer = self._clock.call_later(_DELAY_S, self._full.set)
        try:
            await self._full.wait()
        finally:
            timer.cancel()


def _write(tx: Tx, waiting: Sequence[tuple[StreamKey, Sequence[Event]]], now_ms: int) -> None:
    """Write everything, making groups and streams as they are needed: a deleted one comes anew."""
    by_stream: dict[StreamKey, list[Event]] = {}
    for key, events in waiting:
        by_stream.setdefault(key, []).extend(events)
    for key, events in by_stream.items():
        repository.insert_group(tx, key.group, now_ms=now_ms)
        group = repository.load_group(tx, key.group)
        if group is None:
            raise LookupError(f"the log group {key.log_group} vanished while it was written")
        repository.insert_stream(tx, group, key.stream, now_ms=now_ms)
        stream = repository.load_stream(tx, group, key.stream)
        if stream is None:
            raise LookupError(f"the log stream {key.stream} vanished while it was written")
        chunks.write(tx, group, stream, events, now_ms)
