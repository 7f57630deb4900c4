"""What the store's tests write and read: rows of the table `things`, and a writer that is held up."""

from __future__ import annotations

import asyncio
import threading
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from lambent.store import Store, Tx

TABLE = "CREATE TABLE things (name TEXT PRIMARY KEY, number BIGINT, data BLOB)"
INSERT = "INSERT INTO things (name, number, data) VALUES (:name, :number, :data)"


def add(tx: Tx, name: str, number: int = 0, data: bytes | None = None) -> None:
    """Insert one row."""
    tx.execute(INSERT, {"name": name, "number": number, "data": data})


def all_names(tx: Tx) -> list[str]:
    return [row["name"] for row in tx.all("SELECT name FROM things ORDER BY name", {})]


async def names(store: Store) -> list[str]:
    """The names of all rows, in order."""
    return await store.read(all_names)


@asynccontextmanager
async def writer_held(store: Store) -> AsyncIterator[None]:
    """While the block runs, what is written waits; then all of it goes under one commit."""
    entered, gate = threading.Event(), threading.Event()

    def hold(_tx: Tx) -> None:
        entered.set()
        gate.wait()

    holding = asyncio.ensure_future(store.write(hold))
    await asyncio.to_thread(entered.wait)
    try:
        yield
    finally:
        gate.set()
        await holding
