"""What functions wrote, read back in the order it was written. May import store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from lambent.store import load_queries

if TYPE_CHECKING:
    from lambent.store import Store, Tx

_SQL = load_queries("lambent.services.logs", "streams.sql")
_CHUNKS = 16
"""Chunks of a page: at most 16,000 events, or some 16 MB."""


@dataclass(frozen=True, slots=True)
class Page:
    """Log events, and the position behind them."""

    events: list[tuple[int, str, str]]
    """Epoch milliseconds, stream, text."""
    position: int


def topic(account: str, region: str, log_group: str) -> str:
    """The signal that tells that a log group has something new."""
    return f"logs/{account}/{region}/{log_group}"


async def after(store: Store, account: str, region: str, log_group: str, position: int) -> Page:
    """What was written behind a position, a page at most; 0 is the beginning."""
    where: dict[str, str | int] = {
        "account": account,
        "region": region,
        "log_group": log_group,
        "after": position,
        "count": _CHUNKS,
    }
    return await store.read(lambda tx: _page(tx, where))


async def tail_position(store: Store, account: str, region: str, log_group: str, batches: int) -> int:
    """The position before the last `batches` written batches, at least one; 0 where there are fewer."""
    where = {"account": account, "region": region, "log_group": log_group, "count": batches}
    rows = await store.read(lambda tx: tx.all(_SQL["last_chunks"], where))
    return rows[-1]["id"] - 1 if len(rows) == batches else 0


def _page(tx: Tx, where: dict[str, str | int]) -> Page:
    events: list[tuple[int, str, str]] = []
    position = int(where["after"])
    for row in tx.all(_SQL["chunks_after"], where):
        position = row["id"]
        events.extend((at_ms, row["stream"], text) for at_ms, text in orjson.loads(row["events"]))
    return Page(events, position)
