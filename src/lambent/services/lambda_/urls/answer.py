"""From what a function returned to an HTTP response. Pure.

An object with `statusCode` describes the response; a string is the body as it stands; anything else is the body as
JSON. What cannot be a response is 502, as an error of the function is.

Source: Lambda developer guide, "Response payload format" of function URLs; recorded answers overrule it on strings.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Any

import orjson

from lambent.edge import EdgeResponse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambent.errors import AwsError

_JSON = (b"content-type", b"application/json")
_OCTETS = (b"content-type", b"application/octet-stream")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_NOT_ITS_OWN = frozenset(
    (
        "connection content-length date keep-alive proxy-connection te trailer transfer-encoding upgrade "
        "x-amzn-requestid x-amzn-trace-id"
    ).split()
)
"""Headers that only the server knows; a function that sends them is not listened to."""
_BODILESS = frozenset((204, 304))


class _Malformed(Exception):  # noqa: N818  the function's mistake
    """What the function returned cannot be a response."""


def answer_of(payload: bytes) -> EdgeResponse:
    """The response to a call that went well. payload: what the function returned, JSON."""
    try:
        value = orjson.loads(payload) if payload.lstrip()[:1] in b'{"' else None
    except orjson.JSONDecodeError:
        # JSON beyond what the strict parser takes, or what a custom runtime calls its answer: neither says more.
        value = None
    if isinstance(value, str):
        return EdgeResponse(200, [_JSON], value.encode())
    if not isinstance(value, dict) or "statusCode" not in value:
        return EdgeResponse(200, [_JSON], payload)
    try:
        return _described(value)
    except _Malformed:
        return failed()


def headed(prelude: object) -> tuple[int, list[tuple[bytes, bytes]]] | None:
    """Status and headers of a response whose body comes behind them; None where they cannot be those of one."""
    if not isinstance(prelude, dict):
        return None
    try:
        status = _status(prelude.get("statusCode", 200))
        headers = _headers(prelude.get("headers"))
        headers += [(b"set-cookie", _encoded("set-cookie", cookie)) for cookie in _cookies(prelude.get("cookies"))]
    except _Malformed:
        return None
    if all(name != b"content-type" for name, _ in headers):
        headers.append(_OCTETS)
    return status, headers


def failed() -> EdgeResponse:
    """The function failed, or returned what cannot be a response: callers are not told more."""
    return EdgeResponse(502, [_JSON], b"Internal Server Error")


def refused(refusal: AwsError) -> EdgeResponse:
    """A request that did not come to a call, in the form of Lambda's API errors."""
    key = "message" if "Type" in refusal.fields else "Message"
    body = orjson.dumps({**refusal.fields, key: refusal.message})
    return EdgeResponse(refusal.status or 400, [_JSON, (b"x-amzn-errortype", refusal.code.encode())], body)


def _described(value: Mapping[str, Any]) -> EdgeResponse:
    status = _status(value["statusCode"])
    headers = _headers(value.get("headers"))
    headers += [(b"set-cookie", _encoded("set-cookie", cookie)) for cookie in _cookies(value.get("cookies"))]
    if all(name != b"content-type" for name, _ in headers):
        headers.append(_JSON)
    body = _body(value.get("body"), encoded=value.get("isBase64Encoded"))
    return EdgeResponse(status, headers, b"" if status in _BODILESS else body)


def _status(value: Any) -> int:
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        value = int(value[:4])
    if isinstance(value, bool) or not isinstance(value, int) or not 200 <= value <= 599:
        raise _Malformed("statusCode")
    return value


def _headers(value: Any) -> list[tuple[bytes, bytes]]:
    if value is None:
        return []
    if not isinstance(value, dict):
        raise _Malformed("headers")
    return [
        (name.lower().encode(), _encoded(name, text))
        for name, text in value.items()
        if text is not None and name.lower() not in _NOT_ITS_OWN
    ]


def _encoded(name: str, value: Any) -> bytes:
    """A header's value as bytes; numbers and booleans are written as JSON does."""
    if isinstance(value, int | float):
        value = orjson.dumps(value).decode()
    if not isinstance(value, str) or not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
        raise _Malformed(name)
    return value.encode("latin-1")


def _cookies(value: Any) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise _Malformed("cookies")
    return value


def _body(value: Any, *, encoded: Any) -> bytes:
    if value is None:
        return b""
    if not isinstance(value, str):
        raise _Malformed("body")
    if encoded is not True:
        return value.encode()
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise _Malformed("body") from None
