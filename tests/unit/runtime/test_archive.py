from __future__ import annotations

import contextlib
import io
import os
import stat
import struct
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambent.runtime.archive import ArchiveFacts, ArchiveLimits, ArchiveTooLarge, BadArchive, extract, inspect

LIMITS = ArchiveLimits(unzipped_bytes=1_000_000, entries=100)
NAMES = st.from_regex(r"\A[a-z]{1,5}(/[a-z]{1,5}){0,3}\Z")


def packed(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def special(name: str, mode: int, content: bytes = b"", more: dict[str, bytes] | None = None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for other, data in (more or {}).items():
            archive.writestr(other, data)
        entry = zipfile.ZipInfo(name)
        entry.create_system = 3
        entry.external_attr = mode << 16
        archive.writestr(entry, content)
    return out.getvalue()


@given(st.dictionaries(NAMES, st.binary(max_size=100), min_size=1, max_size=8))
def test_what_was_packed_is_unpacked_or_refused_whole(files: dict[str, bytes]) -> None:
    clash = any(other.startswith(f"{name}/") for name in files for other in files)
    with tempfile.TemporaryDirectory() as folder:
        dest = Path(folder) / "code"
        if clash:
            with pytest.raises(BadArchive):
                extract(packed(files), dest, LIMITS)
            assert os.listdir(folder) == []
            return
        facts = extract(packed(files), dest, LIMITS)
        found = {str(path.relative_to(dest)): path.read_bytes() for path in dest.rglob("*") if path.is_file()}
    assert found == files
    assert facts == ArchiveFacts(sum(map(len, files.values())), len(files)) == inspect(packed(files), LIMITS)


def test_names_that_begin_with_a_dot_are_unpacked_like_any_other(tmp_path: Path) -> None:
    data = packed({"./": b"", "./a.py": b"1", "./b/": b"", "./b/./c.py": b"2"})
    assert inspect(data, LIMITS) == extract(data, tmp_path / "code", LIMITS) == ArchiveFacts(2, 2)
    assert (tmp_path / "code" / "b" / "c.py").read_bytes() == b"2"


@given(st.binary(max_size=300))
def test_noise_is_no_archive(noise: bytes) -> None:
    with pytest.raises(BadArchive):
        inspect(noise, LIMITS)


@given(st.integers(0, 10_000), st.integers(0, 255))
def test_a_damaged_archive_is_unpacked_or_refused_and_nothing_else(at: int, value: int) -> None:
    data = bytearray(packed({"a.py": b"x = 1\n" * 20, "b/c.py": b"y = 2\n"}))
    data[at % len(data)] = value
    with contextlib.suppress(BadArchive, ArchiveTooLarge):
        inspect(bytes(data), LIMITS)


@pytest.mark.parametrize("name", ["../up", "a/../../up", "/root", "a//b", "..", "a\\..\\b", "C:\\windows", "./../x"])
def test_a_name_that_leaves_the_package_is_refused(name: str, tmp_path: Path) -> None:
    data = special(name, 0o100644, b"evil")
    with pytest.raises(BadArchive):
        inspect(data, LIMITS)
    with pytest.raises(BadArchive):
        extract(data, tmp_path / "code", LIMITS)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("target", ["/etc/passwd", "..", "../..", "x/../..", "a/..", "", "..\\x"])
def test_a_link_that_leaves_the_package_is_refused(target: str, tmp_path: Path) -> None:
    data = special("link", stat.S_IFLNK | 0o777, target.encode())
    with pytest.raises(BadArchive):
        inspect(data, LIMITS)
    with pytest.raises(BadArchive):
        extract(data, tmp_path / "code", LIMITS)


def test_a_link_within_the_package_is_kept(tmp_path: Path) -> None:
    data = special("lib/link", stat.S_IFLNK | 0o777, b"../real/file", {"real/file": b"there"})
    extract(data, tmp_path / "code", LIMITS)
    assert (tmp_path / "code/lib/link").read_bytes() == b"there"


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("a")
        link.create_system = 3
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "b")
        archive.writestr("a/x", "evil")
    with pytest.raises(BadArchive):
        extract(out.getvalue(), tmp_path / "code", LIMITS)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("kind", [stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK])
def test_devices_are_refused(kind: int) -> None:
    with pytest.raises(BadArchive, match="neither"):
        inspect(special("device", kind | 0o666), LIMITS)


def test_a_bomb_is_stopped_at_its_limit_whatever_its_headers_say(tmp_path: Path) -> None:
    honest = packed({"big": bytes(2_000_000)})
    lying = bytearray(honest)
    at = lying.rfind(b"PK\x01\x02")
    lying[at + 24 : at + 28] = struct.pack("<I", 10)
    for data in (honest, bytes(lying)):
        with pytest.raises((ArchiveTooLarge, BadArchive)):
            extract(data, tmp_path / "code", LIMITS)
    assert os.listdir(tmp_path) == []


def test_too_many_entries_are_too_large() -> None:
    with pytest.raises(ArchiveTooLarge):
        inspect(packed({str(number): b"" for number in range(101)}), LIMITS)


def test_too_many_entries_are_refused_before_they_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    data = packed({str(number): b"" for number in range(101)})
    monkeypatch.setattr(zipfile, "ZipFile", None)
    with pytest.raises(ArchiveTooLarge, match="101 entries"):
        inspect(data, LIMITS)


def test_an_encrypted_package_is_refused() -> None:
    data = bytearray(packed({"a": b"secret"}, zipfile.ZIP_STORED))
    data[6] |= 1
    data[data.rfind(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(BadArchive, match="encrypted"):
        inspect(bytes(data), LIMITS)


def test_of_two_entries_with_one_name_the_last_counts(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a", "old")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a", "new")
    extract(out.getvalue(), tmp_path / "code", LIMITS)
    assert (tmp_path / "code/a").read_text() == "new"


def test_execution_bits_are_kept_and_everything_can_be_read(tmp_path: Path) -> None:
    extract(special("run", 0o100700, b"#!/bin/sh\n", {"plain": b""}), tmp_path / "code", LIMITS)
    assert stat.S_IMODE((tmp_path / "code/run").stat().st_mode) == 0o744
    assert stat.S_IMODE((tmp_path / "code/plain").stat().st_mode) == 0o644
    assert stat.S_IMODE((tmp_path / "code").stat().st_mode) == 0o755


def test_a_folder_that_is_there_is_replaced(tmp_path: Path) -> None:
    extract(packed({"old": b""}), tmp_path / "code", LIMITS)
    extract(packed({"new": b""}), tmp_path / "code", LIMITS)
    assert os.listdir(tmp_path / "code") == ["new"]
    assert os.listdir(tmp_path) == ["code"]
