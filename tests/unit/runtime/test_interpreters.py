from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambent.clock import RealClock
from lambent.runtime import interpreters
from lambent.runtime.interpreters import Interpreter, Interpreters, RuntimeUnavailable, candidates, choose, minor_of


def python(minor: int, micro: int = 0) -> Interpreter:
    return Interpreter(Path(f"/usr/bin/python3.{minor}"), (3, minor, micro), Path("/usr"))


VERSIONS = st.lists(st.tuples(st.integers(8, 16), st.integers(0, 9)), min_size=1, max_size=6)


@given(VERSIONS, st.integers(8, 14))
def test_no_interpreter_is_nearer_than_the_chosen_one(versions: list[tuple[int, int]], minor: int) -> None:
    chosen = choose(f"python3.{minor}", [python(*version) for version in versions], strict=False)
    distance = abs(chosen.interpreter.version[1] - minor)
    assert distance == min(abs(other - minor) for other, _ in versions)
    assert chosen.exact == (distance == 0)
    assert (chosen.note(f"python3.{minor}") is None) == chosen.exact


def test_of_two_that_are_equally_near_the_newer_is_chosen() -> None:
    found = [python(11, 1), python(13, 2), python(13, 5), python(11, 9)]
    assert choose("python3.12", found, strict=False).interpreter.version == (3, 13, 5)
    assert choose("python3.11", found, strict=True).interpreter.version == (3, 11, 9)


def test_a_strict_choice_is_the_very_version_or_none() -> None:
    with pytest.raises(RuntimeUnavailable, match=r"python3\.9 is not on this machine; the nearest is Python 3\.11\.0"):
        choose("python3.9", [python(11)], strict=True)
    with pytest.raises(RuntimeUnavailable, match="no Python interpreter on this machine works"):
        choose("python3.9", [], strict=False)


def test_the_note_says_what_runs_instead() -> None:
    note = choose("python3.14", [python(11, 2)], strict=False).note("python3.14")
    assert note == "python3.14 is not on this machine: running on Python 3.11.2 instead"


@pytest.mark.parametrize("runtime", ["java21", "python2.7", "python3", "python3.x", "xpython3.11", "python3.11 "])
def test_a_runtime_that_is_no_python_3_is_refused(runtime: str) -> None:
    with pytest.raises(RuntimeUnavailable):
        minor_of(runtime)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"null",
        b"pyenv: python3.12: command not found",
        json.dumps([[3, 6, 1], "cpython", "/usr", "/usr/bin/python3"]).encode(),
        json.dumps([[2, 7, 1], "cpython", "/usr", "/usr/bin/python3"]).encode(),
        json.dumps([[3, 11, 1], "pypy", "/usr", "/usr/bin/pypy"]).encode(),
    ],
)
def test_what_is_no_python_that_runs_functions_is_passed_over(answer: bytes) -> None:
    assert interpreters.parse_answer(answer) is None


def test_an_answer_tells_version_and_places() -> None:
    answer = json.dumps([[3, 12, 4], "cpython", "/opt/py", "/opt/py/bin/python3.12"]).encode()
    assert interpreters.parse_answer(answer) == Interpreter(Path("/opt/py/bin/python3.12"), (3, 12, 4), Path("/opt/py"))


def test_each_file_is_a_candidate_once_but_shims_are_known_by_their_names(tmp_path: Path) -> None:
    real, shims = tmp_path / "bin", tmp_path / "shims"
    for folder in (real, shims):
        folder.mkdir()
    (real / "python3.12").write_text("")
    (real / "python3.12").chmod(0o755)
    (real / "python3").symlink_to("python3.12")
    (real / "python3.9").write_text("not executable")
    for name in ("python3", "python3.12"):
        (shims / name).write_text("")
        (shims / name).chmod(0o755)
    found = candidates(f"{real}:{shims}:{real}::{tmp_path / 'nowhere'}", tmp_path)
    ours = sorted(str(place.relative_to(tmp_path)) for place in found if place.is_relative_to(tmp_path))
    assert ours == ["bin/python3", "shims/python3", "shims/python3.12"]


async def test_the_servers_own_version_needs_no_search() -> None:
    known = Interpreters(RealClock())
    choice = await known.choose(f"python3.{sys.version_info.minor}")
    assert choice.exact
    assert choice.interpreter.version == sys.version_info[:3]
    assert known.known() is None
