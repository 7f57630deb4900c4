"""The store on SQLite: one file, one writer thread, group commit.

All functions that wait for the writer run under one commit, each in a savepoint of its own: what one raises undoes
only itself. Readers have connections of their own and see snapshots. In memory there is one connection for all.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from lambent.store.blobs import FileBlobs, MemoryBlobs
from lambent.store.connection import connect_reader, connect_writer, snapshot
from lambent.store.data_dir import DataDir
from lambent.store.errors import StoreClosedError
from lambent.store.signals import Signals
from lambent.store.writer import Job, Writer

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from pathlib import Path

    from lambent.store.contract import Blobs, Tx

T = TypeVar("T")

_READERS = 4


class SqliteStore:
    """The store below one folder, or in memory; see `lambent.store.contract.Store`."""

    def __init__(self, data_dir: Path | None) -> None:
        """data_dir: made if it is not there; None keeps everything in memory."""
        self.signals = Signals()
        self._data_dir = None if data_dir is None else DataDir(data_dir)
        self._files = None if data_dir is None else FileBlobs(data_dir / "blobs")
        self.blobs: Blobs = self._files or MemoryBlobs()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._writer: Writer | None = None
        self._readers = None if data_dir is None else _Readers(data_dir / "lambent.db")
        self._closing: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Bring the schema up to date and begin to serve.

        Raises DataDirInUseError, MigrationError, StoreError.
        """
        self._loop = asyncio.get_running_loop()
        connection = await asyncio.to_thread(self._prepare)
        self._writer = Writer(connection, self._answer_soon)
        self._writer.start()

    async def close(self) -> None:
        """Finish what waits, then take no more. Goes on to its end where the caller is cancelled."""
        if self._writer is not None:
            writer, self._writer = self._writer, None
            self._closing = asyncio.create_task(asyncio.to_thread(self._finish, writer), name="close the store")
        if self._closing is not None:
            await asyncio.shield(self._closing)

    async def write(self, work: Callable[[Tx], T]) -> T:
        """Run `work` in a transaction; its result once that is durable.

        A caller that is cancelled leaves when the writer is done with it, and does not know whether it was kept.
        """
        result: T = await self._submit(work, reads=False)
        return result

    async def read(self, work: Callable[[Tx], T]) -> T:
        """Run `work` on a snapshot of everything that is committed."""
        if self._readers is None:
            result: T = await self._submit(work, reads=True)
            return result
        if self._writer is None:
            raise StoreClosedError("the store is closed")
        return await self._readers.run(work)

    async def _submit(self, work: Callable[[Tx], Any], *, reads: bool) -> Any:
        if self._loop is None or self._writer is None:
            raise StoreClosedError("the store is closed")
        job = Job(work, self._loop.create_future(), reads)
        self._writer.submit(job)
        try:
            return await job.future
        except asyncio.CancelledError:
            # What the writer has, it does. A caller that went on now would let go of what the transaction needs, such
            # as a blob that its rows refer to.
            job.abandoned = True
            while not job.answered:
                job.future = self._loop.create_future()
                with suppress(asyncio.CancelledError):
                    await job.future
            raise

    def _prepare(self) -> sqlite3.Connection:
        """Everything on the disk, up to date; nothing stays open or locked where that fails."""
        if self._data_dir is None or self._files is None:
            return connect_writer(None)
        self._data_dir.take()
        try:
            self._files.prepare()
            connection = connect_writer(self._data_dir.path / "lambent.db")
            try:
                self._data_dir.sync()
            except BaseException:
                connection.close()
                raise
        except BaseException:
            self._data_dir.release()
            raise
        return connection

    def _finish(self, writer: Writer) -> None:
        if self._readers is not None:
            self._readers.end()
        writer.end()
        if self._data_dir is not None:
            self._data_dir.release()

    def _answer_soon(self, batch: list[Job]) -> None:
        """On the writer's thread: have the callers answered on the loop's."""
        if self._loop is None:
            return
        # A loop that ended without closing the store has left nobody who waits.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._answer, batch)

    def _answer(self, batch: list[Job]) -> None:
        for job in batch:
            job.answered = True
            if job.future.done():
                # Cancelled in this very turn of the loop.
                continue
            if job.problem is None or job.abandoned:
                job.future.set_result(job.result)
            else:
                job.future.set_exception(job.problem)
        self.signals.notify(dict.fromkeys(topic for job in batch for topic in job.topics))


class _Readers:
    """Threads that read, each with a connection of its own."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._threads = ThreadPoolExecutor(_READERS, thread_name_prefix="store reader")
        self._own = threading.local()
        self._connections: list[sqlite3.Connection] = []

    async def run(self, work: Callable[[Tx], T]) -> T:
        """Run `work` on a snapshot."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, partial(self._read, work))

    def end(self) -> None:
        """Finish what waits, and close; blocks."""
        self._threads.shutdown()
        for connection in self._connections:
            connection.close()
        self._connections.clear()

    def _read(self, work: Callable[[Tx], T]) -> T:
        connection: sqlite3.Connection | None = getattr(self._own, "connection", None)
        if connection is None:
            connection = self._own.connection = connect_reader(self._file)
            self._connections.append(connection)
        return snapshot(connection, work)
