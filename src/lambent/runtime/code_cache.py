"""Deployment packages and layers, unpacked once for all environments that run them.

May import archive, merge and spec. A package is kept as long as somebody holds it; who it is for makes no difference,
equal keys are equal code. Several layers are one folder, which holds the folders of its parts.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import shutil
import sys
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from lambent.runtime.archive import ArchiveLimits, extract
from lambent.runtime.merge import merge

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable
    from pathlib import Path

    from lambent.runtime.spec import FunctionSpec

_log = logging.getLogger(__name__)


class Unpacked(NamedTuple):
    """The folders that a function runs from."""

    code: Path
    layers: Path | None
    """None for a function without layers."""


class CodeCache:
    """Folders of code by key."""

    def __init__(self, folder: Path, fetch: Callable[[str], Awaitable[bytes | Path]]) -> None:
        """folder: this server's own; what an earlier run left there is deleted by `start`."""
        self.folder = folder
        self._fetch = fetch
        self._unpacked: dict[str, asyncio.Task[None]] = {}
        self._parts: dict[str, tuple[str, ...]] = {}
        """Of each folder that was put together, the keys that it holds."""
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

    async def hold_all(self, spec: FunctionSpec, holder: Hashable) -> Unpacked:
        """The folders of a function's code and layers, which stay until this holder lets go of all.

        Raises as `hold`.
        """
        code = await self.hold(spec.code_key, holder)
        if not spec.layers:
            return Unpacked(code, None)
        try:
            return Unpacked(code, await self.hold(_key_of(spec.layers), (holder, "layers"), parts=spec.layers))
        except BaseException:
            self.let_go(spec.code_key, holder)
            raise

    def let_go_all(self, spec: FunctionSpec, holder: Hashable) -> None:
        """Give up what `hold_all` held."""
        self.let_go(spec.code_key, holder)
        if spec.layers:
            self.let_go(_key_of(spec.layers), (holder, "layers"))

    async def hold(self, key: str, holder: Hashable, *, parts: tuple[str, ...] = ()) -> Path:
        """The folder of a package, which stays until this holder lets go.

        parts: the keys of the packages that it is put together from, later ones over earlier ones; none, or itself
        alone, for a package of its own.
        Raises BadArchive, ArchiveTooLarge, OSError, and what fetching raises; the holder then holds nothing.
        """
        self._holders[key].add(holder)
        task = self._unpacked.get(key)
        if task is None:
            work = self._unpack(key) if parts in {(), (key,)} else self._merge(key, parts)
            task = self._unpacked[key] = asyncio.create_task(work, name=f"unpack {key}")
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
            self._forget(key)

    async def _unpack(self, key: str) -> None:
        try:
            source = await self._fetch(key)
            await asyncio.to_thread(extract, source, self.folder / key, ArchiveLimits())
        except BaseException:
            # Whoever asks next tries again.
            del self._unpacked[key]
            raise
        self._unless_held(key)

    async def _merge(self, key: str, parts: tuple[str, ...]) -> None:
        held: list[str] = []
        try:
            folders = []
            for part in parts:
                folders.append(await self.hold(part, key))
                held.append(part)
            await asyncio.to_thread(merge, folders, self.folder / key)
        except BaseException:
            del self._unpacked[key]
            for part in held:
                self.let_go(part, key)
            raise
        self._parts[key] = parts
        self._unless_held(key)

    def _unless_held(self, key: str) -> None:
        """Everyone who asked may have let go meanwhile."""
        if key not in self._holders:
            self._forget(key)

    def _forget(self, key: str) -> None:
        del self._unpacked[key]
        self._remove_later(self.folder / key)
        for part in self._parts.pop(key, ()):
            self.let_go(part, key)

    def _remove_later(self, folder: Path) -> None:
        """Out of the way at once, deleted in a thread."""
        self._trashed += 1
        trash = folder.with_name(f"{folder.name}.trash{self._trashed}")
        folder.rename(trash)
        task = asyncio.create_task(asyncio.to_thread(_delete, trash), name=f"delete {trash}")
        self._removals.add(task)
        task.add_done_callback(self._removals.discard)


def _key_of(layers: tuple[str, ...]) -> str:
    """The key of layers together, which is no key of a package unless it is one alone."""
    if len(layers) == 1:
        return layers[0]
    return f"layers-{hashlib.sha256(' '.join(layers).encode()).hexdigest()}"


def _delete(folder: Path) -> None:
    def tell(_: object, path: str, problem: BaseException) -> None:
        _log.warning("%s cannot be deleted: %s", path, problem)

    if sys.version_info >= (3, 12):
        shutil.rmtree(folder, onexc=tell)
    else:
        shutil.rmtree(folder, onerror=lambda function, path, info: tell(function, path, info[1]))
