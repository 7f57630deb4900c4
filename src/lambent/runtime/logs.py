"""The lines that Lambda itself writes into a function's log, and the port that takes all of them.

May import arn and spec. Texts are Lambda's own, byte for byte: tools parse them.
"""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING, Protocol

from lambent.arn import partition_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from lambent.runtime.interpreters import Choice
    from lambent.runtime.spec import FunctionSpec


class LogSink(Protocol):
    """Where log events go."""

    def append(self, account: str, region: str, group: str, stream: str, events: Sequence[tuple[int, str]]) -> None:
        """Take events (epoch milliseconds, text) of one stream, in order. Never blocks, costs microseconds."""


def stream_name(now: datetime, spec: FunctionSpec, environment: str) -> str:
    """The log stream of an environment; names the function where the group does not. environment: 32 hexadecimal
    digits.
    """
    function = "" if spec.log_group == f"/aws/lambda/{spec.name}" else spec.name
    return f"{now:%Y/%m/%d}/{function}[{spec.version}]{environment}"


def runtime_version_arn(spec: FunctionSpec) -> str:
    """The ARN that names the version of a runtime."""
    digest = hashlib.sha256(spec.runtime.encode()).hexdigest()
    return f"arn:{partition_of(spec.region)}:lambda:{spec.region}::runtime:{digest}"


def runtime_version(spec: FunctionSpec, choice: Choice) -> str:
    """The version of a runtime as Lambda writes it, e.g. `python:3.13.v50`."""
    return choice.version if choice.kind != "provided" else f"{spec.runtime.replace('.', ':')}.v1"


def init_start(spec: FunctionSpec, choice: Choice) -> str:
    """The line that begins an initialisation; says loudly when the interpreter is not the one asked for."""
    version, arn = runtime_version(spec, choice), runtime_version_arn(spec)
    line = f"INIT_START Runtime Version: {version}\tRuntime Version ARN: {arn}"
    note = choice.note(spec.runtime)
    return f"{line}\n" if note is None else f"{line}\tWARNING: {note}\n"


def init_report(duration_ms: float, phase: str, status: str, error_type: str | None) -> str:
    """The line that ends an initialisation which did not succeed. phase: `init`, or `invoke` where it was run again."""
    line = f"INIT_REPORT Init Duration: {duration_ms:.2f} ms\tPhase: {phase}\tStatus: {status}"
    return f"{line}\n" if error_type is None else f"{line}\tError Type: {error_type}\n"


def start(request_id: str, version: str) -> str:
    """The line that begins a call."""
    return f"START RequestId: {request_id} Version: {version}\n"


def end(request_id: str) -> str:
    """The line that ends a call."""
    return f"END RequestId: {request_id}\n"


def billed_ms(init_ms: float | None, duration_ms: float) -> int:
    """Whole milliseconds, rounded up; an initialisation is part of the bill."""
    return max(1, math.ceil((init_ms or 0.0) + duration_ms))


def report(
    *,
    request_id: str,
    duration_ms: float,
    billed: int,
    memory_mb: int,
    max_memory_mb: int,
    init_ms: float | None,
    failure: str | None,
) -> str:
    """The line that sums up a call.

    init_ms: None for warm calls. failure: None, `timeout`, or the type of the error that ended the process.
    """
    text = (
        f"REPORT RequestId: {request_id}\tDuration: {duration_ms:.2f} ms\tBilled Duration: {billed} ms\t"
        f"Memory Size: {memory_mb} MB\tMax Memory Used: {max_memory_mb} MB\t"
    )
    if init_ms is not None:
        text += f"Init Duration: {init_ms:.2f} ms\t"
    if failure == "timeout":
        text += "Status: timeout\t"
    elif failure is not None:
        text += f"Status: error\tError Type: {failure}\t"
    return text + "\n"
