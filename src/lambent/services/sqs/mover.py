"""Does what move tasks ask for: message by message out of dead-letter queues, piece by piece, at their rate.

Each piece is one transaction with the task's own count, so that after a crash it goes on where it was.
May import store, clock and below.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING

from lambent.services.sqs import messages, repository
from lambent.services.sqs.move_tasks import SQL, TOPIC
from lambent.services.sqs.record import key_of_arn

if TYPE_CHECKING:
    from lambent.clock import Clock
    from lambent.services.sqs.record import Queue
    from lambent.store import Row, Store, Tx
    from lambent.store.signals import Subscription

_log = logging.getLogger(__name__)
_ROWS = 100
"""Of one transaction, so that nobody waits long for it."""
_PAUSE_S = 5.0
_NO_QUEUE = "AWS.SimpleQueueService.NonExistentQueue"
_NO_SOURCE = "CouldNotDetermineMessageSource"


class Mover:
    """Moves messages for tasks."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def run_once(self) -> float | None:
        """A piece of every task; seconds until there is more to do, None where no task runs."""
        now_ms = int(self._clock.time() * 1000)
        waits: list[float] = []
        for row in await self._store.read(lambda tx: tx.all(SQL["running"], {})):
            due_ms = await self._store.write(partial(_piece, row["id"], now_ms))
            if due_ms is not None:
                waits.append(max(0.0, (due_ms - now_ms) / 1000))
        return min(waits, default=None)

    async def run(self) -> None:
        """Move whenever there are tasks."""
        with self._store.signals.subscribe(TOPIC) as news:
            while True:
                try:
                    pause_s = await self.run_once()
                except Exception:  # noqa: BLE001  logged
                    # The boundary of a pass: what was moved is kept, and the next pass goes on.
                    _log.exception("messages could not be moved")
                    pause_s = _PAUSE_S
                if pause_s is None:
                    await news.wait()
                else:
                    await self._pause(pause_s, news)

    async def _pause(self, pause_s: float, news: Subscription) -> None:
        waits = [asyncio.ensure_future(self._clock.sleep(pause_s)), asyncio.ensure_future(news.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()


def _piece(task_id: str, now_ms: int, tx: Tx) -> int | None:
    """Move some messages for a task; when to go on, None once it has ended."""
    task = tx.one(SQL["load"], {"id": task_id})
    if task is None or task["status"] != "RUNNING":
        return None
    allowed = _allowed(task, now_ms)
    if not allowed:
        return int(task["worked_at"]) + _gap_ms(task)
    key = key_of_arn(task["source_arn"])
    source = None if key is None else repository.load(tx, key)
    if source is None:
        _end(tx, task, "FAILED", _NO_QUEUE)
        return None
    moved, failure = _move(tx, task, source, allowed, now_ms)
    if moved:
        tx.execute(SQL["moved"], {"id": task_id, "count": moved, "now": now_ms})
    if failure:
        _end(tx, task, "FAILED", failure)
        return None
    if moved < allowed:
        _end(tx, task, "COMPLETED", None)
        return None
    return now_ms + _gap_ms(task)


def _allowed(task: Row, now_ms: int) -> int:
    """How many messages a task may move now."""
    if task["per_second"] is None:
        return _ROWS
    if task["worked_at"] is not None and now_ms < task["worked_at"] + _gap_ms(task):
        return 0
    return min(_ROWS, int(task["per_second"]))


def _gap_ms(task: Row) -> int:
    """Between two pieces, so that a task keeps to its rate."""
    per_second = task["per_second"]
    return 0 if per_second is None else min(_ROWS, per_second) * 1000 // per_second


def _move(tx: Tx, task: Row, source: Queue, most: int, now_ms: int) -> tuple[int, str | None]:
    """How many messages were moved, and why no more can be."""
    moved = 0
    for row in _next(tx, source, most, now_ms):
        arn = task["destination_arn"] or row["source_arn"]
        if arn is None:
            return moved, _NO_SOURCE
        key = key_of_arn(arn)
        target = None if key is None else repository.load(tx, key)
        if target is None:
            return moved, _NO_QUEUE
        messages.send_back(tx, row, source, target, now_ms)
        if source.key.is_fifo:
            messages.settle_group(tx, source.lot, row["group_id"], now_ms)
        moved += 1
    return moved, None


def _next(tx: Tx, source: Queue, most: int, now_ms: int) -> list[Row]:
    """The messages that would be received next."""
    if not source.key.is_fifo:
        return messages.visible(tx, source.lot, now_ms, most)
    found: list[Row] = []
    for group_id in messages.ready_groups(tx, source.lot, now_ms, most):
        found += messages.receivable(tx, source.lot, group_id, now_ms, most - len(found))
        if len(found) == most:
            break
    return found


def _end(tx: Tx, task: Row, status: str, failure: str | None) -> None:
    tx.execute(SQL["end"], {"id": task["id"], "status": status, "failure": failure})
