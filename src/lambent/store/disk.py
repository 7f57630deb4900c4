"""What the store asks of the file system: folders that outlive a power cut, and errors as `StoreError`.

May import errors.
"""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

from lambent.store.errors import StoreError, StoreFullError

if TYPE_CHECKING:
    from pathlib import Path

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_NOT_ASKED_FOR = frozenset({errno.EINVAL, errno.EBADF})
"""How file systems answer that need no sync of their folders, or know none."""


def make_folder(folder: Path) -> None:
    """Make a folder, for its owner only, and what is missing above it; durable once this returns. Raises OSError."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir(mode=0o700 if one == folder else 0o777, exist_ok=True)
        sync_folder(one.parent)
    if not missing and not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))


def sync_folder(folder: Path) -> None:
    """Make what was created in a folder or renamed into it durable. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    except OSError as problem:
        if problem.errno not in _NOT_ASKED_FOR:
            raise
    finally:
        os.close(handle)


def disk_error(doing: str, problem: OSError) -> StoreError:
    """What callers of the store are told. doing: what failed, e.g. `cannot write to /data`."""
    kind = StoreFullError if problem.errno in _FULL else StoreError
    return kind(f"{doing}: {problem.strerror}")
