"""Messages in the store: how they come, are found, and go. Each function runs in a transaction that its caller holds.

Invariants: a lot counts its messages; a FIFO queue's group has a row exactly while it has messages, with the time from
which its first message can be received, because what comes after a message that cannot be received waits for it.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, NamedTuple

from lambent.services.sqs import content
from lambent.store import load_queries

if TYPE_CHECKING:
    from lambent.services.sqs.content import Attributes
    from lambent.services.sqs.receipts import Receipt
    from lambent.services.sqs.record import Queue
    from lambent.store import Row, Tx

_SQL = load_queries("lambent.services.sqs", "messages.sql")

SENT = "sqs/sent"
"""The signal that some queue has got something."""
DEDUPLICATION_MS = 300_000
_FIRST_SEQUENCE = 18_850_000_000_000_000_000
"""Sequence numbers have twenty digits."""


class Draft(NamedTuple):
    """A message that is to be sent, known to be good."""

    body: str
    attributes: Attributes
    trace_header: str | None
    delay_ms: int | None
    """None takes the queue's."""
    group_id: str | None
    deduplication_id: str | None
    sender_id: str


class Sent(NamedTuple):
    """A message that was sent."""

    message_id: str
    sequence: str | None
    """Of a FIFO queue's message."""


def add(tx: Tx, queue: Queue, drafts: list[Draft], now_ms: int) -> list[Sent]:
    """Send messages, in order; those that a FIFO queue has had already are not kept again."""
    sent = [
        _add_fifo(tx, queue, draft, now_ms) if queue.key.is_fifo else _add(tx, queue, draft, now_ms) for draft in drafts
    ]
    kept = sum(row is not None for _, row in sent)
    if kept:
        count(tx, queue.lot, kept)
        tx.signal(queue.topic)
        tx.signal(SENT)
    return [one for one, _ in sent]


def _add(tx: Tx, queue: Queue, draft: Draft, now_ms: int) -> tuple[Sent, int | None]:
    """A message and its row's id."""
    message_id = str(uuid.uuid4())
    delay_ms = queue.settings.delay_ms if draft.delay_ms is None else draft.delay_ms
    (row,) = tx.all(
        _SQL["insert"],
        {
            "lot": queue.lot,
            "visible_at": now_ms + delay_ms,
            "now": now_ms,
            "message_id": message_id,
            "sender_id": draft.sender_id,
            "group_id": draft.group_id,
            "deduplication_id": draft.deduplication_id,
            "trace_header": draft.trace_header,
            "attributes": content.kept(draft.attributes),
            "body": draft.body,
        },
    )
    return Sent(message_id, None), row["id"]


def _add_fifo(tx: Tx, queue: Queue, draft: Draft, now_ms: int) -> tuple[Sent, int | None]:
    """A message and its row's id, None for a duplicate."""
    scope = draft.group_id if queue.settings.by_group else ""
    where = {"lot": queue.lot, "scope": scope, "deduplication_id": draft.deduplication_id}
    before = tx.one(_SQL["duplicate"], {**where, "now": now_ms})
    if before is not None:
        return Sent(before["message_id"], sequence_number(before["message"])), None
    sent, row = _add(tx, queue, draft, now_ms)
    if row is None:
        raise LookupError("a row that was inserted has no id")
    memory = {"message": row, "message_id": sent.message_id, "expires_at": now_ms + DEDUPLICATION_MS}
    tx.execute(_SQL["put_deduplication"], {**where, **memory})
    delay_ms = queue.settings.delay_ms if draft.delay_ms is None else draft.delay_ms
    _join_group(tx, queue.lot, str(draft.group_id), now_ms + delay_ms)
    return Sent(sent.message_id, sequence_number(row)), row


def sequence_number(row: int) -> str:
    """Twenty digits, growing with the rows' ids."""
    return str(_FIRST_SEQUENCE + row)


def count(tx: Tx, lot: int, change: int) -> None:
    """Note that a lot has more messages, or fewer."""
    tx.execute(_SQL["counted"], {"lot": lot, "count": change})


# --- what can be received


def visible(tx: Tx, lot: int, now_ms: int, most: int) -> list[Row]:
    """Visible messages, those first that became so first."""
    return tx.all(_SQL["visible"], {"lot": lot, "now": now_ms, "count": most})


def ready_groups(tx: Tx, lot: int, now_ms: int, most: int) -> list[str]:
    """Groups whose first message can be received, those first that have waited longest for their turn."""
    return [row["group_id"] for row in tx.all(_SQL["ready_groups"], {"lot": lot, "now": now_ms, "count": most})]


def receivable(tx: Tx, lot: int, group_id: str, now_ms: int, most: int) -> list[Row]:
    """A group's first messages, up to the first that is not visible."""
    found: list[Row] = []
    for row in tx.all(_SQL["of_group"], {"lot": lot, "group_id": group_id, "count": most}):
        if row["visible_at"] > now_ms:
            break
        found.append(row)
    return found


def next_visible_ms(tx: Tx, queue: Queue, now_ms: int) -> int | None:
    """When the next message becomes visible by itself, None where none will."""
    row = tx.one(_SQL["next_ready" if queue.key.is_fifo else "next_visible"], {"lot": queue.lot, "now": now_ms})
    return None if row is None else row["at"]


def in_flight(tx: Tx, lot: int, now_ms: int, most: int) -> int:
    """How many messages are in flight, counted up to `most`."""
    row = tx.one(_SQL["in_flight"], {"lot": lot, "now": now_ms, "most": most})
    return 0 if row is None else row["number"]


def take(tx: Tx, rows: list[Row], now_ms: int, visible_ms: int) -> None:
    """Receive messages: they are in flight until `visible_ms`."""
    tx.executemany(_SQL["take"], [{"id": row["id"], "now": now_ms, "visible_at": visible_ms} for row in rows])


# --- one message


def find(tx: Tx, receipt: Receipt) -> Row | None:
    """The message of a receipt, None where it is gone."""
    row = tx.one(_SQL["load"], {"id": receipt.row, "lot": receipt.lot})
    return row if row is not None and row["message_id"].startswith(receipt.start) else None


def load(tx: Tx, lot: int, row_id: int) -> Row | None:
    """A message by its row's id."""
    return tx.one(_SQL["load"], {"id": row_id, "lot": lot})


def remove(tx: Tx, lot: int, row_id: int) -> bool:
    """Remove a message; False where it is gone already. Its group is for the caller to settle."""
    return tx.execute(_SQL["delete"], {"id": row_id, "lot": lot}) == 1


def set_visibility(tx: Tx, row_id: int, visible_ms: int) -> None:
    """Have a message become visible at another time."""
    tx.execute(_SQL["set_visibility"], {"id": row_id, "visible_at": visible_ms})


def move(tx: Tx, row: Row, source: Queue, target: Queue, now_ms: int) -> None:
    """Give a message up to a dead-letter queue, with all that is known of it; its age in a FIFO queue begins anew."""
    tx.execute(
        _SQL["give_up"],
        {
            "id": row["id"],
            "lot": target.lot,
            "now": now_ms,
            "enqueued_at": now_ms if target.key.is_fifo else None,
            "source_arn": source.key.arn,
        },
    )
    _moved(tx, row, source, target, now_ms)


def send_back(tx: Tx, row: Row, source: Queue, target: Queue, now_ms: int) -> None:
    """Move a message out of a dead-letter queue, where it becomes a new one."""
    tx.execute(_SQL["send_back"], {"id": row["id"], "lot": target.lot, "now": now_ms, "message_id": str(uuid.uuid4())})
    _moved(tx, row, source, target, now_ms)


def _moved(tx: Tx, row: Row, source: Queue, target: Queue, now_ms: int) -> None:
    remove(tx, source.lot, row["id"])
    count(tx, source.lot, -1)
    count(tx, target.lot, 1)
    if target.key.is_fifo:
        _join_group(tx, target.lot, row["group_id"], now_ms)
    tx.signal(target.topic)
    tx.signal(SENT)


# --- groups of FIFO queues


def settle_group(tx: Tx, lot: int, group_id: str, now_ms: int) -> None:
    """Note from when on a group's first message can be received, behind the groups that wait already."""
    where = {"lot": lot, "group_id": group_id}
    head = tx.one(_SQL["head"], where)
    if head is None:
        tx.execute(_SQL["delete_group"], where)
    else:
        tx.execute(_SQL["set_group"], {**where, "ready_at": max(head["visible_at"], now_ms), "turn": _turn(tx, lot)})


def _join_group(tx: Tx, lot: int, group_id: str, visible_ms: int) -> None:
    """Note that a group has got a message; it changes nothing where others are before it."""
    where = {"lot": lot, "group_id": group_id}
    if tx.one(_SQL["has_group"], where) is None:
        tx.execute(_SQL["insert_group"], {**where, "ready_at": visible_ms, "turn": _turn(tx, lot)})


def _turn(tx: Tx, lot: int) -> int:
    (row,) = tx.all(_SQL["next_turn"], {"lot": lot})
    return int(row["turns"])


# --- receives that may be tried again


def attempt(tx: Tx, lot: int, attempt_id: str, now_ms: int) -> str | None:
    """What a receive with this id got, as it was kept; None where there was none lately."""
    row = tx.one(_SQL["attempt"], {"lot": lot, "attempt_id": attempt_id, "now": now_ms})
    return None if row is None else row["taken"]


def put_attempt(tx: Tx, lot: int, attempt_id: str, taken: str, now_ms: int) -> None:
    """Keep what a receive got."""
    expires_ms = now_ms + DEDUPLICATION_MS
    row = {"lot": lot, "attempt_id": attempt_id, "taken": taken, "expires_at": expires_ms}
    tx.execute(_SQL["put_attempt"], row)
