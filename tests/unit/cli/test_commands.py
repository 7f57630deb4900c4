"""Commands that need no server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from lambent import __version__
from lambent.cli import doctor
from lambent.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

RUN = CliRunner()


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings but those of the test: neither variables nor a file."""
    monkeypatch.chdir(tmp_path)
    for name in ("CONFIG", "PORT", "HOST", "DATA_DIR", "ENDPOINT", "ACCOUNT", "REGION"):
        monkeypatch.delenv(f"LAMBENT_{name}", raising=False)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["up", "--port", "70000"], "port = 70000 is not usable"),
        (["up", "--account", "12"], "it must be twelve digits"),
        (["env", "--config", "gone.toml"], "cannot read the settings file gone.toml"),
        (["status", "--endpoint", "localhost:4566"], "--endpoint localhost:4566 is not an address"),
        (["logs", "f", "--endpoint", "localhost:4566"], "--endpoint localhost:4566 is not an address"),
    ],
)
def test_what_cannot_be_used_is_one_line_and_status_two(arguments: list[str], words: str) -> None:
    result = RUN.invoke(main, arguments)
    assert result.exit_code == 2
    assert words in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert result.stdout == ""


def test_the_version_is_printed() -> None:
    assert RUN.invoke(main, ["version"]).stdout == f"{__version__}\n"


def test_env_prints_what_a_shell_evaluates() -> None:
    result = RUN.invoke(main, ["env", "--port", "7", "--host", "0.0.0.0", "--region", "eu-west-1"])
    assert result.stdout.splitlines() == [
        "export AWS_ENDPOINT_URL=http://127.0.0.1:7",
        "export AWS_ACCESS_KEY_ID=000000000000",
        "export AWS_SECRET_ACCESS_KEY=lambent",
        "export AWS_DEFAULT_REGION=eu-west-1",
        "export AWS_REGION=eu-west-1",
        "unset AWS_SESSION_TOKEN AWS_PROFILE",
    ]


def test_a_data_directory_that_will_be_made_is_fine_and_is_not_made(tmp_path: Path) -> None:
    where, _ = doctor.data_dir(tmp_path / "a" / "b")
    assert where.grade == "ok"
    assert where.text.endswith("a/b, will be made")
    assert list(tmp_path.iterdir()) == []


def test_a_data_directory_that_is_a_file_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    [found] = doctor.data_dir(tmp_path / "file")
    assert found.grade == "problem"
    assert "choose another with --data-dir" in found.text


def test_memory_needs_no_directory() -> None:
    [found] = doctor.data_dir(None)
    assert found.grade == "note"
