"""Run by test_disk_full.py: fills a store until files may grow no more, and goes on once they may.

Usage: limited_writer.py DATA_DIR. Says what it saw as JSON on stdout.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lambent.store import StoreError, make_store

if TYPE_CHECKING:
    from lambent.store import Store, Tx

LIMIT_BYTES = 2_000_000


def limit_files(size: int) -> None:
    """How large any file of this process may become."""
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, most))


def _add(tx: Tx, number: int) -> None:
    tx.execute("INSERT INTO things VALUES (:number, :data)", {"number": number, "data": b"x" * 3000})
    tx.execute("INSERT INTO things VALUES (:number, :data)", {"number": -number, "data": b"x" * 3000})


async def _fill(store: Store) -> dict[str, Any]:
    """Twenty at a time, until all fail."""
    kept: list[int] = []
    problems: set[str] = set()
    for start in range(1, 2000, 20):
        numbers = range(start, start + 20)
        results = await asyncio.gather(
            *(store.write(partial(_add, number=number)) for number in numbers), return_exceptions=True
        )
        good = [number for number, result in zip(numbers, results, strict=True) if result is None]
        kept += good
        problems |= {type(result).__name__ for result in results if result is not None}
        if not good:
            break
    return {"kept": kept, "problems": sorted(problems)}


async def _numbers(store: Store) -> list[int]:
    rows = await store.read(lambda tx: tx.all("SELECT number FROM things ORDER BY number", {}))
    return [row["number"] for row in rows]


async def main(data_dir: Path) -> None:
    store = make_store(data_dir)
    await store.open()
    await store.write(lambda tx: tx.execute("CREATE TABLE things (number BIGINT PRIMARY KEY, data BLOB)", {}))
    limit_files(LIMIT_BYTES)
    seen = await _fill(store)
    seen["there"] = await _numbers(store)
    try:
        await store.blobs.put(b"x" * 2 * LIMIT_BYTES)
    except StoreError as problem:
        seen["blob"] = str(problem)
    seen["left over"] = [file.name for file in (data_dir / "blobs" / "new").iterdir()]

    limit_files(resource.RLIM_INFINITY)
    await store.write(partial(_add, number=100_000))
    await store.blobs.put(b"x" * 2 * LIMIT_BYTES)
    seen["later"] = await _numbers(store)
    await store.close()
    print(json.dumps(seen))  # noqa: T201  what the test reads


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
