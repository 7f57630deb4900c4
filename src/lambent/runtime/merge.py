"""Unpacked layers put together into one folder, as functions see them at /opt. May import nothing of Lambent.

Files are hard links to the unpacked layers, so that many combinations of them cost little room; nobody may write to
either. What a later layer has takes the place of what an earlier one has under the same name. Nothing is ever written
through a link.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def merge(sources: Sequence[Path], dest: Path) -> None:
    """Put folders together to the folder `dest`, which appears whole or not at all. Raises OSError."""
    temporary = Path(tempfile.mkdtemp(prefix=f".{dest.name[:32]}-", dir=dest.parent))
    try:
        for source in sources:
            _add(source, temporary)
        temporary.chmod(0o755)
        temporary.rename(dest)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def _add(source: Path, target: Path) -> None:
    with os.scandir(source) as entries:
        for entry in entries:
            place = target / entry.name
            if entry.is_dir(follow_symlinks=False):
                _make_folder(place)
                _add(Path(entry.path), place)
                continue
            _clear(place)
            if entry.is_symlink():
                place.symlink_to(Path(entry.path).readlink())
            else:
                _link(Path(entry.path), place)


def _make_folder(place: Path) -> None:
    if place.is_symlink() or not place.is_dir():
        _clear(place)
        place.mkdir(mode=0o755)


def _clear(place: Path) -> None:
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)


def _link(source: Path, place: Path) -> None:
    try:
        place.hardlink_to(source)
    except OSError:
        # Not every file system has hard links, and none has any number of them.
        shutil.copy2(source, place)
