from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambent.runtime import logs
from lambent.runtime.interpreters import Choice, Interpreter

REPORT: dict[str, Any] = {
    "request_id": "r",
    "duration_ms": 2.034,
    "billed": 82,
    "memory_mb": 128,
    "max_memory_mb": 37,
    "init_ms": None,
    "failure": None,
}


@pytest.mark.parametrize(
    ("changes", "end"),
    [
        ({}, ""),
        ({"init_ms": 79.224}, "Init Duration: 79.22 ms\t"),
        ({"failure": "timeout"}, "Status: timeout\t"),
        ({"failure": "Runtime.ExitError"}, "Status: error\tError Type: Runtime.ExitError\t"),
        (
            {"init_ms": 1.0, "failure": "Runtime.OutOfMemory"},
            "Init Duration: 1.00 ms\tStatus: error\tError Type: Runtime.OutOfMemory\t",
        ),
    ],
)
def test_a_report_has_awss_fields_in_awss_order(changes: dict[str, Any], end: str) -> None:
    assert logs.report(**(REPORT | changes)) == (
        "REPORT RequestId: r\tDuration: 2.03 ms\tBilled Duration: 82 ms\tMemory Size: 128 MB\tMax Memory Used: 37 MB\t"
        f"{end}\n"
    )


def test_start_and_end_name_the_call() -> None:
    assert logs.start("r", "$LATEST") == "START RequestId: r Version: $LATEST\n"
    assert logs.end("r") == "END RequestId: r\n"


def test_an_initialisation_that_failed_is_reported() -> None:
    assert logs.init_report(10_000.0, "init", "timeout", None) == (
        "INIT_REPORT Init Duration: 10000.00 ms\tPhase: init\tStatus: timeout\n"
    )
    assert logs.init_report(1.5, "invoke", "error", "Runtime.ExitError") == (
        "INIT_REPORT Init Duration: 1.50 ms\tPhase: invoke\tStatus: error\tError Type: Runtime.ExitError\n"
    )


@given(st.none() | st.floats(0, 1e6), st.floats(0, 1e6))
def test_what_is_billed_is_whole_and_covers_both(init_ms: float | None, duration_ms: float) -> None:
    whole = (init_ms or 0) + duration_ms
    assert whole <= logs.billed_ms(init_ms, duration_ms) <= max(1, whole + 1)


def test_a_stream_is_named_by_day_version_and_environment(spec: Any) -> None:
    assert logs.stream_name(datetime(2026, 1, 2, tzinfo=UTC), spec(), "ab") == "2026/01/02/[$LATEST]ab"


def test_a_stream_in_a_group_of_many_functions_names_the_function(spec: Any) -> None:
    shared = spec(log_group="all", name="f", version="7")
    assert logs.stream_name(datetime(2026, 1, 2, tzinfo=UTC), shared, "ab") == "2026/01/02/f[7]ab"


@pytest.mark.parametrize(
    ("region", "partition"), [("us-east-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
)
def test_the_first_line_names_the_interpreter_and_whether_it_is_the_right_one(
    spec: Any, region: str, partition: str
) -> None:
    interpreter = Interpreter(Path("/usr/bin/python3.13"), (3, 13, 5), Path("/usr"))
    right = logs.init_start(spec(region=region, runtime="python3.13"), Choice(interpreter, exact=True))
    assert re.fullmatch(
        r"INIT_START Runtime Version: python:3\.13\.v5\t"
        rf"Runtime Version ARN: arn:{partition}:lambda:{region}::runtime:[0-9a-f]{{64}}\n",
        right,
    )
    wrong = logs.init_start(spec(region=region, runtime="python3.12"), Choice(interpreter, exact=False))
    assert wrong.endswith("\tWARNING: python3.12 is not on this machine: running on Python 3.13.5 instead\n")
