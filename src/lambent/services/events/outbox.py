"""What is still to be handed over. Each function here runs within a transaction that its caller holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from lambent.store import load_queries

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lambent.store import Row, Tx

_SQL = load_queries("lambent.services.events", "deliveries.sql")

DELIVERIES = "events/deliveries"
"""The signal that there is something to hand over."""


class Leaving(NamedTuple):
    """An event on its way to a target."""

    rule_arn: str
    target: str
    """JSON, as PutTargets was given it."""


class Letter(NamedTuple):
    """An event as it stands in the outbox, whoever is to get it."""

    event: str
    """JSON."""
    now_ms: int
    hops: int = 0
    trace_header: str | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is kept of one hand-over."""

    id: int
    rule_arn: str
    target: str
    event: str
    hops: int
    trace_header: str | None
    ingested_ms: int
    retries: int


def put(tx: Tx, letter: Letter, to: Iterable[Leaving]) -> None:
    """Have an event handed over."""
    rows = [
        {
            "rule_arn": one.rule_arn,
            "target": one.target,
            "event": letter.event,
            "hops": letter.hops,
            "trace_header": letter.trace_header,
            "now": letter.now_ms,
        }
        for one in to
    ]
    if rows:
        tx.executemany(_SQL["insert"], rows)
        tx.signal(DELIVERIES)


def due(tx: Tx, now_ms: int, count: int) -> list[Waiting]:
    """What is to be handed over now, the oldest first."""
    return [_waiting(row) for row in tx.all(_SQL["due"], {"now": now_ms, "count": count})]


def load(tx: Tx, number: int) -> Waiting | None:
    """One, None where it was handed over meanwhile."""
    row = tx.one(_SQL["load"], {"id": number})
    return None if row is None else _waiting(row)


def next_due_ms(tx: Tx) -> int | None:
    """When the next one is to be handed over; None where nothing waits."""
    row = tx.one(_SQL["next_due"], {})
    return None if row is None else row["due_at"]


def retry(tx: Tx, waiting: Waiting, due_ms: int) -> None:
    """Have it tried again."""
    tx.execute(_SQL["retry"], {"id": waiting.id, "due_at": due_ms})


def delete(tx: Tx, waiting: Waiting) -> None:
    """It has its end."""
    tx.execute(_SQL["delete"], {"id": waiting.id})


def _waiting(row: Row) -> Waiting:
    return Waiting(
        id=row["id"],
        rule_arn=row["rule_arn"],
        target=row["target"],
        event=row["event"],
        hops=row["hops"],
        trace_header=row["trace_header"],
        ingested_ms=row["ingested_at"],
        retries=row["retries"],
    )
