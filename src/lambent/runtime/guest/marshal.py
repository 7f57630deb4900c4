"""Events into Python and results out of it, as Lambda's own runtime does it."""

from __future__ import annotations

import decimal
import json
import math
from typing import TYPE_CHECKING, Any

from .faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

RESULT_LIMIT = 6291556


def _other(value: object) -> Any:
    if isinstance(value, decimal.Decimal):
        if value.is_nan():
            return math.nan
        if value.is_infinite():
            return math.copysign(math.inf, value)
        # DynamoDB's numbers arrive as decimals: whole ones stay whole.
        return int(value) if value.as_tuple().exponent == 0 else float(value)
    if isinstance(value, bytes):
        return value.decode("utf-8")
    raise TypeError("Object of type %s is not JSON serializable" % type(value).__name__)


def encoder(runtime: str) -> Callable[[Any], str]:
    """The JSON writer of a runtime. From Python 3.12 on, text stays as it is instead of being escaped."""
    ascii_only = runtime in {"python3.8", "python3.9", "python3.10", "python3.11"}
    return json.JSONEncoder(ensure_ascii=ascii_only, default=_other).encode


def event_of(body: bytes) -> Any:
    """The event of a call. Raises Fault Runtime.UnmarshalError."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as problem:
        raise Fault("Runtime.UnmarshalError", "Unable to unmarshal input: %s" % problem) from None


def result_of(value: Any, encode: Callable[[Any], str]) -> bytes:
    """What a handler returned, as JSON. Raises Fault Runtime.MarshalError."""
    if isinstance(value, bytes):
        return value
    try:
        return encode(value).encode("utf-8")
    except Exception as problem:  # noqa: BLE001  the value's own code may run here; all of it is the function's error
        raise Fault("Runtime.MarshalError", "Unable to marshal response: %s" % problem) from None
