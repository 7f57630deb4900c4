"""How a call can end, in Lambda's words: results, errors, exits, kills, timeouts. Pure.

May import channel's `Answer`, pieces and the guest's constants.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import orjson

from lambent.runtime.guest.frames import RESULT
from lambent.runtime.guest.marshal import RESULT_LIMIT

if TYPE_CHECKING:
    from datetime import datetime

    from lambent.runtime.channel import Answer
    from lambent.runtime.pieces import Pieces

EXIT_ERROR = "Runtime.ExitError"
OUT_OF_MEMORY = "Runtime.OutOfMemory"
TIMED_OUT = "Sandbox.Timedout"
TOO_LARGE = "Function.ResponseSizeTooLarge"
INVALID_ENTRYPOINT = "Runtime.InvalidEntrypoint"
_TOO_LARGE_TEXT = f"Response payload size exceeded maximum allowed payload size ({RESULT_LIMIT} bytes)."
_NAMES = {
    1: "hangup",
    2: "interrupt",
    3: "quit",
    4: "illegal instruction",
    5: "trace/breakpoint trap",
    6: "aborted",
    7: "bus error",
    8: "floating point exception",
    9: "killed",
    10: "user defined signal 1",
    11: "segmentation fault",
    12: "user defined signal 2",
    13: "broken pipe",
    14: "alarm clock",
    15: "terminated",
}


class Ending(NamedTuple):
    """What callers and the log are told."""

    payload: bytes
    status: Literal["success", "error", "timeout"]
    error_type: str | None
    failure: str | None
    """What REPORT says of it: None where it says nothing, `timeout`, or the error's type."""
    duration_ms: float
    lines: tuple[str, ...] = ()
    """Log lines of their own, before END."""


def answered(answer: Answer, before_ms: float, response: Pieces | None = None) -> Ending:
    """The function returned or raised.

    before_ms: what the call took before the function had it. response: what came in pieces; None where nothing did.
    """
    duration = before_ms + answer.took_ms
    if response is not None and response.too_large:
        return Ending(_payload(TOO_LARGE, _TOO_LARGE_TEXT), "error", TOO_LARGE, TOO_LARGE, duration)
    if answer.kind == RESULT:
        return Ending(answer.body if response is None else response.whole(), "success", None, None, duration)
    # What Lambda itself refuses fails the call as such; an exception of the function is an ordinary answer.
    failure = answer.error_type if answer.error_type.startswith("Function.") else None
    return Ending(answer.body, "error", answer.error_type, failure, duration, (answer.event,) if answer.event else ())


def not_initialised(answer: Answer, request_id: str, duration_ms: float) -> Ending:
    """The function's module could not be loaded, in the call itself; or there is nothing that could be started."""
    body = answer.body
    if answer.error_type == INVALID_ENTRYPOINT:
        body = _payload(INVALID_ENTRYPOINT, f"RequestId: {request_id} Error: {orjson.loads(body)['errorMessage']}")
    return Ending(body, "error", answer.error_type, answer.error_type, duration_ms)


def exited(request_id: str, status: int, duration_ms: float) -> Ending:
    """The process ended. status: its exit code, or the negative number of the signal."""
    return _ended(request_id, exit_reason(status), EXIT_ERROR, duration_ms)


def out_of_memory(request_id: str, duration_ms: float) -> Ending:
    """The process was ended because it held more memory than it may."""
    return _ended(request_id, exit_reason(-9), OUT_OF_MEMORY, duration_ms)


def timed_out(request_id: str, timeout_s: int, now: datetime) -> Ending:
    """The process was ended because its time was up."""
    text = f"Task timed out after {timeout_s:.2f} seconds"
    line = f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}Z {request_id} {text}\n\n"
    payload = _payload(TIMED_OUT, f"RequestId: {request_id} Error: {text}")
    return Ending(payload, "timeout", TIMED_OUT, "timeout", timeout_s * 1000.0, (line,))


def exit_reason(status: int) -> str:
    """What Lambda says of a process's end."""
    if status == 0:
        return "Runtime exited without providing a reason"
    if status > 0:
        return f"Runtime exited with error: exit status {status}"
    return f"Runtime exited with error: signal: {_NAMES.get(-status, f'signal {-status}')}"


def _ended(request_id: str, reason: str, failure: str, duration_ms: float) -> Ending:
    text = f"RequestId: {request_id} Error: {reason}"
    payload = _payload(EXIT_ERROR, text)
    return Ending(payload, "error", EXIT_ERROR, failure, duration_ms, (f"{text}\n", f"{failure}\n"))


def _payload(kind: str, message: str) -> bytes:
    return orjson.dumps({"errorType": kind, "errorMessage": message})
