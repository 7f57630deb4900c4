"""Blobs: bytes kept under the SHA-256 of themselves, as files on the disk or in memory.

Invariant on disk: a file under its final name is whole and durable, because it is written under another, synced, and
renamed, and the folders are synced after it. May import disk and errors.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import threading
from collections import Counter
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from lambent.store.disk import disk_error, make_folder, sync_folder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
    from pathlib import Path

_HASHED_AT_ONCE = 262_144
"""Bytes that are hashed without leaving the event loop."""


class _Held:
    """Which keys may not be swept now. The lock makes looking and removing one step."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self._held: Counter[str] = Counter()
        self._sweep: set[str] | None = None
        """What was held since the sweep that is going on began; None while there is none."""

    def take(self, key: str) -> None:
        with self.lock:
            self._held[key] += 1
            if self._sweep is not None:
                self._sweep.add(key)

    def give(self, key: str) -> None:
        with self.lock:
            self._held[key] -= 1
            if not self._held[key]:
                del self._held[key]

    @contextmanager
    def sweep(self) -> Iterator[set[str]]:
        """A sweep, which ends with the block: a thread that goes on behind it removes nothing more."""
        with self.lock:
            sweep = self._sweep = set(self._held)
        try:
            yield sweep
        finally:
            with self.lock:
                self._sweep = None

    def may_go(self, key: str, sweep: set[str]) -> bool:
        """Whether nobody holds the key, nor did since this sweep began; the caller has the lock."""
        return sweep is self._sweep and key not in sweep


class FileBlobs:
    """Blobs as files: `blobs/ab/ab12…`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._temporary = folder / "new"
        self._held = _Held()
        self._sweeping = asyncio.Lock()
        self._made: set[Path] = set()
        """Folders of blobs that are known to be durable."""

    def prepare(self) -> None:
        """Make the folders, and forget what a crash left unfinished. Raises StoreError."""
        try:
            make_folder(self._folder)
            make_folder(self._temporary)
            for file in self._temporary.iterdir():
                file.unlink()
        except OSError as problem:
            raise disk_error(f"cannot use {self._folder}", problem) from problem

    async def put(self, data: bytes) -> str:
        """Keep bytes durably; their key. Raises StoreError."""
        async with self.kept(data) as key:
            return key

    @asynccontextmanager
    async def kept(self, data: bytes) -> AsyncIterator[str]:
        """Keep bytes durably, and from being swept until the block ends. Raises StoreError."""
        key = await asyncio.to_thread(_key, data) if len(data) > _HASHED_AT_ONCE else _key(data)
        self._held.take(key)
        try:
            await asyncio.to_thread(self._write, key, data)
            yield key
        finally:
            self._held.give(key)

    async def get(self, key: str) -> bytes | None:
        """The bytes, None where there are none. Raises StoreError."""
        try:
            return await asyncio.to_thread(self._path(key).read_bytes)
        except FileNotFoundError:
            return None
        except OSError as problem:
            raise disk_error(f"cannot read from {self._folder}", problem) from problem

    async def find(self, key: str) -> bytes | Path | None:
        """The file with the bytes, None where there is none."""
        path = self._path(key)
        return path if await asyncio.to_thread(path.is_file) else None

    async def sweep(self, live: Callable[[], Awaitable[set[str]]]) -> int:
        """Remove what is neither live nor held. Raises StoreError."""
        async with self._sweeping:
            with self._held.sweep() as sweep:
                keys = await live()
                return await asyncio.to_thread(self._sweep, keys, sweep)

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / key

    def _write(self, key: str, data: bytes) -> None:
        path = self._path(key)
        try:
            self._make(path.parent)
            if not path.is_file():
                self._write_new(path, data)
            # Also where it was there already: who wrote it may not have come to this yet.
            sync_folder(path.parent)
        except OSError as problem:
            raise disk_error(f"cannot write to {self._folder}", problem) from problem

    def _make(self, folder: Path) -> None:
        if folder not in self._made:
            folder.mkdir(exist_ok=True, mode=0o700)
            sync_folder(self._folder)
            self._made.add(folder)

    def _write_new(self, path: Path, data: bytes) -> None:
        temporary = self._temporary / f"{path.name}.{threading.get_ident()}"
        try:
            with temporary.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.rename(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    def _sweep(self, live: set[str], sweep: set[str]) -> int:
        removed = 0
        try:
            for file in self._folder.glob("??/*"):
                with self._held.lock:
                    if file.name not in live and self._held.may_go(file.name, sweep):
                        file.unlink()
                        removed += 1
        except OSError as problem:
            raise disk_error(f"cannot sweep {self._folder}", problem) from problem
        return removed


class MemoryBlobs:
    """Blobs in memory, gone with the process."""

    def __init__(self) -> None:
        self._data: dict[str, bytes] = {}
        self._held = _Held()
        self._sweeping = asyncio.Lock()

    async def put(self, data: bytes) -> str:
        """Keep bytes; their key."""
        key = _key(data)
        self._data[key] = data
        return key

    @asynccontextmanager
    async def kept(self, data: bytes) -> AsyncIterator[str]:
        """Keep bytes, and from being swept until the block ends."""
        key = _key(data)
        self._held.take(key)
        try:
            self._data[key] = data
            yield key
        finally:
            self._held.give(key)

    async def get(self, key: str) -> bytes | None:
        """The bytes, None where there are none."""
        return self._data.get(key)

    async def find(self, key: str) -> bytes | Path | None:
        """The bytes, None where there are none."""
        return self._data.get(key)

    async def sweep(self, live: Callable[[], Awaitable[set[str]]]) -> int:
        """Remove what is neither live nor held."""
        async with self._sweeping:
            with self._held.sweep() as sweep:
                keys = await live()
                with self._held.lock:
                    dead = [key for key in self._data if key not in keys and self._held.may_go(key, sweep)]
                for key in dead:
                    del self._data[key]
                return len(dead)


def _key(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
