"""Events into Python and results out of it, as Lambda's own runtime does it."""

from __future__ import annotations

import decimal
import json
import math
import os
import re
from typing import TYPE_CHECKING, Any

from .faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

RESULT_LIMIT = 6291556


class _Encoder:
    """Writes decimals digit by digit, as DynamoDB's numbers need it: as marked strings that lose mark and quotes."""

    def __init__(self, *, ascii_only: bool) -> None:
        self._mark = os.urandom(16).hex()
        self._marked = re.compile(f'"{self._mark}([^"]*)"')
        self._has_decimals = False
        self._encode = json.JSONEncoder(ensure_ascii=ascii_only, default=self._other).encode

    def __call__(self, value: Any) -> str:
        self._has_decimals = False
        text = self._encode(value)
        return self._marked.sub(r"\1", text) if self._has_decimals else text

    def _other(self, value: object) -> Any:
        if isinstance(value, decimal.Decimal):
            if value.is_nan():
                return math.nan
            self._has_decimals = True
            return self._mark + str(value)
        if isinstance(value, bytes):
            return value.decode("utf-8")
        raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def encoder(runtime: str) -> Callable[[Any], str]:
    """The JSON writer of a runtime. From Python 3.12 on, text stays as it is instead of being escaped."""
    return _Encoder(ascii_only=runtime in {"python3.8", "python3.9", "python3.10", "python3.11"})


def event_of(body: bytes | bytearray) -> Any:
    """The event of a call. Raises Fault Runtime.UnmarshalError."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as problem:
        raise Fault("Runtime.UnmarshalError", f"Unable to unmarshal input: {problem}") from None


def result_of(value: Any, encode: Callable[[Any], str]) -> bytes:
    """What a handler returned, as JSON. Raises Fault Runtime.MarshalError."""
    if isinstance(value, bytes):
        return value
    try:
        return encode(value).encode("utf-8")
    except Exception as problem:  # noqa: BLE001  the value's own code may run here; all of it is the function's error
        raise Fault("Runtime.MarshalError", f"Unable to marshal response: {problem}") from None
