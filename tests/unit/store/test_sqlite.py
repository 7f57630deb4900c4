"""What only a store on SQLite can show: commits, files, locks and failures of the database."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
from functools import partial
from typing import TYPE_CHECKING

import pytest

from conformance.store.things import TABLE, add, names, writer_held
from eventloop import turns
from lambent.store import DataDirInUseError, MigrationError, Store, StoreError, StoreFullError, make_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from lambent.store import Tx

FRAME_BYTES = 24 + 4096


@pytest.fixture(params=["on disk", "in memory"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    one = await opened(tmp_path / "data" if request.param == "on disk" else None)
    await one.write(lambda tx: tx.execute(TABLE, {}))
    yield one
    await one.close()


@pytest.fixture
async def on_disk(tmp_path: Path) -> AsyncIterator[Store]:
    one = await opened(tmp_path / "data")
    await one.write(lambda tx: tx.execute(TABLE, {}))
    yield one
    await one.close()


async def opened(folder: Path | None) -> Store:
    one = make_store(folder)
    await one.open()
    return one


def limit_pages(tx: Tx, more: int) -> None:
    """Leave room for so many more pages of 4 KiB."""
    row = tx.one("PRAGMA page_count", {})
    assert row is not None
    tx.one(f"PRAGMA max_page_count = {row['page_count'] + more}", {})


# --- one commit for many


async def test_what_waits_goes_under_one_commit(on_disk: Store, tmp_path: Path) -> None:
    log = tmp_path / "data" / "lambent.db-wal"
    before = log.stat().st_size
    async with writer_held(on_disk):
        writes = [asyncio.ensure_future(on_disk.write(partial(add, name=f"n{number}"))) for number in range(300)]
        await turns()
    await asyncio.gather(*writes)

    # A commit of its own for each would have written each changed page anew: 600 frames at least.
    assert (log.stat().st_size - before) / FRAME_BYTES < 30


async def test_readers_do_not_wait_for_writers(on_disk: Store) -> None:
    await on_disk.write(partial(add, name="committed"))
    async with writer_held(on_disk):
        writing = asyncio.ensure_future(on_disk.write(partial(add, name="waits")))
        assert await names(on_disk) == ["committed"]
    await writing


# --- no room


async def test_a_function_without_room_fails_alone(store: Store) -> None:
    await store.write(partial(limit_pages, more=20))
    seen: list[str] = []
    store.signals.on("full", lambda: seen.append("full"))

    def large(tx: Tx) -> None:
        tx.signal("full")
        add(tx, "half")
        add(tx, "large", data=b"x" * 1_000_000)

    async with writer_held(store):
        works: list[Callable[[Tx], None]] = [partial(add, name="a"), large, partial(add, name="b")]
        waiting = [asyncio.ensure_future(store.write(work)) for work in works]
        await turns()
    results = await asyncio.gather(*waiting, return_exceptions=True)

    assert results[0] is None
    assert isinstance(results[1], StoreFullError)
    assert results[2] is None
    assert await names(store) == ["a", "b"]
    assert seen == []


async def test_who_goes_on_after_there_was_no_room_keeps_nothing(store: Store) -> None:
    await store.write(partial(limit_pages, more=20))

    def stubborn(tx: Tx) -> None:
        for name, size in (("before", 1), ("large", 1_000_000), ("after", 1)):
            try:
                add(tx, name, data=b"x" * size)
            except (sqlite3.Error, StoreError):
                continue

    with pytest.raises(StoreError):
        await store.write(stubborn)
    assert await names(store) == []


async def test_the_store_works_again_once_there_is_room(store: Store) -> None:
    await store.write(partial(limit_pages, more=20))
    with pytest.raises(StoreFullError):
        await store.write(partial(add, name="large", data=b"x" * 1_000_000))

    await store.write(partial(limit_pages, more=1000))
    await store.write(partial(add, name="large", data=b"x" * 1_000_000))
    assert await names(store) == ["large"]


async def test_a_batch_that_does_not_fit_keeps_what_does(store: Store) -> None:
    await store.write(partial(limit_pages, more=50))
    async with writer_held(store):
        writes = [
            asyncio.ensure_future(store.write(partial(add, name=f"n{number:03d}", data=b"x" * 8000)))
            for number in range(100)
        ]
        await turns()
    results = await asyncio.gather(*writes, return_exceptions=True)

    kept = [f"n{number:03d}" for number, result in enumerate(results) if result is None]
    assert 10 < len(kept) < 50
    assert {type(result) for result in results if result is not None} == {StoreFullError}
    assert await names(store) == kept


# --- other failures of the database


async def test_a_database_that_somebody_else_holds_is_an_error_and_no_end(on_disk: Store, tmp_path: Path) -> None:
    await on_disk.write(lambda tx: tx.one("PRAGMA busy_timeout = 0", {}))
    intruder = sqlite3.connect(tmp_path / "data" / "lambent.db", isolation_level=None)
    intruder.execute("BEGIN IMMEDIATE")
    results = await asyncio.gather(
        *(on_disk.write(partial(add, name=f"n{number}")) for number in range(20)), return_exceptions=True
    )
    intruder.close()

    assert {type(result) for result in results} == {StoreError}
    await on_disk.write(partial(add, name="after"))
    assert await names(on_disk) == ["after"]


async def test_a_transaction_that_is_ended_from_inside_harms_no_other(store: Store) -> None:
    def rude(tx: Tx) -> None:
        tx.execute("ROLLBACK", {})
        add(tx, "rude")

    async with writer_held(store):
        works: list[Callable[[Tx], None]] = [partial(add, name="a"), rude, partial(add, name="b")]
        waiting = [asyncio.ensure_future(store.write(work)) for work in works]
        await turns()
    results = await asyncio.gather(*waiting, return_exceptions=True)

    assert isinstance(results[1], StoreError)
    assert await names(store) == ["a", "b"]


async def test_a_file_that_is_no_database_is_refused_and_the_folder_let_go(tmp_path: Path) -> None:
    (tmp_path / "lambent.db").write_bytes(b"this is not a database, but a letter" * 200)
    with pytest.raises(StoreError, match="not a database"):
        await opened(tmp_path)
    (tmp_path / "lambent.db").unlink()
    await (await opened(tmp_path)).close()


async def test_a_database_of_a_newer_version_is_refused_and_the_folder_let_go(tmp_path: Path) -> None:
    await (await opened(tmp_path)).close()
    database = sqlite3.connect(tmp_path / "lambent.db")
    database.execute("INSERT INTO schema_migrations VALUES (9999, 'later', '')")
    database.commit()
    for _ in range(2):
        with pytest.raises(MigrationError, match="newer Lambent"):
            await opened(tmp_path)
    database.execute("DELETE FROM schema_migrations WHERE number = 9999")
    database.commit()
    database.close()
    await (await opened(tmp_path)).close()


# --- the data directory


async def test_a_data_directory_has_one_holder(tmp_path: Path) -> None:
    first = await opened(tmp_path)
    with pytest.raises(DataDirInUseError, match=f"in use by process {os.getpid()}"):
        await opened(tmp_path)
    await first.close()
    await (await opened(tmp_path)).close()


async def test_what_was_written_is_there_when_it_is_opened_again(tmp_path: Path) -> None:
    first = await opened(tmp_path / "data")
    await first.write(lambda tx: tx.execute(TABLE, {}))
    await first.write(partial(add, name="kept"))
    key = await first.blobs.put(b"kept")
    await first.close()

    second = await opened(tmp_path / "data")
    assert await names(second) == ["kept"]
    assert await second.blobs.get(key) == b"kept"
    await second.close()


async def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(StoreError, match="cannot use the data directory"):
            await opened(path)


async def test_nobody_else_may_look_into_the_folder(tmp_path: Path) -> None:
    store = await opened(tmp_path / "new" / "data")
    assert stat.S_IMODE((tmp_path / "new" / "data").stat().st_mode) == 0o700
    await store.close()


# --- what is durable


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The inodes that Python code syncs, in order."""
    inodes: list[int] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        inodes.append(os.fstat(handle).st_ino)
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    return inodes


def inode(path: Path) -> int:
    return path.stat().st_ino


async def test_new_folders_are_durable_in_what_holds_them(tmp_path: Path, synced: list[int]) -> None:
    store = await opened(tmp_path / "a" / "b")
    await store.close()
    for holder in (tmp_path, tmp_path / "a", tmp_path / "a" / "b"):
        assert inode(holder) in synced
    # Last of all the one that the database was made in.
    assert synced[-1] == inode(tmp_path / "a" / "b")


async def test_a_blob_is_answered_after_its_file_and_its_folders_are_durable(
    on_disk: Store, tmp_path: Path, synced: list[int]
) -> None:
    path = await on_disk.blobs.find(await on_disk.blobs.put(b"durable"))
    assert not isinstance(path, bytes)
    assert path is not None
    assert synced == [inode(tmp_path / "data" / "blobs"), inode(path), inode(path.parent)]


async def test_a_blob_that_is_there_is_made_durable_all_the_same(on_disk: Store, synced: list[int]) -> None:
    # Whoever wrote it may have been killed, or be, between the rename and the sync of its folder.
    path = await on_disk.blobs.find(await on_disk.blobs.put(b"durable"))
    assert not isinstance(path, bytes)
    assert path is not None
    synced.clear()
    await on_disk.blobs.put(b"durable")
    assert synced == [inode(path.parent)]


async def test_what_a_crash_left_of_blobs_is_forgotten(tmp_path: Path) -> None:
    await (await opened(tmp_path)).close()
    (tmp_path / "blobs" / "new" / "half").write_bytes(b"ha")
    store = await opened(tmp_path)
    assert list((tmp_path / "blobs" / "new").iterdir()) == []
    await store.close()


async def test_a_file_of_somebody_else_among_blobs_is_left_alone(on_disk: Store, tmp_path: Path) -> None:
    stray = tmp_path / "data" / "blobs" / ".DS_Store"
    stray.touch()

    async def nothing() -> set[str]:
        return set()

    assert await on_disk.blobs.sweep(nothing) == 0
    assert stray.exists()
