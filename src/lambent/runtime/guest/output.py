"""What a function says: its prints and its log records, through one pipe, in order.

Plain output becomes one log event per line. A record (a message of `logging`) is one event with all its lines: it is
written in pieces that start with a marker, each small enough that the pipe keeps it together. The trace of an error
goes with the error's frame.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import sys
import time
import traceback
from typing import TYPE_CHECKING, Any

from .frames import RECORD, RECORD_PIECE

if TYPE_CHECKING:
    from collections.abc import Mapping

_NO_BREAK_SPACE = "\u00a0"
_LEVELS = {
    "TRACE": logging.DEBUG,
    "DEBUG": logging.DEBUG,
    "INFO": logging.INFO,
    "WARN": logging.WARNING,
    "ERROR": logging.ERROR,
    "FATAL": logging.CRITICAL,
}
_ATTRIBUTES = frozenset(vars(logging.makeLogRecord({}))) | {"aws_request_id", "tenant_id"}
"""What every record has; the rest is what the function added to it."""
_encode = json.JSONEncoder(ensure_ascii=False).encode


class Records:
    """Writes records to the pipe, on a descriptor of its own: closing stdout does not end it."""

    def __init__(self, pipe: int, marker: bytes) -> None:
        self._pipe = pipe
        self._marker = marker
        self.request_id = ""
        """The call that runs now; empty during initialisation."""

    def write(self, text: str) -> None:
        """One record. A function that closed every descriptor, this one too, has chosen not to be heard."""
        flush()
        data = text.encode("utf-8", "backslashreplace")
        with contextlib.suppress(OSError):
            for start in range(0, len(data) or 1, RECORD_PIECE):
                piece = data[start : start + RECORD_PIECE]
                goes_on = start + RECORD_PIECE < len(data)
                os.write(self._pipe, self._marker + RECORD.pack(goes_on, len(piece)) + piece)


class Format:
    """The format of a function's log, and the least of it that is kept."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """environ: the function's variables; without any that speak of logs: text, all of it."""
        self.is_json = environ.get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "JSON"
        self.least = _LEVELS.get(environ.get("AWS_LAMBDA_LOG_LEVEL", "").upper(), logging.NOTSET)
        """A level of `logging`; NOTSET keeps all."""

    def event_of_error(self, error: dict[str, Any]) -> str:
        """The log event of an error; empty where it is not to be kept."""
        if self.least > logging.ERROR:
            return ""
        if not self.is_json:
            return event_of_error(error)
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        return _encode({"timestamp": now, "level": "ERROR", **error}) + "\n"


def event_of_error(error: dict[str, Any]) -> str:
    """The log event of an error in text, as Lambda's own runtime words it."""
    kind, message = error["errorType"], error["errorMessage"]
    head = "[ERROR]" + (" " + kind if kind else "")
    if message:
        head += (":" if kind else "") + " " + message
    lines = [head, "Traceback (most recent call last):"]
    for item in error["stackTrace"]:
        lines.extend(_indented(line) for line in item.splitlines() or [""])
    return "\n".join(lines)


def _indented(line: str) -> str:
    """Leading spaces as no-break ones, which log viewers keep."""
    text = line.lstrip(" ")
    return _NO_BREAK_SPACE * (len(line) - len(text)) + text


class TextFormatter(logging.Formatter):
    """A message of `logging` in text."""

    def __init__(self) -> None:
        super().__init__(
            "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n", "%Y-%m-%dT%H:%M:%S"
        )
        self.converter = time.gmtime


class JsonFormatter(logging.Formatter):
    """A message of `logging` as JSON, with everything that the function added to it."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        level = min(logging.CRITICAL, max(logging.NOTSET, record.levelno)) // 10 * 10
        seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        told: dict[str, Any] = {
            "timestamp": f"{seconds}.{int(record.msecs):03d}Z",
            "level": logging.getLevelName(level),
            "message": record.getMessage(),
            "logger": record.name,
            **_exception(record),
            "requestId": getattr(record, "aws_request_id", ""),
        }
        if "errorType" in told:
            told["location"] = f"{record.pathname}:{record.funcName}:{record.lineno}"
        added = {name: value for name, value in vars(record).items() if name not in _ATTRIBUTES}
        told.update({name: value for name, value in added.items() if name not in told})
        return _encode({name: value for name, value in told.items() if value is not None}) + "\n"


def _exception(record: logging.LogRecord) -> dict[str, Any]:
    if not record.exc_info or record.exc_info[0] is None:
        return {}
    kind, error, trace = record.exc_info
    return {"stackTrace": traceback.format_tb(trace), "errorType": kind.__name__, "errorMessage": str(error)}


class RecordHandler(logging.Handler):
    """The root logger's handler, with Lambda's format."""

    def __init__(self, records: Records, form: Format) -> None:
        # What a logger lets through may be less than what is kept: the function's own levels do not widen that.
        super().__init__(form.least)
        self.write_record = records.write
        self.setFormatter(JsonFormatter() if form.is_json else TextFormatter())
        self._records = records
        self.addFilter(self._stamp)

    def _stamp(self, record: logging.LogRecord) -> bool:
        record.aws_request_id = self._records.request_id
        record.tenant_id = None
        return True

    def emit(self, record: logging.LogRecord) -> None:
        """Write one message."""
        self._records.write(self.format(record))


def open_streams(pipe: int) -> None:
    """Make the pipe this process's stdout and stderr, nothing its stdin, and give Python streams on them."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(pipe, 1)
    os.dup2(pipe, 2)
    streams = {
        "stdin": io.TextIOWrapper(io.FileIO(0, "r", closefd=False), encoding="utf-8"),
        "stdout": _stream(1, "strict", "<stdout>"),
        "stderr": _stream(2, "backslashreplace", "<stderr>"),
    }
    for name, stream in streams.items():
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _stream(fd: int, errors: str, name: str) -> io.TextIOWrapper:
    raw = io.FileIO(fd, "w", closefd=False)
    raw.name = name
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding="utf-8", errors=errors, line_buffering=True)


def flush() -> None:
    """Write out what the streams hold. A function may have closed them, or put anything in their place."""
    for stream in (sys.stdout, sys.stderr):
        # The function's own object: its failure is not the call's.
        with contextlib.suppress(Exception):
            stream.flush()
