"""HTTP/1.1 as custom runtimes speak it to the Runtime API: requests read piece by piece, answers written whole.

Only what clients of the Runtime API need: bodies of a known length or chunked, trailers, `Expect: 100-continue`. Pure:
bytes in, events out.
"""

from __future__ import annotations

import json
from typing import Any

_HEAD_LIMIT = 1 << 20
_LINE_LIMIT = 8192
_REASONS = {200: "OK", 202: "Accepted", 400: "Bad Request", 403: "Forbidden", 404: "Not Found"}
_REASONS.update({405: "Method Not Allowed", 413: "Request Entity Too Large"})


class BadRequest(Exception):  # noqa: N818  the client's mistake
    """Bytes that are no request."""


class Request:
    """The head of a request; its trailers once it has ended."""

    __slots__ = ("headers", "method", "path", "trailers")

    def __init__(self, head: bytes) -> None:
        """head: without the empty line. Raises BadRequest."""
        line, _, rest = head.partition(b"\r\n")
        parts = line.decode("latin-1").split(" ")
        if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
            raise BadRequest(line[:100].decode("latin-1"))
        self.method = parts[0]
        self.path = parts[1].partition("?")[0]
        self.headers = _fields(rest)
        self.trailers: dict[str, str] = {}
        if parts[2] == "HTTP/1.0":
            self.headers.setdefault("connection", "close")

    @property
    def last(self) -> bool:
        """Whether its connection closes after the answer."""
        return self.headers.get("connection", "").lower() == "close"

    @property
    def continues(self) -> bool:
        """Whether the client waits for a word before it sends the body."""
        return self.headers.get("expect", "").lower() == "100-continue"


def _fields(lines: bytes) -> dict[str, str]:
    """Names are in lower case."""
    found = {}
    for line in lines.split(b"\r\n"):
        if line:
            name, colon, value = line.decode("latin-1").partition(":")
            if not colon:
                raise BadRequest(line[:100].decode("latin-1"))
            found[name.strip().lower()] = value.strip()
    return found


class Reader:
    """Turns the bytes of one connection into requests."""

    def __init__(self) -> None:
        self._data = b""
        self._request: Request | None = None
        self._left = 0
        """Bytes missing of the body, or of a chunk."""
        self._chunked = False
        self._state = "head"

    def feed(self, data: bytes) -> list[tuple[str, Any]]:
        """The events that these bytes complete: (`head`, Request), (`data`, bytes) or (`end`, Request).

        Raises BadRequest.
        """
        self._data += data
        events: list[tuple[str, Any]] = []
        while self._step(events):
            pass
        return events

    def _step(self, events: list[tuple[str, Any]]) -> bool:
        if self._state == "head":
            return self._head(events)
        if self._state == "data":
            return self._body(events)
        if self._state == "size":
            return self._size()
        return self._trailers(events)

    def _head(self, events: list[tuple[str, Any]]) -> bool:
        head, found, rest = self._data.partition(b"\r\n\r\n")
        if not found:
            if len(self._data) > _HEAD_LIMIT:
                raise BadRequest("the head is too long")
            return False
        self._data = rest
        self._request = request = Request(head.lstrip(b"\r\n"))
        events.append(("head", request))
        self._chunked = "chunked" in request.headers.get("transfer-encoding", "").lower()
        if self._chunked:
            self._state = "size"
            return True
        self._left = _number(request.headers.get("content-length", "0"), 10)
        self._state = "data"
        if not self._left:
            self._end(events)
        return True

    def _body(self, events: list[tuple[str, Any]]) -> bool:
        if not self._data:
            return False
        piece, self._data = self._data[: self._left], self._data[self._left :]
        self._left -= len(piece)
        events.append(("data", piece))
        if self._left:
            return False
        if self._chunked:
            self._state = "size"
        else:
            self._end(events)
        return True

    def _size(self) -> bool:
        """The line before a chunk, and the line end behind the last one."""
        data = self._data[2:] if self._data[:2] == b"\r\n" else self._data
        line, found, rest = data.partition(b"\r\n")
        if not found:
            if len(line) > _LINE_LIMIT:
                raise BadRequest("a chunk without size")
            return False
        self._left = _number(line.partition(b";")[0].decode("latin-1"), 16)
        self._state = "data" if self._left else "trailers"
        # An end without trailers is a line end alone, which then follows as if it closed them.
        self._data = rest if self._left else b"\r\n" + rest
        return True

    def _trailers(self, events: list[tuple[str, Any]]) -> bool:
        lines, found, rest = self._data.partition(b"\r\n\r\n")
        if not found:
            if len(self._data) > _HEAD_LIMIT * 2:
                raise BadRequest("the trailers are too long")
            return False
        if self._request is not None:
            self._request.trailers = _fields(lines)
        self._data = rest
        self._end(events)
        return True

    def _end(self, events: list[tuple[str, Any]]) -> None:
        events.append(("end", self._request))
        self._state = "head"


def _number(text: str, base: int) -> int:
    digits = text.strip()
    if not digits.isalnum() or not digits.isascii():
        raise BadRequest("no number: " + digits[:20])
    try:
        return int(digits, base)
    except ValueError:
        raise BadRequest("no number: " + digits[:20]) from None


def answer(status: int, headers: dict[str, str], body: bytes) -> bytes:
    """A whole answer."""
    lines = [f"HTTP/1.1 {status} {_REASONS[status]}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n" + body


def json_answer(status: int, content: dict[str, str]) -> bytes:
    """A whole answer with a JSON body."""
    return answer(status, {"Content-Type": "application/json"}, json.dumps(content).encode())
