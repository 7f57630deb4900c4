"""The data directory: made durably, and held by one process at a time.

May import disk and errors.
"""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

from lambent.store.disk import disk_error, make_folder, sync_folder
from lambent.store.errors import DataDirInUseError

if TYPE_CHECKING:
    from pathlib import Path


class DataDir:
    """A folder that this process has to itself between `take` and `release`; the end of the process releases it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: int | None = None

    def take(self) -> None:
        """Make the folder if it is not there, and lock it. Raises DataDirInUseError, StoreError."""
        try:
            make_folder(self.path)
            self._lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._claim(self._lock)
        except OSError as problem:
            self.release()
            raise disk_error(f"cannot use the data directory {self.path}", problem) from problem
        except DataDirInUseError:
            self.release()
            raise

    def sync(self) -> None:
        """Make the files that were created in it durable. Raises StoreError."""
        try:
            sync_folder(self.path)
        except OSError as problem:
            raise disk_error(f"cannot write to the data directory {self.path}", problem) from problem

    def release(self) -> None:
        """Let others have it; harmless when it was not taken."""
        lock, self._lock = self._lock, None
        if lock is not None:
            os.close(lock)

    def _claim(self, lock: int) -> None:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(lock, 32, 0).decode("ascii", "replace").strip() or "unknown"
            raise DataDirInUseError(
                f"the data directory {self.path} is in use by process {holder}: "
                "stop it, or choose another with --data-dir"
            ) from None
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
