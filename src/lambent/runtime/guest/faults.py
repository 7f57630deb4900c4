"""The errors of a function, in the form and words of Lambda's own Python runtime."""

from __future__ import annotations

import os
import sys
import traceback
from types import TracebackType
from typing import Any

_HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep
_LANG = "/var/lang/lib/"


class Fault(Exception):
    """What is wrong with a function as such: its handler, its event or its result."""

    def __init__(self, kind: str, message: str, trace: list[str] | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.trace = trace or []


class Faults:
    """Turns exceptions into error payloads.

    roots: ([where a folder really is, where functions see it] pairs): with real isolation there are none, because the
    folders are where they should be.
    """

    def __init__(self, roots: list[list[str]], *, with_request_id: bool) -> None:
        self._roots = [*roots, [os.path.join(sys.base_prefix, "lib") + os.sep, _LANG]]
        self._with_request_id = with_request_id

    def describe(self, error: BaseException, request_id: str) -> dict[str, Any]:
        """The error's payload. request_id: empty during initialisation."""
        if isinstance(error, Fault):
            return self.payload(error.kind, error.message, error.trace, request_id)
        trace = traceback.format_list(self._frames(error.__traceback__))
        return self.payload(type(error).__name__, _text(error), trace, request_id)

    def payload(self, kind: str, message: str, trace: list[str], request_id: str) -> dict[str, Any]:
        """The JSON object that callers see."""
        payload: dict[str, Any] = {"errorMessage": message, "errorType": kind}
        if self._with_request_id:
            payload["requestId"] = request_id
        payload["stackTrace"] = trace
        return payload

    def shown_path(self, path: str) -> str:
        """A file's path as functions see it."""
        for real, shown in self._roots:
            if path.startswith(real):
                return shown + path[len(real) :]
        return path

    def _frames(self, trace: TracebackType | None) -> list[traceback.FrameSummary]:
        found = traceback.extract_tb(trace)
        while found and found[0].filename.startswith(_HERE):
            del found[0]
        return [
            traceback.FrameSummary(
                self.shown_path(item.filename), item.lineno, item.name, lookup_line=False, line=item.line
            )
            for item in found
        ]


def _text(error: BaseException) -> str:
    """str(error), which is the function's own code and may fail itself."""
    try:
        return str(error)
    except Exception as second:  # noqa: BLE001  told in place of the message
        return "<message of %s is not available: %s>" % (type(error).__name__, type(second).__name__)
