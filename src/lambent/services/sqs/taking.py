"""Which messages a receive takes: the rules of standard and of FIFO queues, in one transaction each.

What is past its retention is removed on the way, what was received too often goes to the dead-letter queue. A queue
whose dead-letter queue is gone keeps its messages: they come again and again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import orjson

from lambent.errors import AwsError
from lambent.services.sqs import messages, repository
from lambent.services.sqs.record import key_of_arn

if TYPE_CHECKING:
    from lambent.services.sqs.record import Queue
    from lambent.store import Row, Tx

MOST_IN_FLIGHT = 120_000
_DROPPED = 200
"""Messages that one receive removes or gives up, so that nobody waits long for it."""


class Taken(NamedTuple):
    """A message as it was before it was received, and its number of receives now."""

    row: Row
    receive_count: int
    first_ms: int
    """When it was received first."""


def take(tx: Tx, queue: Queue, most: int, visibility_ms: int, now_ms: int) -> tuple[list[Taken], bool]:
    """Receive up to `most` messages; and whether there may be more behind many that had to be dropped.

    Raises AwsError OverLimit where a standard queue has too many in flight.
    """
    # A queue that has fewer messages has fewer in flight.
    room = most
    if queue.messages > MOST_IN_FLIGHT:
        room = min(most, MOST_IN_FLIGHT - messages.in_flight(tx, queue.lot, now_ms, MOST_IN_FLIGHT))
        if room <= 0 and not queue.key.is_fifo:
            text = "Too many messages in flight: the maximum is 120000. Delete messages, or let them become visible."
            raise AwsError("OverLimit", text, status=403)
    visit = _Visit(tx, queue, now_ms)
    found = visit.of_groups(room, visibility_ms) if queue.key.is_fifo else visit.of_standard(room, visibility_ms)
    visit.finish()
    return found, visit.is_tired


def retake(tx: Tx, queue: Queue, attempt_id: str, visibility_ms: int, now_ms: int) -> list[Taken]:
    """What a receive with this id got, once more, in flight anew; nothing where any of it was touched since."""
    text = messages.attempt(tx, queue.lot, attempt_id, now_ms)
    if text is None:
        return []
    rows = []
    for row_id, receive_count, visible_ms in orjson.loads(text):
        row = messages.load(tx, queue.lot, row_id)
        if row is None or (row["receive_count"], row["visible_at"]) != (receive_count, visible_ms):
            return []
        rows.append(row)
    for row in rows:
        messages.set_visibility(tx, row["id"], now_ms + visibility_ms)
    for group_id in dict.fromkeys(row["group_id"] for row in rows):
        messages.settle_group(tx, queue.lot, group_id, now_ms)
    again = [Taken(row, row["receive_count"], row["first_received_at"]) for row in rows]
    remember(tx, queue, attempt_id, again, now_ms + visibility_ms, now_ms)
    return again


def remember(tx: Tx, queue: Queue, attempt_id: str, taken: list[Taken], visible_ms: int, now_ms: int) -> None:
    """Keep what a receive got, so that it can be asked for again."""
    if taken:
        told = orjson.dumps([[one.row["id"], one.receive_count, visible_ms] for one in taken]).decode()
        messages.put_attempt(tx, queue.lot, attempt_id, told, now_ms)


class _Visit:
    """One pass over a queue."""

    def __init__(self, tx: Tx, queue: Queue, now_ms: int) -> None:
        self._tx = tx
        self._queue = queue
        self._now_ms = now_ms
        self._expired = 0
        self._moved = 0
        settings = queue.settings
        self._oldest_ms = now_ms - settings.retention_ms
        self._most_receives = settings.max_receives
        self._dlq = self._dead_letters()

    def of_standard(self, most: int, visibility_ms: int) -> list[Taken]:
        """The messages that have been visible longest."""
        while True:
            rows = messages.visible(self._tx, self._queue.lot, self._now_ms, most)
            good = [row for row in rows if self._keeps(row)]
            # What is not kept is gone when looked for again.
            if len(good) == len(rows) or self.is_tired:
                return self._taken(good, visibility_ms)

    def of_groups(self, most: int, visibility_ms: int) -> list[Taken]:
        """All that can be had of one group, then of the next."""
        found: list[Taken] = []
        served: set[str] = set()
        while len(found) < most and not self.is_tired:
            groups = messages.ready_groups(self._tx, self._queue.lot, self._now_ms, most + len(served))
            groups = [group for group in groups if group not in served]
            if not groups:
                break
            for group in groups:
                found += self._of_group(group, most - len(found), visibility_ms)
                served.add(group)
                if len(found) >= most or self.is_tired:
                    break
        return found

    @property
    def is_tired(self) -> bool:
        """Whether it has dropped enough: there may be good messages behind what it has seen."""
        return self._expired + self._moved >= _DROPPED

    def finish(self) -> None:
        """Note how many messages were past their time."""
        if self._expired:
            messages.count(self._tx, self._queue.lot, -self._expired)

    def _of_group(self, group_id: str, most: int, visibility_ms: int) -> list[Taken]:
        while True:
            rows = messages.receivable(self._tx, self._queue.lot, group_id, self._now_ms, most)
            good = [row for row in rows if self._keeps(row)]
            if len(good) == len(rows) or self.is_tired:
                break
        found = self._taken(good, visibility_ms)
        messages.settle_group(self._tx, self._queue.lot, group_id, self._now_ms)
        return found

    def _taken(self, rows: list[Row], visibility_ms: int) -> list[Taken]:
        messages.take(self._tx, rows, self._now_ms, self._now_ms + visibility_ms)
        return [Taken(row, row["receive_count"] + 1, row["first_received_at"] or self._now_ms) for row in rows]

    def _keeps(self, row: Row) -> bool:
        """Whether a message can be received here; if not, it is gone from the queue now."""
        if row["enqueued_at"] <= self._oldest_ms:
            messages.remove(self._tx, self._queue.lot, row["id"])
            self._expired += 1
            return False
        if self._dlq is not None and row["receive_count"] - row["receives_before"] >= self._most_receives:
            messages.move(self._tx, row, self._queue, self._dlq, self._now_ms)
            self._moved += 1
            return False
        return True

    def _dead_letters(self) -> Queue | None:
        arn = self._queue.settings.dlq_arn
        key = None if arn is None else key_of_arn(arn)
        return None if key is None else repository.load(self._tx, key)
