"""Group commit: one thread that runs all functions that wait under one commit.

Each runs in a savepoint of its own, so that what it raises undoes only itself. May import connection.
Invariant: every job that was handed in is answered, once, and only after its commit is durable or was given up.
"""

from __future__ import annotations

import logging
import queue
import sqlite3
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lambent.store.connection import SqliteTx, locked_out, outward, store_error

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from lambent.store.contract import Tx

_log = logging.getLogger(__name__)
_BATCH = 512
"""Functions under one commit at most, so that nobody waits for an endless queue."""


@dataclass(slots=True)
class Job:
    """One function that waits for the writer, and what came of it."""

    work: Callable[[Tx], Any]
    future: asyncio.Future[Any]
    reads: bool = False
    """Whether it only reads, and is refused to write."""
    result: Any = None
    problem: BaseException | None = None
    topics: list[str] = field(default_factory=list)
    answered: bool = False
    """Whether the caller's side knows the end; the loop's thread alone looks at it and at `abandoned`."""
    abandoned: bool = False
    """Whether the caller was cancelled and waits only for the end."""


class Writer:
    """The thread that owns the writing connection."""

    def __init__(self, connection: sqlite3.Connection, answer: Callable[[list[Job]], None]) -> None:
        """connection: becomes this object's own. answer: called on the thread, with the jobs of each commit."""
        self._connection = connection
        self._answer = answer
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="store writer", daemon=True)

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def submit(self, job: Job) -> None:
        """Hand in a job; not after `end`."""
        self._jobs.put(job)

    def end(self) -> None:
        """Finish what waits, close the connection, and return when that is done."""
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        try:
            going_on = True
            while going_on:
                batch, going_on = self._next_batch()
                self._commit(batch)
                self._answer(batch)
        finally:
            self._connection.close()

    def _next_batch(self) -> tuple[list[Job], bool]:
        """Everything that waits, once there is something; and whether there may be more to come."""
        batch: list[Job] = []
        job = self._jobs.get()
        while job is not None:
            batch.append(job)
            if len(batch) == _BATCH:
                return batch, True
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return batch, True
        return batch, False

    def _commit(self, batch: list[Job]) -> None:
        problem = self._try(batch)
        if problem is None:
            return
        if len(batch) > 1 and not locked_out(problem):
            # One that asks for more than there is room for shall fail alone.
            for job in batch:
                self._commit([job])
            return
        for job in batch:
            # One that failed by itself, too: what it decided by may have been another's, and is undone.
            job.problem, job.topics = store_error(problem), []

    def _try(self, batch: list[Job]) -> BaseException | None:
        """Run and commit; what went wrong, and nothing was kept, or None."""
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            for job in batch:
                _run_in_savepoint(connection, job)
            connection.execute("COMMIT")
        except BaseException as problem:  # noqa: BLE001  the boundary of the thread: nobody may be left waiting
            self._undo()
            return problem
        return None

    def _undo(self) -> None:
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except sqlite3.Error:
            _log.exception("a transaction that failed could not be rolled back")


def _run_in_savepoint(connection: sqlite3.Connection, job: Job) -> None:
    """Run one function; raises only what undoes the whole batch."""
    job.problem, job.topics = None, []
    connection.execute("SAVEPOINT job")
    if job.reads:
        connection.execute("PRAGMA query_only = ON")
    tx = SqliteTx(connection)
    try:
        job.result = job.work(tx)
    except BaseException as problem:
        if not connection.in_transaction:
            # A full disk or an I/O error made SQLite undo everything, what others did before included.
            raise
        # Whatever else it is, it belongs to the caller and not to this thread.
        connection.execute("ROLLBACK TO job")
        job.problem = outward(problem)
    else:
        if not job.reads:
            job.topics = tx.topics
    finally:
        if job.reads:
            connection.execute("PRAGMA query_only = OFF")
    connection.execute("RELEASE job")
