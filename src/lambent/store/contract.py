"""What the store is to everybody else. Drivers fulfil it; one conformance suite holds them to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from lambent.store.signals import Signals

T = TypeVar("T")


class Row(Protocol):
    """One row of an answer, its columns by name."""

    def __getitem__(self, column: str, /) -> Any: ...


class Tx(Protocol):
    """A transaction. Statements name their parameters as `:name`, in the dialect that all drivers share."""

    def execute(self, sql: str, params: Mapping[str, Any]) -> int:
        """Run a statement; how many rows it changed."""

    def executemany(self, sql: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Run a statement for each row."""

    def one(self, sql: str, params: Mapping[str, Any]) -> Row | None:
        """The first row, None where there is none."""

    def all(self, sql: str, params: Mapping[str, Any]) -> list[Row]:
        """All rows."""

    def signal(self, topic: str) -> None:
        """Send a signal once this is committed, and not if it is not."""


class Blobs(Protocol):
    """Bytes kept under the SHA-256 of themselves."""

    async def put(self, data: bytes) -> str:
        """Keep bytes durably; their key, 64 hexadecimal digits. Raises StoreError."""

    async def get(self, key: str) -> bytes | None:
        """The bytes, None where there are none."""

    async def find(self, key: str) -> bytes | Path | None:
        """A file with the bytes, or the bytes where there are no files, or None."""

    def kept(self, data: bytes) -> AbstractAsyncContextManager[str]:
        """Keep bytes, and keep them from being swept until the block ends: write what refers to them within it."""

    async def sweep(self, live: Callable[[], Awaitable[set[str]]]) -> int:
        """Remove what is neither live nor held by a `kept` block; how many were removed.

        live: asked once the sweep has begun, so that what is kept meanwhile is safe.
        """


class Store(Protocol):
    """Transactions, signals, blobs."""

    signals: Signals
    blobs: Blobs

    async def open(self) -> None:
        """Bring the schema up to date and begin to serve. Raises StoreError."""

    async def close(self) -> None:
        """Take no more, and return once what waits is finished; however often it is called."""

    async def write(self, work: Callable[[Tx], T]) -> T:
        """Run `work` in a transaction; returns what it returned once that is durable.

        What `work` raises undoes it and is raised here. `work` runs on another thread, touches nothing but `tx`, may
        wait for nothing, and may be run again after it was undone. Raises StoreError when the commit fails: nothing
        was kept. A caller that is cancelled leaves once it is settled whether it was kept, and is not told.
        """

    async def read(self, work: Callable[[Tx], T]) -> T:
        """Run `work` on a snapshot, beside writers; sees everything that was committed before the call.

        What `work` raises is raised here. Raises StoreError when the database fails.
        """
