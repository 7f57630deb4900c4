"""No room: callers are told, nothing half is kept, and the store works again once there is room."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lambent.store import Store, StoreError, StoreFullError, make_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from lambent.store import Tx

MEGABYTE = 1_000_000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    if mount is None:
        pytest.skip("there is no mount here to make a small file system with")
    command = [mount, "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(disk)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode:
        pytest.skip(f"only root can make a small file system: {made.stderr.strip()}")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@pytest.fixture
async def store(small_disk: Path) -> AsyncIterator[Store]:
    one = make_store(small_disk / "data")
    await one.open()
    await one.write(lambda tx: tx.execute("CREATE TABLE things (number BIGINT PRIMARY KEY, data BLOB)", {}))
    yield one
    await one.close()


def fill(disk: Path, *, leave: int = 0) -> Path:
    """A file that takes what room there is."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (MEGABYTE, 4096):
            while shutil.disk_usage(disk).free > leave + size:
                file.write(b"x" * size)
    return filler


def add(tx: Tx, number: int, size: int = 3000) -> None:
    tx.execute("INSERT INTO things VALUES (:number, :data)", {"number": number, "data": b"x" * size})
    tx.execute("INSERT INTO things VALUES (:number, :data)", {"number": -number, "data": b"x" * size})


async def numbers(store: Store) -> list[int]:
    rows = await store.read(lambda tx: tx.all("SELECT number FROM things ORDER BY number", {}))
    return [row["number"] for row in rows]


def both(kept: list[int]) -> list[int]:
    return sorted(kept + [-number for number in kept])


async def test_transactions_that_do_not_fit_are_refused_whole(store: Store, small_disk: Path) -> None:
    filler = fill(small_disk, leave=MEGABYTE)
    kept: list[int] = []
    refused: set[type] = set()
    for start in range(1, 1000, 20):
        batch = range(start, start + 20)
        results = await asyncio.gather(
            *(store.write(partial(add, number=number)) for number in batch), return_exceptions=True
        )
        kept += [number for number, result in zip(batch, results, strict=True) if result is None]
        refused |= {type(result) for result in results if result is not None}

    assert len(kept) > 20
    assert refused == {StoreFullError}
    assert await numbers(store) == both(kept)

    filler.unlink()
    await store.write(partial(add, number=100_000))
    assert await numbers(store) == both([*kept, 100_000])


async def test_one_that_does_not_fit_fails_alone(store: Store, small_disk: Path) -> None:
    fill(small_disk, leave=MEGABYTE)
    sizes = [100, 2 * MEGABYTE, 100]
    results = await asyncio.gather(
        *(store.write(partial(add, number=number, size=size)) for number, size in enumerate(sizes, 1)),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [type(None), StoreFullError, type(None)]
    assert await numbers(store) == both([1, 3])


async def test_what_was_kept_before_the_disk_was_full_is_there_after_a_restart(store: Store, small_disk: Path) -> None:
    await store.write(partial(add, number=1))
    fill(small_disk)
    with pytest.raises(StoreFullError):
        await store.write(partial(add, number=2, size=MEGABYTE))
    await store.close()
    (small_disk / "filler").unlink()

    again = make_store(small_disk / "data")
    await again.open()
    assert await numbers(again) == both([1])
    await again.close()


async def test_a_blob_that_does_not_fit_leaves_nothing(store: Store, small_disk: Path) -> None:
    filler = fill(small_disk, leave=MEGABYTE)
    free = shutil.disk_usage(small_disk).free
    with pytest.raises(StoreFullError, match="No space left"):
        await store.blobs.put(b"x" * 2 * MEGABYTE)
    assert shutil.disk_usage(small_disk).free > free - 16_384
    assert [file for file in (small_disk / "data" / "blobs").rglob("*") if file.is_file()] == []

    filler.unlink()
    key = await store.blobs.put(b"x" * 2 * MEGABYTE)
    assert await store.blobs.get(key) == b"x" * 2 * MEGABYTE


async def test_a_store_that_finds_no_room_to_begin_says_so_and_begins_later(small_disk: Path) -> None:
    filler = fill(small_disk)
    store = make_store(small_disk / "new" / "data")
    with pytest.raises(StoreError):
        await store.open()

    filler.unlink()
    await store.open()
    await store.close()


def test_files_that_may_grow_no_more_are_an_error_and_no_end(tmp_path: Path) -> None:
    command = [sys.executable, str(Path(__file__).with_name("limited_writer.py")), str(tmp_path / "data")]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    seen = json.loads(ran.stdout)

    assert len(seen["kept"]) > 20
    assert seen["problems"] == ["StoreError"]
    assert seen["there"] == both(seen["kept"])
    assert "File too large" in seen["blob"]
    assert seen["left over"] == []
    assert seen["later"] == both([*seen["kept"], 100_000])
