import logging
import platform
from pathlib import Path

import pytest

from lambent.errors import AwsError
from lambent.runtime.interpreters import Choice, Interpreter, choose
from lambent.services.lambda_.machine import architecture_note, as_it_runs_now, fitted
from lambent.services.lambda_.record import Configuration

HERE = "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"
ASKED = Configuration(runtime="python3.12", handler="m.h", role="r", architecture=HERE)


class Machine:
    """A machine with one interpreter."""

    def __init__(self, minor: int, *, strict: bool = False) -> None:
        self._found = [Interpreter(Path("/python"), (3, minor, 4), Path("/"))]
        self._strict = strict

    async def choose(self, runtime: str) -> Choice:
        return choose(runtime, self._found, strict=self._strict)


async def test_a_runtime_that_strictness_forbids_is_refused_in_aws_form() -> None:
    with pytest.raises(AwsError, match=r"python3\.12 cannot be used on this server: .*Python 3\.11\.4") as refusal:
        await fitted(Machine(11, strict=True), ASKED, name="f")
    assert refusal.value.code == "InvalidParameterValueException"


async def test_another_interpreter_is_noted_and_said_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        settings = await fitted(Machine(11), ASKED, name="mine")
    assert settings.runtime_note == "python3.12 is not on this machine: running on Python 3.11.4 instead"
    assert "mine" in caplog.text
    assert settings.runtime_note in caplog.text


async def test_what_fits_has_no_note_and_loses_an_old_one(caplog: pytest.LogCaptureFixture) -> None:
    noted = await fitted(Machine(11), ASKED, name="f")
    caplog.clear()
    assert await fitted(Machine(12), noted, name="f") == ASKED
    assert caplog.text == ""


async def test_a_note_follows_the_machine_that_the_function_is_on_now() -> None:
    noted = await as_it_runs_now(Machine(11), ASKED)
    assert noted.runtime_note == "python3.12 is not on this machine: running on Python 3.11.4 instead"
    assert await as_it_runs_now(Machine(12), noted) == ASKED
    refused = await as_it_runs_now(Machine(11, strict=True), ASKED)
    assert refused.runtime_note == "python3.12 is not on this machine; the nearest is Python 3.11.4"


@pytest.mark.parametrize(
    ("wanted", "machine", "noted"),
    [
        ("x86_64", "x86_64", False),
        ("x86_64", "AMD64", False),
        ("arm64", "aarch64", False),
        ("arm64", "arm64", False),
        ("arm64", "x86_64", True),
        ("x86_64", "aarch64", True),
    ],
)
def test_another_processor_is_noted(wanted: str, machine: str, noted: bool) -> None:
    note = architecture_note(wanted, machine)
    assert (note is not None) is noted
    if note:
        assert wanted in note
