"""The errors of a function, in the form and words of Lambda's own Python runtime."""

from __future__ import annotations

import linecache
import os
import sys
import traceback
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import TracebackType

_HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep
_LANG = "/var/lang/lib/"


class Fault(Exception):  # noqa: N818  what is told, not what went wrong here
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
        trace = self._formatted(error.__traceback__)
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

    def _formatted(self, trace: TracebackType | None) -> list[str]:
        """What `traceback.format_list` makes of it, without our own frames; ten times as fast, for it is on the way of
        every call that fails.
        """
        frames: list[tuple[str, int, str, str]] = []
        while trace is not None:
            frame, number, trace = trace.tb_frame, trace.tb_lineno, trace.tb_next
            file = frame.f_code.co_filename
            if frames or not file.startswith(_HERE):
                line = linecache.getline(file, number, frame.f_globals).strip()
                frames.append((self.shown_path(file), number, frame.f_code.co_name, line))
        if any(one == other for one, other in zip(frames, frames[1:])):
            # A recursion, which it shortens.
            return traceback.format_list(frames)
        return [
            f'  File "{file}", line {number}, in {name}\n' + (f"    {line}\n" if line else "")
            for file, number, name, line in frames
        ]


def _text(error: BaseException) -> str:
    """str(error), which is the function's own code and may fail itself."""
    try:
        return str(error)
    except Exception as second:  # noqa: BLE001  told in place of the message
        return f"<message of {type(error).__name__} is not available: {type(second).__name__}>"
