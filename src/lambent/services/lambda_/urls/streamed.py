"""The response of a function URL whose InvokeMode is RESPONSE_STREAM, sent while the function makes it.

A response of the type below begins with its status, headers and cookies as JSON and eight NUL bytes; any other is a
body with the type that the function gave it. A function that returns its response whole is not read further: what it
returned is the body. Source: Lambda developer guide, "Response streaming".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from lambent.edge import EdgeResponse
from lambent.services.lambda_.urls.answer import failed, headed

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from lambent.invoke.streaming import ResponseStream

_PRELUDE = "application/vnd.awslambda.http-integration-response"
_DELIMITER = bytes(8)
_PRELUDE_LIMIT = 1 << 20


async def response_of(stream: ResponseStream) -> EdgeResponse:
    """The response, once its beginning is known. stream: of a call that has begun to answer, or is over.

    Raises AwsError where the call could not be made.
    """
    if stream.content_type is None:
        outcome = stream.outcome
        return failed() if outcome.error else EdgeResponse(200, [_type("application/json")], outcome.payload)
    pieces = stream.pieces()
    if stream.content_type != _PRELUDE:
        return EdgeResponse(200, [_type(stream.content_type)], pieces)
    start = b""
    async for piece in pieces:
        start += piece
        if _DELIMITER in start or len(start) > _PRELUDE_LIMIT:
            break
    prelude, found, rest = start.partition(_DELIMITER)
    head = headed(_parsed(prelude)) if found else None
    if head is None:
        await pieces.aclose()
        return failed()
    return EdgeResponse(*head, _joined(rest, pieces))


def _parsed(prelude: bytes) -> object:
    try:
        return orjson.loads(prelude)
    except orjson.JSONDecodeError:
        return None


def _type(content_type: str) -> tuple[bytes, bytes]:
    return b"content-type", content_type.encode("latin-1", "replace")


async def _joined(first: bytes, pieces: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    try:
        if first:
            yield first
        async for piece in pieces:
            yield piece
    finally:
        await pieces.aclose()
