from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lambent.runtime.merge import merge

if TYPE_CHECKING:
    from pathlib import Path

names = st.sampled_from(["a", "b", "c"])
layer = st.recursive(
    st.binary(max_size=3) | st.just("link"), lambda inner: st.dictionaries(names, inner, max_size=3), max_leaves=6
)
layers = st.lists(st.dictionaries(names, layer, max_size=3), min_size=1, max_size=3)


def write(folder: Path, files: dict[str, object]) -> Path:
    """A folder with these files, folders and links."""
    folder.mkdir()
    for name, content in files.items():
        if isinstance(content, dict):
            write(folder / name, content)
        elif isinstance(content, bytes):
            (folder / name).write_bytes(content)
        else:
            (folder / name).symlink_to("a")
    return folder


def read(folder: Path) -> dict[str, object]:
    """What `write` would have to be given."""
    return {
        entry.name: "link" if entry.is_symlink() else read(entry) if entry.is_dir() else entry.read_bytes()
        for entry in folder.iterdir()
    }


def laid_over(below: object, above: object) -> object:
    """What is seen where two layers have the same name."""
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    return below | {name: laid_over(below[name], one) if name in below else one for name, one in above.items()}


def test_a_later_layer_wins_and_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", {"kept": b"kept"})
    first = write(tmp_path / "first", {"python": {"m.py": b"1", "n.py": b"1"}, "file": b"1", "tree": {"x": b"1"}})
    (first / "away").symlink_to(outside)
    second = write(tmp_path / "second", {"python": {"m.py": b"2"}, "file": {"y": b"2"}, "tree": b"2"})
    write(second / "away", {"kept": b"changed"})
    merge([first, second], tmp_path / "merged")
    assert read(tmp_path / "merged") == {
        "python": {"m.py": b"2", "n.py": b"1"},
        "file": {"y": b"2"},
        "tree": b"2",
        "away": {"kept": b"changed"},
    }
    assert (outside / "kept").read_bytes() == b"kept"
    assert (first / "python" / "m.py").read_bytes() == b"1"


def test_files_keep_their_rights_and_take_no_room(tmp_path: Path) -> None:
    first = write(tmp_path / "first", {"bin": {"tool": b"#!"}})
    (first / "bin" / "tool").chmod(0o755)
    merge([first, write(tmp_path / "second", {})], tmp_path / "merged")
    tool = tmp_path / "merged" / "bin" / "tool"
    assert tool.stat().st_mode & 0o777 == 0o755
    assert tool.samefile(first / "bin" / "tool")
    assert (tmp_path / "merged").stat().st_mode & 0o777 == 0o755


def test_without_hard_links_files_are_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", refuse)
    first = write(tmp_path / "first", {"tool": b"#!"})
    (first / "tool").chmod(0o755)
    merge([first], tmp_path / "merged")
    assert (tmp_path / "merged" / "tool").read_bytes() == b"#!"
    assert (tmp_path / "merged" / "tool").stat().st_mode & 0o777 == 0o755


def test_a_merge_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        merge([write(tmp_path / "first", {"a": b""}), tmp_path / "missing"], tmp_path / "merged")
    assert [entry.name for entry in tmp_path.iterdir()] == ["first"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(layers)
def test_any_layers_give_what_is_seen_from_above(
    tmp_path_factory: pytest.TempPathFactory, layers: list[dict[str, object]]
) -> None:
    place = tmp_path_factory.mktemp("merge")
    merge([write(place / str(number), files) for number, files in enumerate(layers)], place / "merged")
    expected: object = {}
    for files in layers:
        expected = laid_over(expected, files)
    assert read(place / "merged") == expected
