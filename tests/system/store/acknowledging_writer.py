"""Run by test_crash.py: writes to a store as fast as it can, and says of each transaction that it is kept.

Usage: acknowledging_writer.py DATA_DIR ROUND. A line on stdout for each acknowledged transaction: its name.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from lambent.store import make_store

if TYPE_CHECKING:
    from lambent.store import Store, Tx

PARTS = 5
_WRITERS = 8
_TABLES = (
    "CREATE TABLE IF NOT EXISTS parts (name TEXT, part BIGINT, blob TEXT, PRIMARY KEY (name, part))",
    "CREATE TABLE IF NOT EXISTS totals (one BIGINT PRIMARY KEY, transactions BIGINT)",
    "INSERT INTO totals VALUES (1, 0) ON CONFLICT (one) DO NOTHING",
)


def content(name: str) -> bytes:
    """The blob of a transaction: most are small, some so large that they are hashed on another thread."""
    dice = random.Random(name)
    size = 300_000 if dice.random() < 0.02 else dice.randrange(8000)
    return f"{name}:".encode() + dice.randbytes(size)


def _prepare(tx: Tx) -> None:
    for statement in _TABLES:
        tx.execute(statement, {})


def _keep(tx: Tx, name: str, blob: str) -> None:
    """Rows that are nothing without each other."""
    tx.execute("UPDATE totals SET transactions = transactions + 1", {})
    for part in range(PARTS):
        tx.execute("INSERT INTO parts VALUES (:name, :part, :blob)", {"name": name, "part": part, "blob": blob})


def _live(tx: Tx) -> set[str]:
    return {row["blob"] for row in tx.all("SELECT DISTINCT blob FROM parts", {})}


async def _write(store: Store, names: count[int], round_: str) -> None:
    while True:
        name = f"{round_}-{next(names)}"
        async with store.blobs.kept(content(name)) as blob:
            await store.write(partial(_keep, name=name, blob=blob))
        os.write(1, f"{name}\n".encode())


async def _sweep(store: Store) -> None:
    """Leave and remove blobs that nothing refers to."""
    for number in count():
        await store.blobs.put(f"dead {number}".encode())
        await store.blobs.sweep(lambda: store.read(_live))


async def main(data_dir: Path, round_: str) -> None:
    store = make_store(data_dir)
    await store.open()
    await store.write(_prepare)
    names = count()
    await asyncio.gather(_sweep(store), *(_write(store, names, round_) for _ in range(_WRITERS)))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
