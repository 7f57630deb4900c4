"""The ASGI application under `/_lambent/`, for people, scripts and Lambent's own command line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl

import orjson

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from re import Pattern

    Receive = Callable[[], Awaitable[Mapping[str, Any]]]
    Send = Callable[[Mapping[str, Any]], Awaitable[None]]
    Page = Callable[["Request"], Awaitable["Answer"]]

PREFIX = "/_lambent/"


class Request(NamedTuple):
    """What a page is asked."""

    groups: Mapping[str, str]
    """The named parts of the path."""
    query: Mapping[str, str]


class Answer(NamedTuple):
    """What a page answers."""

    status: int
    content_type: str
    body: bytes


def json_answer(content: Any, status: int = 200) -> Answer:
    """An answer in JSON."""
    return Answer(status, "application/json", orjson.dumps(content, option=orjson.OPT_APPEND_NEWLINE))


class Admin:
    """Finds the page for a path. Every page is read-only, so that only GET and HEAD are answered."""

    def __init__(self, pages: Mapping[str, Page]) -> None:
        """`pages`: from a pattern of the path below `/_lambent/` to what answers it."""
        self._pages: Sequence[tuple[Pattern[str], Page]] = [
            (re.compile(pattern), page) for pattern, page in pages.items()
        ]

    async def __call__(self, scope: Mapping[str, Any], _receive: Receive, send: Send) -> None:
        """Serve one HTTP request."""
        answer = await self._answer(scope)
        headers = [
            (b"content-type", answer.content_type.encode()),
            (b"content-length", str(len(answer.body)).encode()),
            (b"cache-control", b"no-store"),
        ]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        body = b"" if scope["method"] == "HEAD" else answer.body
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Mapping[str, Any]) -> Answer:
        if scope["method"] not in {"GET", "HEAD"}:
            return json_answer({"error": "only GET and HEAD are answered here"}, 405)
        path = scope["path"].removeprefix(PREFIX)
        for pattern, page in self._pages:
            if found := pattern.fullmatch(path):
                query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
                return await page(Request(found.groupdict(), query))
        return json_answer({"error": f"there is nothing at {scope['path']}"}, 404)
