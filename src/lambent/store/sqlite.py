"""The store on SQLite: one file, one writer thread, group commit.

All functions that wait for the writer run under one commit, each in a savepoint of its own: what one raises undoes
only itself. Readers have connections of their own and see snapshots. In memory there is one connection for all.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import queue
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from lambent.store.blobs import FileBlobs, MemoryBlobs
from lambent.store.errors import DataDirInUseError, StoreClosedError, StoreError, StoreFullError
from lambent.store.schema import migrate, migrations
from lambent.store.signals import Signals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from lambent.store.contract import Blobs, Row, Tx

T = TypeVar("T")

_BATCH = 512
"""Functions under one commit at most, so that nobody waits for an endless queue."""
_READERS = 4
_FULL = "database or disk is full"


class SqliteTx:
    """One transaction on a connection; see `lambent.store.contract.Tx`."""

    __slots__ = ("_connection", "topics")

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.topics: list[str] = []

    def execute(self, sql: str, params: Mapping[str, Any]) -> int:
        """Run a statement; how many rows it changed."""
        return self._connection.execute(sql, params).rowcount

    def executemany(self, sql: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Run a statement for each row."""
        self._connection.executemany(sql, rows)

    def one(self, sql: str, params: Mapping[str, Any]) -> Row | None:
        """The first row, None where there is none."""
        row: Row | None = self._connection.execute(sql, params).fetchone()
        return row

    def all(self, sql: str, params: Mapping[str, Any]) -> list[Row]:
        """All rows."""
        return list(self._connection.execute(sql, params))

    def signal(self, topic: str) -> None:
        """Send a signal once this is committed."""
        self.topics.append(topic)


@dataclass(slots=True)
class _Job:
    """One function that waits for the writer, and what came of it."""

    work: Callable[[Tx], Any]
    future: asyncio.Future[Any]
    reads: bool = False
    result: Any = None
    problem: BaseException | None = None
    topics: list[str] = field(default_factory=list)


class SqliteStore:
    """The store below one folder, or in memory; see `lambent.store.contract.Store`."""

    def __init__(self, data_dir: Path | None) -> None:
        """data_dir: made if it is not there; None keeps everything in memory."""
        self.signals = Signals()
        self._data_dir = data_dir
        self._files = None if data_dir is None else FileBlobs(data_dir / "blobs")
        self.blobs: Blobs = self._files or MemoryBlobs()
        self._lock: int | None = None
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._writer: threading.Thread | None = None
        self._readers: ThreadPoolExecutor | None = None
        self._reading = threading.local()
        self._reader_connections: list[sqlite3.Connection] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    async def open(self) -> None:
        """Bring the schema up to date and begin to serve.

        Raises DataDirInUseError, MigrationError, StoreError.
        """
        self._loop = asyncio.get_running_loop()
        connection = await asyncio.to_thread(self._prepare)
        self._writer = threading.Thread(target=self._write_all, args=(connection,), name="store writer", daemon=True)
        self._writer.start()
        if self._data_dir is not None:
            self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="store reader")

    async def close(self) -> None:
        """Finish what waits, then take no more."""
        writer, self._writer = self._writer, None
        if writer is None:
            return
        self._jobs.put(None)
        await asyncio.to_thread(writer.join)
        if self._readers is not None:
            await asyncio.to_thread(self._readers.shutdown)
        for connection in self._reader_connections:
            connection.close()
        self._reader_connections.clear()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    async def write(self, work: Callable[[Tx], T]) -> T:
        """Run `work` in a transaction; its result once that is durable.

        A caller that is cancelled meanwhile does not know whether it was.
        """
        result: T = await self._submit(work, reads=False)
        return result

    async def read(self, work: Callable[[Tx], T]) -> T:
        """Run `work` on a snapshot of everything that is committed."""
        if self._readers is None:
            result: T = await self._submit(work, reads=True)
            return result
        if self._loop is None or self._writer is None:
            raise StoreClosedError("the store is closed")
        return await self._loop.run_in_executor(self._readers, partial(self._read, work))

    async def _submit(self, work: Callable[[Tx], Any], *, reads: bool) -> Any:
        if self._loop is None or self._writer is None:
            raise StoreClosedError("the store is closed")
        job = _Job(work, self._loop.create_future(), reads)
        self._jobs.put(job)
        return await job.future

    def _prepare(self) -> sqlite3.Connection:
        if self._data_dir is not None:
            self._take_folder(self._data_dir)
        try:
            connection = self._connect()
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            migrate(connection, migrations())
        except sqlite3.Error as problem:
            raise _store_error(problem) from problem
        return connection

    def _take_folder(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as problem:
            raise StoreError(f"cannot use the data directory {folder}: {problem.strerror}") from problem
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(self._lock, 32, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(self._lock)
            self._lock = None
            raise DataDirInUseError(
                f"the data directory {folder} is in use by process {holder}: stop it, or choose another with --data-dir"
            ) from None
        os.ftruncate(self._lock, 0)
        os.pwrite(self._lock, f"{os.getpid()}\n".encode(), 0)
        if self._files is not None:
            self._files.prepare()

    def _connect(self) -> sqlite3.Connection:
        name = ":memory:" if self._data_dir is None else str(self._data_dir / "lambent.db")
        connection = sqlite3.connect(name, isolation_level=None, check_same_thread=False, cached_statements=512)
        connection.row_factory = sqlite3.Row
        return connection

    def _read(self, work: Callable[[Tx], T]) -> T:
        connection: sqlite3.Connection | None = getattr(self._reading, "connection", None)
        if connection is None:
            connection = self._connect()
            connection.execute("PRAGMA query_only = ON")
            self._reading.connection = connection
            self._reader_connections.append(connection)
        connection.execute("BEGIN")
        try:
            return work(SqliteTx(connection))
        finally:
            connection.execute("ROLLBACK")

    def _write_all(self, connection: sqlite3.Connection) -> None:
        """The writer thread: batch after batch, until told to end and nothing waits."""
        ending = False
        while not ending:
            batch: list[_Job] = []
            job = self._jobs.get()
            while True:
                if job is None:
                    ending = True
                else:
                    batch.append(job)
                if len(batch) >= _BATCH:
                    break
                try:
                    job = self._jobs.get_nowait()
                except queue.Empty:
                    break
            if batch:
                self._commit(connection, batch)
        connection.close()

    def _commit(self, connection: sqlite3.Connection, batch: list[_Job]) -> None:
        try:
            connection.execute("BEGIN IMMEDIATE")
            for job in batch:
                _run(connection, job)
            connection.execute("COMMIT")
        except sqlite3.Error as problem:
            # Nothing of the batch was kept: everybody is told, and the next batch begins afresh.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            for job in batch:
                job.problem, job.topics = _store_error(problem), []
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._answer, batch)

    def _answer(self, batch: list[_Job]) -> None:
        for job in batch:
            if not job.future.done():
                if job.problem is None:
                    job.future.set_result(job.result)
                else:
                    job.future.set_exception(job.problem)
        self.signals.notify(dict.fromkeys(topic for job in batch for topic in job.topics))


def _run(connection: sqlite3.Connection, job: _Job) -> None:
    """Run one function in a savepoint; raises only what undoes the whole batch."""
    connection.execute("SAVEPOINT job")
    if job.reads:
        connection.execute("PRAGMA query_only = ON")
    tx = SqliteTx(connection)
    try:
        job.result = job.work(tx)
        job.topics = tx.topics
    except BaseException as problem:
        # Whatever it is, it belongs to the caller and not to this thread.
        if not connection.in_transaction:
            # A full disk or an I/O error made SQLite undo everything, what others did before included.
            raise sqlite3.OperationalError(str(problem)) from problem
        connection.execute("ROLLBACK TO job")
        job.problem = _store_error(problem) if _is_full(problem) else problem
    finally:
        if job.reads:
            connection.execute("PRAGMA query_only = OFF")
    connection.execute("RELEASE job")


def _is_full(problem: BaseException) -> bool:
    return isinstance(problem, sqlite3.OperationalError) and _FULL in str(problem)


def _store_error(problem: BaseException) -> StoreError:
    if _is_full(problem):
        return StoreFullError("there is no room on the disk: nothing was kept")
    return StoreError(f"the database failed: {problem}")
