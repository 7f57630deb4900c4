"""What became of events, for people: each attempt, and how it ended. Functions with a `tx` run within a transaction.

An event's attempts are noted on the event itself, so that they cost no transaction; its end is kept in the one that
ends it. Kept for a week, and so many at most.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson

from lambent.arn import function_arn
from lambent.invoke.event import from_row
from lambent.store import load_queries

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lambent.invoke.event import Attempt, Event
    from lambent.invoke.retry import Condition
    from lambent.store import Row, Store, Tx

_SQL = load_queries("lambent.invoke", "history.sql")
_KEPT_MS = 7 * 86_400_000
MOST = 100_000
_STEPS = 500
"""Attempts of one event that are noted; throttles go on for hours."""
_MESSAGE = 1000
"""Characters of an attempt's message."""


class History:
    """Reads it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def find(self, request_id: str) -> dict[str, Any] | None:
        """One event, waiting or ended; None where none is known."""
        return await self._store.read(lambda tx: _find(tx, request_id))

    async def page(
        self, account: str, region: str, name: str | None, *, failed: bool, count: int
    ) -> list[dict[str, Any]]:
        """Events of a function or of all: those that wait or run by their turn, then those that ended, newest first.

        failed: of those that ended only those without success; and none that wait.
        """
        return await self._store.read(lambda tx: _page(tx, account, region, name, failed=failed, count=count))


def noted(event: Event, attempt: Attempt, *, retry_at_ms: int | None = None) -> Event:
    """The event with this attempt in its timeline. retry_at_ms: None where it was the last one."""
    step = {
        "at_ms": attempt.began_ms,
        "result": attempt.result,
        "status": attempt.status,
        "version": attempt.version,
        "duration_ms": attempt.duration_ms,
        "log_stream": attempt.log_stream,
        "message": attempt.message[:_MESSAGE],
        "retry_at_ms": retry_at_ms,
    }
    return replace(event, timeline=(*event.timeline[-_STEPS + 1 :], step))


def put(tx: Tx, event: Event, condition: Condition, *, told: Iterable[tuple[str, str | None]], now_ms: int) -> None:
    """Keep an end. told: the ARNs it was told to, and why that failed, None where it did not."""
    tx.execute(
        _SQL["put"],
        {
            "id": event.id,
            "function_arn": event.function_arn,
            "qualifier": event.qualifier,
            "source": event.source,
            "accepted_at": event.accepted_at_ms,
            "ended_at": now_ms,
            "condition": condition,
            "attempts": event.attempts,
            "refusals": event.refusals,
            "timeline": orjson.dumps(event.timeline).decode(),
            "told": orjson.dumps([{"arn": arn, "failure": reason} for arn, reason in told]).decode(),
        },
    )


def trim(tx: Tx, *, now_ms: int, most: int = MOST) -> None:
    """Forget the oldest ends: those past their time, and those beyond `most`."""
    tx.execute(_SQL["forget_older"], {"before": now_ms - _KEPT_MS})
    tx.execute(_SQL["forget_beyond"], {"most": most - 1})


def _find(tx: Tx, request_id: str) -> dict[str, Any] | None:
    row = tx.one(_SQL["find_kept"], {"id": request_id})
    if row is not None:
        return _waiting(row)
    row = tx.one(_SQL["find"], {"id": request_id})
    return None if row is None else _ended(row)


def _page(tx: Tx, account: str, region: str, name: str | None, *, failed: bool, count: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    prefix = function_arn(account, region, name or "")
    # The ARNs that begin so, or that one alone: ";" comes after ":", and a space before all that names are made of.
    span = {"first": prefix, "last": f"{prefix[:-1]};" if name is None else f"{prefix} "}
    if not failed:
        found += [_waiting(row) for row in tx.all(_SQL["kept"], {**span, "count": count})]
    left = {"failed": int(failed), "count": count - len(found)}
    if name is None:
        rows = tx.all(_SQL["ended"], {**span, **left})
    else:
        rows = tx.all(_SQL["ended_of_function"], {"function_arn": prefix, **left})
    return found + [_ended(row) for row in rows]


def _waiting(row: Row) -> dict[str, Any]:
    event = from_row(row)
    return {
        **_names(row),
        "state": "waiting" if row["lease_owner"] is None else "running",
        "ready_at_ms": event.ready_at_ms if row["lease_owner"] is None else None,
        "ended_at_ms": None,
        "condition": None,
        "told": [],
    }


def _ended(row: Row) -> dict[str, Any]:
    return {
        **_names(row),
        "state": "ended",
        "ready_at_ms": None,
        "ended_at_ms": row["ended_at"],
        "condition": row["condition"],
        "told": orjson.loads(row["told"]),
    }


def _names(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "function_arn": row["function_arn"],
        "qualifier": row["qualifier"] or None,
        "source": row["source"] or None,
        "accepted_at_ms": row["accepted_at"],
        "attempts": row["attempts"],
        "refusals": row["refusals"],
        "timeline": orjson.loads(row["timeline"]),
    }
