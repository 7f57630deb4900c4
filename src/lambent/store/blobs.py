"""Blobs: bytes kept under the SHA-256 of themselves, as files on the disk or in memory.

Invariant on disk: a file under its final name is whole and durable, because it is written under another, synced, and
renamed, and the folders are synced after it.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import threading
from collections import Counter
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from lambent.store.errors import StoreError, StoreFullError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

_FULL = frozenset({28, 122})
"""ENOSPC and EDQUOT."""


class _Held:
    """Which keys may not be swept now. The lock makes looking and removing one step."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self._held: Counter[str] = Counter()
        self._since_sweep: set[str] | None = None

    def take(self, key: str) -> None:
        with self.lock:
            self._held[key] += 1
            if self._since_sweep is not None:
                self._since_sweep.add(key)

    def give(self, key: str) -> None:
        with self.lock:
            self._held[key] -= 1
            if not self._held[key]:
                del self._held[key]

    def begin_sweep(self) -> None:
        with self.lock:
            self._since_sweep = set(self._held)

    def end_sweep(self) -> None:
        with self.lock:
            self._since_sweep = None

    def protects(self, key: str) -> bool:
        """Whether the key is held, or was since the sweep began; the caller has the lock."""
        return key in self._held or (self._since_sweep is not None and key in self._since_sweep)


class FileBlobs:
    """Blobs as files: `blobs/ab/ab12…`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._temporary = folder / "new"
        self._held = _Held()
        self._sweeping = asyncio.Lock()

    def prepare(self) -> None:
        """Make the folders, and forget what a crash left unfinished."""
        self._temporary.mkdir(parents=True, exist_ok=True, mode=0o700)
        for file in self._temporary.iterdir():
            file.unlink()
        _sync_folder(self._folder)

    async def put(self, data: bytes) -> str:
        """Keep bytes durably; their key."""
        async with self.kept(data) as key:
            return key

    @asynccontextmanager
    async def kept(self, data: bytes) -> AsyncIterator[str]:
        """Keep bytes durably, and from being swept until the block ends."""
        key = await asyncio.to_thread(_key, data) if len(data) > _HASHED_AT_ONCE else _key(data)
        self._held.take(key)
        try:
            await asyncio.to_thread(self._write, key, data)
            yield key
        finally:
            self._held.give(key)

    async def get(self, key: str) -> bytes | None:
        """The bytes, None where there are none."""
        try:
            return await asyncio.to_thread(self._path(key).read_bytes)
        except FileNotFoundError:
            return None

    async def find(self, key: str) -> bytes | Path | None:
        """The file with the bytes, None where there is none."""
        path = self._path(key)
        return path if await asyncio.to_thread(path.is_file) else None

    async def sweep(self, live: Callable[[], Awaitable[set[str]]]) -> int:
        """Remove what is neither live nor held."""
        async with self._sweeping:
            self._held.begin_sweep()
            try:
                keys = await live()
                return await asyncio.to_thread(self._sweep, keys)
            finally:
                self._held.end_sweep()

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / key

    def _write(self, key: str, data: bytes) -> None:
        path = self._path(key)
        if path.is_file():
            return
        temporary = self._temporary / f"{key}.{threading.get_ident()}"
        try:
            with temporary.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if not path.parent.is_dir():
                path.parent.mkdir(exist_ok=True, mode=0o700)
                _sync_folder(self._folder)
            temporary.rename(path)
            _sync_folder(path.parent)
        except OSError as problem:
            temporary.unlink(missing_ok=True)
            kind = StoreFullError if problem.errno in _FULL else StoreError
            raise kind(f"cannot write to {self._folder}: {problem.strerror}") from problem

    def _sweep(self, live: set[str]) -> int:
        removed = 0
        for folder in self._folder.iterdir():
            if folder == self._temporary:
                continue
            for file in folder.iterdir():
                with self._held.lock:
                    if file.name not in live and not self._held.protects(file.name):
                        file.unlink()
                        removed += 1
        return removed


class MemoryBlobs:
    """Blobs in memory, gone with the process."""

    def __init__(self) -> None:
        self._data: dict[str, bytes] = {}
        self._held = _Held()

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
        self._held.begin_sweep()
        try:
            keys = await live()
            with self._held.lock:
                dead = [key for key in self._data if key not in keys and not self._held.protects(key)]
            for key in dead:
                del self._data[key]
            return len(dead)
        finally:
            self._held.end_sweep()


_HASHED_AT_ONCE = 262_144
"""Bytes that are hashed without leaving the event loop."""


def _key(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
