"""One connection to SQLite: how it is opened, a transaction on it, and what its failures mean to callers.

May import contract, disk, errors and schema.
"""

from __future__ import annotations

import sqlite3
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from lambent.store.errors import StoreError, StoreFullError
from lambent.store.schema import migrate, migrations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from lambent.store.contract import Row, Tx

T = TypeVar("T")

_DATABASE_FAILED = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_READONLY,
    }
)
"""Failures of the database, whatever the statement was; all others are about the statement."""


class SqliteTx:
    """One transaction on a connection; see `lambent.store.contract.Tx`."""

    __slots__ = ("_connection", "topics")

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.topics: list[str] = []

    def execute(self, sql: str, params: Mapping[str, Any]) -> int:
        """Run a statement; how many rows it changed."""
        return self._alive().execute(sql, params).rowcount

    def executemany(self, sql: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Run a statement for each row."""
        self._alive().executemany(sql, rows)

    def one(self, sql: str, params: Mapping[str, Any]) -> Row | None:
        """The first row, None where there is none."""
        row: Row | None = self._alive().execute(sql, params).fetchone()
        return row

    def all(self, sql: str, params: Mapping[str, Any]) -> list[Row]:
        """All rows."""
        return list(self._alive().execute(sql, params))

    def signal(self, topic: str) -> None:
        """Send a signal once this is committed."""
        self.topics.append(topic)

    def _alive(self) -> sqlite3.Connection:
        # A full disk can end a transaction in its middle. Who caught that error and went on would write for good,
        # statement by statement, what its caller is told was undone.
        if not self._connection.in_transaction:
            raise StoreError("the transaction is over: the database undid it, or something ended it")
        return self._connection


def connect_writer(file: Path | None) -> sqlite3.Connection:
    """The connection that writes, its schema up to date; None is a new database in memory. Raises StoreError."""
    return _connect(file, partial(_prepare_writer, in_memory=file is None))


def connect_reader(file: Path) -> sqlite3.Connection:
    """A connection that cannot write. Raises StoreError."""
    return _connect(file, _prepare_reader)


def _connect(file: Path | None, prepare: Callable[[sqlite3.Connection], None]) -> sqlite3.Connection:
    """A connection in autocommit mode, which threads may hand to each other."""
    name = ":memory:" if file is None else str(file)
    try:
        connection = sqlite3.connect(name, isolation_level=None, check_same_thread=False, cached_statements=512)
        connection.row_factory = sqlite3.Row
        try:
            prepare(connection)
        except BaseException:
            connection.close()
            raise
    except sqlite3.Error as problem:
        raise store_error(problem) from problem
    return connection


def _prepare_writer(connection: sqlite3.Connection, *, in_memory: bool) -> None:
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal" and not in_memory:
        raise StoreError("the data directory's file system has no shared memory, as SQLite needs it: use a local disk")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA fullfsync = ON")  # on macOS, where a plain fsync stops at the drive's own cache
    connection.execute("PRAGMA foreign_keys = ON")
    migrate(connection, migrations())


def _prepare_reader(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA query_only = ON")


def snapshot(connection: sqlite3.Connection, work: Callable[[Tx], T]) -> T:
    """Run `work` on one state of the database. Raises what `work` raises, and StoreError."""
    try:
        connection.execute("BEGIN")
        try:
            return work(SqliteTx(connection))
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
    except BaseException as problem:
        told = outward(problem)
        if told is problem:
            raise
        raise told from problem


def outward(problem: BaseException) -> BaseException:
    """What a caller is shown of what was raised inside a transaction; most of it as it is."""
    if isinstance(problem, sqlite3.Error) and _code(problem) in _DATABASE_FAILED:
        return store_error(problem)
    if isinstance(problem, StopIteration):
        # A future does not carry it: whoever waits would wait for ever.
        told = RuntimeError("a transaction raised StopIteration")
        told.__cause__ = problem
        return told
    return problem


def store_error(problem: BaseException) -> StoreError:
    """A failure of the database, as callers see it."""
    told: StoreError
    if _code(problem) == sqlite3.SQLITE_FULL:
        told = StoreFullError("there is no room on the disk: nothing was kept")
    else:
        told = StoreError(f"the database failed: {problem}")
    told.__cause__ = problem
    return told


def locked_out(problem: BaseException) -> bool:
    """Whether another process holds the database, so that a transaction could not even begin."""
    return _code(problem) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def _code(problem: BaseException) -> int:
    """SQLite's primary result code, 0 where the problem is not SQLite's own."""
    code: int = getattr(problem, "sqlite_errorcode", 0)
    return code & 0xFF
