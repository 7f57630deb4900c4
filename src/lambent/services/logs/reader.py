"""What was written to a log group, read back in the order it was written; for those who follow it. May import store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambent.services.logs import chunks, repository
from lambent.services.logs.record import GroupKey

if TYPE_CHECKING:
    from lambent.store import Store, Tx

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
    return chunks.topic(GroupKey(account, region, log_group))


async def after(store: Store, account: str, region: str, log_group: str, position: int) -> Page:
    """What was written behind a position, a page at most; 0 is the beginning."""
    key = GroupKey(account, region, log_group)
    return await store.read(lambda tx: _page(tx, key, position))


async def tail_position(store: Store, account: str, region: str, log_group: str, batches: int) -> int:
    """The position before the last `batches` written batches, at least one; 0 where there are fewer."""
    key = GroupKey(account, region, log_group)
    return await store.read(lambda tx: _tail_position(tx, key, batches))


def _page(tx: Tx, key: GroupKey, position: int) -> Page:
    events: list[tuple[int, str, str]] = []
    group = repository.load_group(tx, key)
    if group is None:
        return Page(events, position)
    for chunk in chunks.arrived(tx, group, position, _CHUNKS):
        position = chunk.id
        events.extend((at_ms, chunk.stream, text) for at_ms, text in chunk.lines)
    return Page(events, position)


def _tail_position(tx: Tx, key: GroupKey, batches: int) -> int:
    group = repository.load_group(tx, key)
    if group is None:
        return 0
    ids = chunks.last_arrived(tx, group, batches)
    return ids[-1] - 1 if len(ids) == batches else 0
