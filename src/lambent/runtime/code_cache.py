"""Deployment packages, unpacked once for all environments that run them.

May import archive. A package is kept as long as somebody holds it; who it is for makes no difference, equal keys are
equal code.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import sys
from collections import defaultdict
from typing import TYPE_CHECKING

from lambent.runtime.archive import ArchiveLimits, extract

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable
    from pathlib import Path

_log = logging.getLogger(__name__)


class CodeCache:
    """Folders of code by key."""

    def __init__(self, folder: Path, fetch: Callable[[str], Awaitable[bytes | Path]]) -> None:
        """folder: this server's own; what an earlier run left there is deleted by `start`."""
        self.folder = folder
        self._fetch = fetch
        self._unpacked: dict[str, asyncio.Task[None]] = {}
        self._holders: defaultdict[str, set[Hashable]] = defaultdict(set)
        self._removals: set[asyncio.Task[None]] = set()
        self._trashed = 0

    async def start(self) -> None:
        """Begin with nothing. Raises OSError."""
        if self.folder.exists():
            self._remove_later(self.folder)
        self.folder.mkdir(parents=True)

    async def stop(self) -> None:
        """Wait for what is being deleted."""
        if self._removals:
            await asyncio.wait(self._removals)

    async def hold(self, key: str, holder: Hashable) -> Path:
        """The folder of a package, which stays until this holder lets go.

        Raises BadArchive, ArchiveTooLarge, OSError, and what fetching raises; the holder then holds nothing.
        """
        self._holders[key].add(holder)
        task = self._unpacked.get(key)
        if task is None:
            task = self._unpacked[key] = asyncio.create_task(self._unpack(key), name=f"unpack {key}")
        try:
            await asyncio.shield(task)
        except BaseException:
            self.let_go(key, holder)
            raise
        return self.folder / key

    def let_go(self, key: str, holder: Hashable) -> None:
        """Give up a hold; the last one deletes the folder."""
        holders = self._holders[key]
        holders.discard(holder)
        if holders:
            return
        del self._holders[key]
        task = self._unpacked.get(key)
        if task is not None and task.done():
            del self._unpacked[key]
            self._remove_later(self.folder / key)

    async def _unpack(self, key: str) -> None:
        try:
            source = await self._fetch(key)
            await asyncio.to_thread(extract, source, self.folder / key, ArchiveLimits())
        except BaseException:
            # Whoever asks next tries again.
            del self._unpacked[key]
            raise
        if key not in self._holders:
            # Everyone who asked has let go meanwhile.
            del self._unpacked[key]
            self._remove_later(self.folder / key)

    def _remove_later(self, folder: Path) -> None:
        """Out of the way at once, deleted in a thread."""
        self._trashed += 1
        trash = folder.with_name(f"{folder.name}.trash{self._trashed}")
        folder.rename(trash)
        task = asyncio.create_task(asyncio.to_thread(_delete, trash), name=f"delete {trash}")
        self._removals.add(task)
        task.add_done_callback(self._removals.discard)


def _delete(folder: Path) -> None:
    def tell(_: object, path: str, problem: BaseException) -> None:
        _log.warning("%s cannot be deleted: %s", path, problem)

    if sys.version_info >= (3, 12):
        shutil.rmtree(folder, onexc=tell)
    else:
        shutil.rmtree(folder, onerror=lambda function, path, info: tell(function, path, info[1]))
