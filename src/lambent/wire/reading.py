"""A request's head and body out of ASGI's messages, under limits. May import `errors` and `wire.route`."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from lambent.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    Receive = Callable[[], Awaitable[Mapping[str, Any]]]

_DISCARDED = 268_435_456
"""Bytes beyond its limit that a body is read on and thrown away, so that its sender comes to read the refusal."""
_FRAMING = 65_536
"""Bytes that chunk heads and trailers may add to a small body; large ones get a share of their size."""


class Disconnected(Exception):  # noqa: N818  an event, not an error
    """The client was gone before its request was whole."""


def read_headers(raw: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers by name, as the server gives them: names in lower case. Repeated ones are joined with a comma.

    All are decoded at once: a line feed can be in none of them.
    """
    if not raw:
        return {}
    texts = b"\n".join(chain.from_iterable(raw)).decode("latin-1").split("\n")
    headers = dict(zip(texts[::2], texts[1::2], strict=True))
    return headers if len(headers) == len(raw) else _joined(texts)


def _joined(texts: list[str]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in zip(texts[::2], texts[1::2], strict=True):
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    return headers


async def read_body(receive: Receive, limit: int, *, framed: bool) -> bytes | None:
    """A request's body; None when it is over `limit`, its rest then read and thrown away up to a bound.

    framed: whether aws-chunked framing or compression may make what is transmitted longer than what is meant.
    Raises Disconnected.
    """
    most = limit + limit // 8 + _FRAMING if framed else limit
    message = await receive()
    data: bytes = _part(message)
    if not message.get("more_body"):
        return data if len(data) <= most else None
    parts, size = [data], len(data)
    while message.get("more_body"):
        message = await receive()
        data = _part(message)
        size += len(data)
        if size <= most:
            parts.append(data)
        elif size <= most + _DISCARDED:
            parts.clear()
        else:
            return None
    return b"".join(parts) if size <= most else None


def too_large(name: str, limit: int) -> AwsError:
    """413 in AWS's words; `name` is the operation's as refusals have it."""
    text = f"Request must be smaller than {limit} bytes for the {name} operation"
    return AwsError("RequestEntityTooLargeException", text, status=413)


def _part(message: Mapping[str, Any]) -> bytes:
    if message["type"] == "http.disconnect":
        raise Disconnected
    body: bytes = message.get("body", b"")
    return body
