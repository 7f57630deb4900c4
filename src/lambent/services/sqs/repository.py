"""Queues in the store. Each function here runs within a transaction that its caller holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from lambent.services.sqs.record import QueueKey, queue_of, redrive_of, topic
from lambent.store import load_queries

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambent.services.sqs.record import Queue
    from lambent.store import Row, Tx

_SQL = load_queries("lambent.services.sqs", "queues.sql")

LEFTOVERS = "sqs/leftovers"
"""The signal that something was given up, and is to be removed."""
_RETENTION_S = 345_600


def load_row(tx: Tx, key: QueueKey) -> Row | None:
    """A queue's row."""
    return tx.one(_SQL["load"], {"account": key.account, "region": key.region, "name": key.name})


def load(tx: Tx, key: QueueKey) -> Queue | None:
    """A queue, None where there is none."""
    row = load_row(tx, key)
    return None if row is None else queue_of(row)


def insert(tx: Tx, key: QueueKey, attributes: Mapping[str, str], tags: Mapping[str, str], now_ms: int) -> None:
    """Keep a new queue; its name must be free."""
    row = {**key._asdict(), "lot": _new_lot(tx), "tags": _json(tags), "now": now_ms, **_columns(attributes)}
    tx.execute(_SQL["insert"], row)


def was_deleted_since(tx: Tx, key: QueueKey, since_ms: int) -> bool:
    """Whether a queue of this name was deleted after a moment."""
    return tx.one(_SQL["deleted_since"], {**key._asdict(), "since": since_ms}) is not None


def set_attributes(tx: Tx, queue: Queue, attributes: Mapping[str, str], now_ms: int) -> None:
    """Keep a queue's attributes, all of them."""
    tx.execute(_SQL["set_attributes"], {"id": queue.id, "now": now_ms, **_columns(attributes)})
    tx.signal(queue.topic)
    tx.signal(LEFTOVERS)


def tags(tx: Tx, queue: Queue) -> dict[str, str]:
    """A queue's tags by key."""
    row = tx.one(_SQL["tags"], {"id": queue.id})
    found: dict[str, str] = {} if row is None else orjson.loads(row["tags"])
    return found


def set_tags(tx: Tx, queue: Queue, new: Mapping[str, str]) -> None:
    """Keep a queue's tags, all of them."""
    tx.execute(_SQL["set_tags"], {"id": queue.id, "tags": _json(new)})


def purge(tx: Tx, queue: Queue, now_ms: int) -> None:
    """Give up all messages of a queue, and what was remembered of them."""
    tx.execute(_SQL["end_lot"], {"lot": queue.lot})
    tx.execute(_SQL["purge"], {"id": queue.id, "lot": _new_lot(tx), "now": now_ms})
    tx.signal(LEFTOVERS)


def delete(tx: Tx, queue: Queue, now_ms: int) -> None:
    """Give up a queue with all its messages."""
    tx.execute(_SQL["end_lot"], {"lot": queue.lot})
    tx.execute(_SQL["delete"], {"id": queue.id, "now": now_ms})
    tx.signal(LEFTOVERS)
    tx.signal(topic(queue.key))


def names(tx: Tx, account: str, region: str, *, prefix: str, after: str, count: int) -> list[str]:
    """Names of queues in their order, behind the name `after`, at most `count`."""
    where = {"account": account, "region": region, "prefix": prefix, "after": after, "count": count}
    return [row["name"] for row in tx.all(_SQL["names"], where)]


def sources(tx: Tx, arn: str, *, after: str = "", count: int) -> list[QueueKey]:
    """Queues whose dead-letter queue this is, by name, behind the name `after`, at most `count`."""
    rows = tx.all(_SQL["sources"], {"arn": arn, "after": after, "count": count})
    return [QueueKey(row["account"], row["region"], row["name"]) for row in rows]


def hidden(tx: Tx, queue: Queue, now_ms: int) -> tuple[int, int]:
    """How many messages are delayed, and how many in flight."""
    row = tx.one(_SQL["hidden"], {"lot": queue.lot, "now": now_ms})
    return (0, 0) if row is None else (row["delayed"], row["in_flight"])


def _new_lot(tx: Tx) -> int:
    (row,) = tx.all(_SQL["insert_lot"], {})
    return int(row["id"])


def _columns(attributes: Mapping[str, str]) -> dict[str, object]:
    redrive = redrive_of(attributes)
    return {
        "attributes": _json(attributes),
        "retention_s": int(attributes.get("MessageRetentionPeriod", _RETENTION_S)),
        "dlq_arn": redrive.dlq_arn if redrive else None,
    }


def _json(value: Mapping[str, str]) -> str:
    return orjson.dumps(dict(value)).decode()
