"""Replays archived events, and removes those that are over.

How far a replay has come changes in the transaction that sends the events, so that each is sent once, whatever happens
in between. May import store, clock and below.
"""

from __future__ import annotations

import json
import logging
from functools import partial
from typing import TYPE_CHECKING

from lambent.services.events import archive, replay
from lambent.services.events.archive import ARCHIVES
from lambent.services.events.document import compact
from lambent.services.events.event import with_replay
from lambent.services.events.outbox import Letter
from lambent.services.events.replay import REPLAYS, State
from lambent.services.events.waiting import first
from lambent.store import StoreError

if TYPE_CHECKING:
    from lambent.clock import Clock
    from lambent.services.events.replay import Replay
    from lambent.services.events.routing import Routing
    from lambent.store import Store, Tx

_log = logging.getLogger(__name__)
_ROWS = 100
"""Of one transaction, so that nobody waits long for it."""
_AFTER_FAILURE_S = 5.0


class Archivist:
    """Looks after archives. The constructor starts nothing."""

    def __init__(self, *, store: Store, clock: Clock, routing: Routing) -> None:
        self._store = store
        self._clock = clock
        self._routing = routing

    async def run_once(self) -> float | None:
        """Bring all replays to their end and remove what is over; in how many seconds more may be, None for never."""
        while await self._store.write(self._replay_some):
            pass
        while await self._store.write(lambda tx: archive.forget_expired(tx, self._now_ms(), _ROWS)):
            pass
        due_ms = await self._store.read(lambda tx: archive.next_expiry_ms(tx, self._now_ms()))
        return None if due_ms is None else max(0.0, due_ms / 1000 - self._clock.time())

    async def run(self) -> None:
        """Work whenever there is something to do."""
        signals = self._store.signals
        with signals.subscribe(REPLAYS) as replays, signals.subscribe(ARCHIVES) as archives:
            while True:
                try:
                    pause_s = await self.run_once()
                except StoreError:
                    # The boundary of a pass: replays stand where they stood.
                    _log.exception("archives could not be looked after")
                    pause_s = _AFTER_FAILURE_S
                waits = [replays.wait, archives.wait]
                await first(*waits, *([] if pause_s is None else [partial(self._clock.sleep, pause_s)]))

    def _now_ms(self) -> int:
        return int(self._clock.time() * 1000)

    def _replay_some(self, tx: Tx) -> bool:
        """Take the oldest replay one step on; whether there was one."""
        found = replay.unfinished(tx)
        if found is None:
            return False
        if found.state is State.CANCELLING:
            replay.end(tx, found, State.CANCELLED, self._now_ms())
        else:
            self._send(tx, found)
        return True

    def _send(self, tx: Tx, found: Replay) -> None:
        of = archive.load(tx, found.account, found.region, found.archive_name)
        if of is None:
            replay.end(tx, found, State.FAILED, self._now_ms(), "The archive does not exist any more.")
            return
        rows = replay.page(tx, found, of, self._now_ms(), _ROWS)
        only = frozenset(found.destination.get("FilterArns") or [])
        for row in rows:
            event = with_replay(json.loads(row["event"]), found.name)
            self._routing.route(tx, of.bus, event, Letter(compact(event), self._now_ms()), only=only)
        if rows:
            replay.advance(tx, found, rows[-1])
        if len(rows) < _ROWS:
            replay.end(tx, found, State.COMPLETED, self._now_ms())
