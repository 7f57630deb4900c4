from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from lambent.runtime import endings
from lambent.runtime.channel import Answer
from lambent.runtime.guest.frames import ERROR, RESULT
from lambent.runtime.pieces import Pieces

nothing: Any = None


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (0, "Runtime exited without providing a reason"),
        (1, "Runtime exited with error: exit status 1"),
        (127, "Runtime exited with error: exit status 127"),
        (255, "Runtime exited with error: exit status 255"),
        (-9, "Runtime exited with error: signal: killed"),
        (-11, "Runtime exited with error: signal: segmentation fault"),
        (-6, "Runtime exited with error: signal: aborted"),
        (-15, "Runtime exited with error: signal: terminated"),
        (-64, "Runtime exited with error: signal: signal 64"),
    ],
)
def test_an_exit_is_told_as_go_tells_it(status: int, reason: str) -> None:
    ending = endings.exited("r", status, 1.5)
    assert json.loads(ending.payload) == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: r Error: {reason}",
    }
    assert (ending.status, ending.error_type, ending.failure) == ("error", "Runtime.ExitError", "Runtime.ExitError")
    assert ending.lines == (f"RequestId: r Error: {reason}\n", "Runtime.ExitError\n")
    assert ending.duration_ms == 1.5


def test_running_out_of_memory_looks_like_a_kill_to_callers_only() -> None:
    ending = endings.out_of_memory("r", 2.0)
    assert ending.payload == endings.exited("r", -9, 2.0).payload
    assert (ending.error_type, ending.failure) == ("Runtime.ExitError", "Runtime.OutOfMemory")


def test_a_timeout_has_two_decimals_and_takes_as_long_as_it_may() -> None:
    ending = endings.timed_out("r", 30, datetime(2026, 1, 2, 3, 4, 5, 678_900, tzinfo=UTC))
    assert json.loads(ending.payload) == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": "RequestId: r Error: Task timed out after 30.00 seconds",
    }
    assert ending.lines == ("2026-01-02T03:04:05.678Z r Task timed out after 30.00 seconds\n\n",)
    assert (ending.status, ending.failure, ending.duration_ms) == ("timeout", "timeout", 30_000.0)


def test_a_result_goes_on_as_it_came() -> None:
    ending = endings.answered(Answer(RESULT, 1, 2.5, 100, "", "", b"[1]"), 10.0)
    assert (ending.payload, ending.status, ending.error_type, ending.failure) == (b"[1]", "success", None, None)
    assert (ending.duration_ms, ending.lines) == (12.5, ())


def test_an_exception_is_no_failure_of_the_call_but_a_refused_result_is() -> None:
    ending = endings.answered(Answer(ERROR, 1, 2.5, 100, "ValueError", "[ERROR] …", b"{}"), 0.0)
    assert (ending.status, ending.error_type, ending.failure) == ("error", "ValueError", None)
    assert ending.lines == ("[ERROR] …",)
    ending = endings.answered(Answer(ERROR, 1, 2.5, 100, "Function.ResponseSizeTooLarge", "text\n", b"{}"), 0.0)
    assert ending.failure == "Function.ResponseSizeTooLarge"


def test_a_module_that_cannot_be_loaded_fails_the_call() -> None:
    ending = endings.not_initialised(Answer(ERROR, 0, 2.5, 100, "Runtime.ImportModuleError", "", b"{}"), "r", 7.0)
    assert (ending.status, ending.failure, ending.duration_ms) == ("error", "Runtime.ImportModuleError", 7.0)


def test_a_program_that_cannot_be_started_is_told_with_the_call() -> None:
    body = b'{"errorType": "Runtime.InvalidEntrypoint", "errorMessage": "no such file"}'
    ending = endings.not_initialised(Answer(ERROR, 0, 2.5, 100, "Runtime.InvalidEntrypoint", "", body), "r", 7.0)
    assert json.loads(ending.payload) == {
        "errorType": "Runtime.InvalidEntrypoint",
        "errorMessage": "RequestId: r Error: no such file",
    }


def test_an_error_that_the_runtime_logs_itself_has_no_line_of_its_own() -> None:
    assert endings.answered(Answer(ERROR, 1, 2.5, 100, "ValueError", "", b"{}"), 0.0).lines == ()


def test_a_response_in_pieces_is_put_together() -> None:
    pieces = Pieces(None)
    pieces.begin(b"text/plain", nothing)
    for piece in (b"a", b"", b"b"):
        pieces.add(piece)
    ending = endings.answered(Answer(RESULT, 1, 2.5, 100, "", "", b""), 0.0, pieces)
    assert (ending.payload, ending.status) == (b"ab", "success")


def test_a_response_in_pieces_that_is_too_large_to_be_put_together_is_refused() -> None:
    pieces = Pieces(None)
    pieces.begin(b"", nothing)
    for _ in range(7):
        pieces.add(bytes(1 << 20))
    ending = endings.answered(Answer(RESULT, 1, 2.5, 100, "", "", b""), 0.0, pieces)
    assert (ending.error_type, ending.failure) == ("Function.ResponseSizeTooLarge", "Function.ResponseSizeTooLarge")
    assert len(pieces.whole()) <= 6_291_556
