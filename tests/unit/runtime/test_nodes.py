from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambent.runtime.interpreters import RuntimeUnavailable
from lambent.runtime.nodes import Node, candidates, choose, major_of, parse_answer

if TYPE_CHECKING:
    from collections.abc import Sequence


def node(major: int, minor: int = 0) -> Node:
    return Node(Path(f"/opt/node{major}.{minor}/bin/node"), (major, minor, 0))


def test_without_any_the_refusal_says_what_to_do() -> None:
    with pytest.raises(RuntimeUnavailable, match=r"there is no Node\.js 16 or later on this machine: install it"):
        choose("nodejs22.x", 22, [], strict=False)


def test_a_strict_choice_is_the_very_version_or_none() -> None:
    with pytest.raises(
        RuntimeUnavailable, match=r"nodejs22\.x is not on this machine; the nearest is Node\.js 20\.1\.0"
    ):
        choose("nodejs22.x", 22, [node(16), node(20, 1)], strict=True)


def test_of_two_that_are_equally_near_the_newer_is_chosen() -> None:
    found = [node(18, 9), node(22, 1), node(22, 3), node(18, 1)]
    assert choose("nodejs20.x", 20, found, strict=False).version == (22, 3, 0)


@given(st.lists(st.integers(16, 30), min_size=1), st.integers(16, 24))
def test_none_is_nearer_than_the_chosen_one(majors: Sequence[int], wanted: int) -> None:
    chosen = choose(f"nodejs{wanted}.x", wanted, [node(major) for major in majors], strict=False)
    assert abs(chosen.version[0] - wanted) == min(abs(major - wanted) for major in majors)


@pytest.mark.parametrize("runtime", ["python3.11", "nodejs", "nodejs22", "nodejs22.y", "provided.al2"])
def test_a_runtime_that_is_not_nodes_has_no_major_version(runtime: str) -> None:
    assert major_of(runtime) is None


@pytest.mark.parametrize(
    "answer",
    [b"", b"null", b"[]", b'["20"]', b'["a.b.c", "/n"]', b'["14.2.1", "/n"]', b'["20.1.1", 5]', b'[5, "/n"]', b"\xff"],
)
def test_what_is_no_answer_is_no_node(answer: bytes) -> None:
    assert parse_answer(answer) is None


def test_an_answer_tells_version_and_place() -> None:
    found = parse_answer(json.dumps(["22.0.0-nightly1", "/opt/n/bin/node"]).encode())
    assert found == Node(Path("/opt/n/bin/node"), (22, 0, 0))
    assert found is not None
    assert (found.text, found.prefix) == ("22.0.0", Path("/opt/n"))


def test_each_file_is_a_candidate_once(tmp_path: Path) -> None:
    program = tmp_path / ".nvm/versions/node/v20.1.0/bin/node"
    program.parent.mkdir(parents=True)
    program.touch(0o755)
    other = tmp_path / "bin"
    other.mkdir()
    (other / "node").symlink_to(program)
    (tmp_path / "dead").mkdir()
    (tmp_path / "dead" / "node").symlink_to(tmp_path / "nowhere")
    path = os.pathsep.join(["", str(other), str(tmp_path / "dead")])
    own = [place for place in candidates(path, tmp_path) if place.is_relative_to(tmp_path)]
    assert own == [other / "node"]
