"""Deployment packages: zips from strangers, looked at and unpacked without believing what they say of themselves.

May import nothing of Lambent. Sizes are counted as bytes come out, entries stay below the folder they are unpacked to,
and a folder appears under its name only once all of it is there.
"""

from __future__ import annotations

import io
import os
import posixpath
import shutil
import stat
import struct
import tempfile
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHUNK = 1 << 20
_LINK_TARGET_LIMIT = 4096
_KINDS = {0, stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK}
_ENTRY, _END = b"PK\x01\x02", b"PK\x05\x06"
"""What begins an entry of the directory, and the record behind the last one."""
_END_BYTES, _DIRECTORY_SIZE_AT = 22, 12
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


class BadArchive(Exception):  # noqa: N818  what it is, not what went wrong
    """Not a zip, or one that cannot or must not be unpacked."""


class ArchiveTooLarge(Exception):  # noqa: N818
    """A zip that unpacks to more than its limit."""


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """What a package may unpack to."""

    unzipped_bytes: int = 262_144_000
    entries: int = 100_000


@dataclass(frozen=True, slots=True)
class ArchiveFacts:
    """What a package unpacks to."""

    unzipped_bytes: int
    files: int


def inspect(data: bytes, limits: ArchiveLimits) -> ArchiveFacts:
    """Look whether a zip can be unpacked, by unpacking it to nowhere.

    Raises BadArchive, ArchiveTooLarge.
    """
    _check_directory(data, limits)
    with _opened(data) as archive:
        size = files = 0
        for entry in _entries(archive, limits):
            if entry.is_dir():
                continue
            files += 1
            for chunk in _chunks(archive, entry):
                size += len(chunk)
                _check_size(size, limits)
            if _is_link(entry):
                _link_target(archive, entry)
        return ArchiveFacts(size, files)


def extract(source: bytes | Path, dest: Path, limits: ArchiveLimits) -> ArchiveFacts:
    """Unpack a zip to the folder `dest`, which appears whole or not at all; one that is there already is replaced.

    Everything in it is readable by everybody and writable by its owner; execution bits are kept.
    Raises BadArchive, ArchiveTooLarge, OSError.
    """
    dest.parent.mkdir(parents=True, exist_ok=True)
    with _opened(source) as archive:
        temporary = Path(tempfile.mkdtemp(prefix=f".{dest.name[:32]}-", dir=dest.parent))
        try:
            facts = _extract(archive, temporary, limits)
            temporary.chmod(0o755)
            if dest.exists():
                shutil.rmtree(dest)
            temporary.rename(dest)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
    return facts


def _extract(archive: zipfile.ZipFile, root: Path, limits: ArchiveLimits) -> ArchiveFacts:
    size = files = 0
    made = {""}
    links: list[zipfile.ZipInfo] = []
    for entry in _entries(archive, limits):
        name = entry.filename.rstrip("/")
        if entry.is_dir():
            _make_folders(root, name, made)
            continue
        files += 1
        if _is_link(entry):
            links.append(entry)
            continue
        _make_folders(root, posixpath.dirname(name), made)
        size = _write_file(archive, entry, root / name, size, limits)
    # Links come last, so that nothing is ever written through one.
    for entry in links:
        _make_folders(root, posixpath.dirname(entry.filename), made)
        _write_link(_link_target(archive, entry), root / entry.filename)
    return ArchiveFacts(size, files)


def _check_directory(data: bytes, limits: ArchiveLimits) -> None:
    """Refuse too many entries before they are read, which would cost several hundred bytes of memory for each."""
    end = data.rfind(_END)
    if end < 0 or len(data) < end + _END_BYTES:
        return
    (size,) = struct.unpack_from("<I", data, end + _DIRECTORY_SIZE_AT)
    count = data.count(_ENTRY, max(0, end - size), end)
    if count > limits.entries:
        raise ArchiveTooLarge(f"{count} entries")


def _opened(source: bytes | Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, OverflowError, UnicodeError) as problem:
        raise BadArchive(str(problem)) from problem


def _entries(archive: zipfile.ZipFile, limits: ArchiveLimits) -> Iterator[zipfile.ZipInfo]:
    """The entries that count: of two with one name the last. Refuses what must not be unpacked."""
    infos = archive.infolist()
    if len(infos) > limits.entries:
        raise ArchiveTooLarge(f"{len(infos)} entries")
    for entry in infos:
        # Some packers begin every name with `./`.
        entry.filename = "/".join(part for part in entry.filename.split("/") if part != ".")
    last = {entry.filename: entry for entry in infos}
    # The package's own folder is no entry of it.
    last.pop("", None)
    for entry in last.values():
        _check_name(entry.filename)
        if entry.flag_bits & 0x1:
            raise BadArchive(f"{entry.filename} is encrypted")
        if entry.compress_type not in _METHODS:
            raise BadArchive(f"{entry.filename} is compressed in a way that is not known")
        if _kind(entry) not in _KINDS:
            raise BadArchive(f"{entry.filename} is neither file, folder nor link")
        yield entry


def _check_name(name: str) -> None:
    parts = name.rstrip("/").split("/")
    if "\\" in name or "\0" in name or name.startswith("/") or ".." in parts or "" in parts:
        raise BadArchive(f"{name!r} is not a path below the package")


def _kind(entry: zipfile.ZipInfo) -> int:
    return stat.S_IFMT(entry.external_attr >> 16) if entry.create_system == 3 else 0


def _is_link(entry: zipfile.ZipInfo) -> bool:
    return _kind(entry) == stat.S_IFLNK


def _link_target(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> str:
    """Where a link points, which is below the package."""
    if entry.file_size > _LINK_TARGET_LIMIT:
        raise BadArchive(f"{entry.filename} is too long a link")
    target = os.fsdecode(b"".join(_chunks(archive, entry)))
    climbs = 0
    for part in target.split("/"):
        if part == "..":
            climbs += 1
        else:
            break
    # `..` after a name could climb from wherever another link leads; before all names it climbs real folders only.
    later = ".." in target.split("/")[climbs:]
    if not target or target.startswith("/") or "\\" in target or later or climbs > entry.filename.count("/"):
        raise BadArchive(f"{entry.filename} links out of the package")
    return target


def _chunks(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """An entry's bytes; the checksum is checked at the end."""
    try:
        with archive.open(entry) as file:
            while chunk := file.read(_CHUNK):
                yield chunk
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError) as problem:
        raise BadArchive(f"{entry.filename}: {problem}") from problem


def _check_size(size: int, limits: ArchiveLimits) -> None:
    if size > limits.unzipped_bytes:
        raise ArchiveTooLarge(f"more than {limits.unzipped_bytes} bytes")


def _make_folders(root: Path, name: str, made: set[str]) -> None:
    if name in made:
        return
    _make_folders(root, posixpath.dirname(name), made)
    try:
        (root / name).mkdir(mode=0o755)
    except FileExistsError:
        raise BadArchive(f"{name} is a file and a folder") from None
    made.add(name)


def _write_file(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path, size: int, limits: ArchiveLimits) -> int:
    mode = (entry.external_attr >> 16) & 0o777 if entry.create_system == 3 else 0
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
    except (FileExistsError, IsADirectoryError):
        raise BadArchive(f"{entry.filename} is a file and a folder") from None
    with open(handle, "wb", buffering=0) as file:  # noqa: PTH123  of a handle that was opened with care
        for chunk in _chunks(archive, entry):
            size += len(chunk)
            _check_size(size, limits)
            file.write(chunk)
        os.fchmod(handle, 0o644 | (mode & 0o111))
    return size


def _write_link(target: str, path: Path) -> None:
    try:
        path.symlink_to(target)
    except FileExistsError:
        raise BadArchive(f"{path.name} is there twice") from None
