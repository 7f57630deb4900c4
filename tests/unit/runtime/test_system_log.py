from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lambent.clock import VirtualClock
from lambent.runtime import endings
from lambent.runtime.endings import Ending
from lambent.runtime.interpreters import Choice, Interpreter
from lambent.runtime.spec import LogLevels
from lambent.runtime.system_log import Measures, SystemLog, system_log

CHOICE = Choice(Interpreter(Path("/usr/bin/python3.11"), (3, 11, 5), Path("/usr")), exact=True)
RESULT = Ending(b'"ok"', "success", None, None, 1.2344)
RAISED = Ending(b"{}", "error", "ValueError", None, 1.0, ("the function's own\n",))
EXITED = Ending(b"{}", "error", endings.EXIT_ERROR, endings.EXIT_ERROR, 1.0, ("RequestId: r Error: …\n",))
TIMED_OUT = Ending(b"{}", "timeout", endings.TIMED_OUT, "timeout", 3000.0, ("… Task timed out …\n",))
WARM = Measures(2, 40, None)


def types(lines: list[str]) -> list[str]:
    return [json.loads(line)["type"].removeprefix("platform.") for line in lines if line.startswith("{")]


def everything(log: SystemLog, ending: Ending) -> list[str]:
    return [
        *log.init_start(CHOICE, "s"),
        *log.initialised(1.0),
        *log.start("r"),
        *log.end("r", ending, WARM),
    ]


@pytest.mark.parametrize(
    ("least", "of_success"),
    [
        ("DEBUG", ["initStart", "initRuntimeDone", "initReport", "start", "runtimeDone", "report"]),
        ("INFO", ["initStart", "start", "report"]),
        ("WARN", []),
    ],
)
def test_what_went_well_is_told_at_its_level(spec: Any, least: str, of_success: list[str]) -> None:
    log = system_log(spec(log_levels=LogLevels("INFO", least)), VirtualClock())
    assert types(everything(log, RESULT)) == of_success


@pytest.mark.parametrize("ending", [RAISED, EXITED, TIMED_OUT])
def test_what_failed_is_told_at_every_level(spec: Any, ending: Ending) -> None:
    log = system_log(spec(log_levels=LogLevels("INFO", "WARN")), VirtualClock())
    assert types(everything(log, ending)) == ["runtimeDone", "report"]
    assert types(log.init_failed(10_000.0, "init", "timeout", None)) == ["initRuntimeDone", "initReport"]


def test_the_initialisation_of_provisioned_environments_is_reported(spec: Any) -> None:
    given = spec(log_levels=LogLevels("INFO", "INFO"), initialization_type="provisioned-concurrency")
    (line,) = system_log(given, VirtualClock()).initialised(1.23456)
    assert json.loads(line)["record"] == {
        "initializationType": "provisioned-concurrency",
        "phase": "init",
        "status": "success",
        "metrics": {"durationMs": 1.235},
    }


def test_records_have_the_fields_of_aws(spec: Any) -> None:
    log = system_log(spec(log_levels=LogLevels("INFO", "DEBUG")), VirtualClock())

    (begun,) = map(json.loads, log.init_start(CHOICE, "2026/01/02/[$LATEST]ab"))
    (start,) = map(json.loads, log.start("r"))
    done, report = map(json.loads, log.end("r", RESULT, Measures(82, 37, 79.224)))

    assert begun["record"].pop("runtimeVersionArn").startswith("arn:aws:lambda:us-east-1::runtime:")
    assert begun["record"] == {
        "initializationType": "on-demand",
        "phase": "init",
        "runtimeVersion": "python:3.11.v5",
        "functionName": "f",
        "functionVersion": "$LATEST",
        "instanceId": "2026/01/02/[$LATEST]ab",
        "instanceMaxMemory": 134217728,
    }
    arn = "arn:aws:lambda:us-east-1:123456789012:function:f"
    assert start["record"] == {"requestId": "r", "functionArn": arn, "version": "$LATEST"}
    assert done["record"] == {
        "requestId": "r",
        "status": "success",
        "metrics": {"durationMs": 1.234, "producedBytes": 4},
    }
    assert report["record"] == {
        "requestId": "r",
        "metrics": {
            "durationMs": 1.234,
            "billedDurationMs": 82,
            "memorySizeMB": 128,
            "maxMemoryUsedMB": 37,
            "initDurationMs": 79.224,
        },
        "status": "success",
    }


def test_a_failure_is_told_once_and_the_functions_own_error_stays(spec: Any) -> None:
    log = system_log(spec(log_levels=LogLevels("INFO", "INFO")), VirtualClock())
    assert log.end("r", RAISED, WARM)[0] == "the function's own\n"
    for ending, status in (
        (EXITED, {"status": "error", "errorType": "Runtime.ExitError"}),
        (TIMED_OUT, {"status": "timeout"}),
    ):
        lines = log.end("r", ending, WARM)
        assert types(lines) == ["runtimeDone", "report"]
        assert len(lines) == 2
        for line in lines:
            assert json.loads(line)["record"].items() >= status.items()


def test_logs_in_text_have_the_lines_of_text(spec: Any) -> None:
    lines = everything(system_log(spec(), VirtualClock()), EXITED)
    assert [line.split()[0] for line in lines] == ["INIT_START", "START", "RequestId:", "END", "REPORT"]
