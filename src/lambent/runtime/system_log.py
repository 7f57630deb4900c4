"""What Lambda itself says in a function's log, in the format that the function asked for.

Two formats with one face: text, whose lines are in `logs`, and JSON, whose records are those of the Telemetry API.
JSON records have levels, and only those that the function wants are written. The text of a failure that JSON tells in
`platform.runtimeDone` and `platform.report` is not written besides.

May import clock, endings, levels, logs and spec. Source: developer guide, "Lambda Telemetry API Event schema
reference" and "System log level event mapping".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import orjson

from lambent.runtime import logs
from lambent.runtime.levels import reaches

if TYPE_CHECKING:
    from lambent.clock import Clock
    from lambent.runtime.endings import Ending
    from lambent.runtime.interpreters import Choice
    from lambent.runtime.spec import FunctionSpec

_MB = 1 << 20
_LANGUAGE_ERRORS = ("Runtime.", "Function.", "Sandbox.")


class Measures(NamedTuple):
    """What a call took."""

    billed_ms: int
    max_memory_mb: int
    init_ms: float | None
    """None for warm calls."""


class SystemLog(Protocol):
    """Makes the log events; each method answers with none where the function does not want to see any."""

    def init_start(self, choice: Choice, stream: str) -> list[str]:
        """An initialisation begins."""

    def initialised(self, took_ms: float) -> list[str]:
        """An initialisation succeeded."""

    def init_failed(self, took_ms: float, phase: str, status: str, error_type: str | None) -> list[str]:
        """An initialisation did not succeed. phase: `init`, or `invoke` where it was run again."""

    def start(self, request_id: str) -> list[str]:
        """A call begins."""

    def end(self, request_id: str, ending: Ending, measures: Measures) -> list[str]:
        """A call ended; the function's own error is among them."""


def system_log(spec: FunctionSpec, clock: Clock) -> SystemLog:
    """The log of a function, in its format."""
    return _Text(spec) if spec.log_levels is None else _Json(spec, spec.log_levels.system, clock)


class _Text:
    def __init__(self, spec: FunctionSpec) -> None:
        self._spec = spec

    def init_start(self, choice: Choice, stream: str) -> list[str]:
        del stream
        return [logs.init_start(self._spec, choice)]

    def initialised(self, took_ms: float) -> list[str]:
        del took_ms
        return []

    def init_failed(self, took_ms: float, phase: str, status: str, error_type: str | None) -> list[str]:
        return [logs.init_report(took_ms, phase, status, error_type)]

    def start(self, request_id: str) -> list[str]:
        return [logs.start(request_id, self._spec.version)]

    def end(self, request_id: str, ending: Ending, measures: Measures) -> list[str]:
        report = logs.report(
            request_id=request_id,
            duration_ms=ending.duration_ms,
            billed=measures.billed_ms,
            memory_mb=self._spec.memory_mb,
            max_memory_mb=measures.max_memory_mb,
            init_ms=measures.init_ms,
            failure=ending.failure,
        )
        return [*ending.lines, logs.end(request_id), report]


class _Json:
    def __init__(self, spec: FunctionSpec, least: str, clock: Clock) -> None:
        self._spec = spec
        self._least = least
        self._clock = clock

    def init_start(self, choice: Choice, stream: str) -> list[str]:
        spec = self._spec
        record: dict[str, Any] = {
            "initializationType": spec.initialization_type,
            "phase": "init",
            "runtimeVersion": logs.runtime_version(spec, choice),
            "runtimeVersionArn": logs.runtime_version_arn(spec),
            "functionName": spec.name,
            "functionVersion": spec.version,
            "instanceId": stream,
            "instanceMaxMemory": spec.memory_mb * _MB,
        }
        note = choice.note(spec.runtime)
        if note is not None:
            record["warning"] = note
        return self._told("INFO", "initStart", record)

    def initialised(self, took_ms: float) -> list[str]:
        phase = {"initializationType": self._spec.initialization_type, "phase": "init", "status": "success"}
        level = "DEBUG" if self._spec.initialization_type == "on-demand" else "INFO"
        return [
            *self._told("DEBUG", "initRuntimeDone", phase),
            *self._told(level, "initReport", {**phase, "metrics": {"durationMs": _ms(took_ms)}}),
        ]

    def init_failed(self, took_ms: float, phase: str, status: str, error_type: str | None) -> list[str]:
        record = {"initializationType": self._spec.initialization_type, "phase": phase, "status": status}
        if error_type is not None:
            record["errorType"] = error_type
        return [
            *self._told("WARN", "initRuntimeDone", record),
            *self._told("WARN", "initReport", {**record, "metrics": {"durationMs": _ms(took_ms)}}),
        ]

    def start(self, request_id: str) -> list[str]:
        spec = self._spec
        record = {"requestId": request_id, "functionArn": spec.arn, "version": spec.version}
        return self._told("INFO", "start", record)

    def end(self, request_id: str, ending: Ending, measures: Measures) -> list[str]:
        status = _status(ending)
        duration_ms = _ms(ending.duration_ms)
        done = {"durationMs": duration_ms, "producedBytes": len(ending.payload) if ending.status == "success" else 0}
        metrics: dict[str, Any] = {
            "durationMs": duration_ms,
            "billedDurationMs": measures.billed_ms,
            "memorySizeMB": self._spec.memory_mb,
            "maxMemoryUsedMB": measures.max_memory_mb,
        }
        if measures.init_ms is not None:
            metrics["initDurationMs"] = _ms(measures.init_ms)
        succeeded = ending.status == "success"
        return [
            *(ending.lines if ending.failure is None else ()),
            *self._told(
                "DEBUG" if succeeded else "WARN", "runtimeDone", {"requestId": request_id, **status, "metrics": done}
            ),
            *self._told(
                "INFO" if succeeded else "WARN", "report", {"requestId": request_id, "metrics": metrics, **status}
            ),
        ]

    def _told(self, level: str, event: str, record: dict[str, Any]) -> list[str]:
        if not reaches(level, self._least):
            return []
        now = self._clock.now()
        time = f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}Z"
        return [orjson.dumps({"time": time, "type": f"platform.{event}", "record": record}).decode() + "\n"]


def _status(ending: Ending) -> dict[str, str]:
    """How a call ended; the class of a function's own exception is the function's business."""
    if ending.status != "error":
        return {"status": ending.status}
    error_type = ending.error_type or ""
    return {
        "status": "error",
        "errorType": error_type if error_type.startswith(_LANGUAGE_ERRORS) else "Function.Unknown",
    }


def _ms(value: float) -> float:
    return round(value, 3)
