"""The client that posts to endpoints, against endpoints of every kind of bad manners."""

from __future__ import annotations

import asyncio
import base64
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from lambent.clock import VirtualClock
from lambent.services.sns.post import TIMEOUT_S, Poster

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Endpoint:
    """Answers every connection with the same bytes, or never."""

    def __init__(self, answer: bytes | None) -> None:
        self.answer = answer
        self.heard = b""
        self.asked = asyncio.Event()
        self.url = ""
        self._end = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.heard = head + await reader.readexactly(4)
        self.asked.set()
        if self.answer is None:
            await self._end.wait()
        else:
            writer.write(self.answer)
        writer.close()

    @asynccontextmanager
    async def open(self, user: str = "") -> AsyncIterator[Endpoint]:
        server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        self.url = f"http://{user}127.0.0.1:{server.sockets[0].getsockname()[1]}/hook?a=b"
        async with server:
            yield self
            self._end.set()


async def post(endpoint: Endpoint, clock: VirtualClock | None = None) -> int:
    return await Poster(clock or VirtualClock()).post(endpoint.url, {"X-A": "1"}, b"body")


@pytest.mark.parametrize("answer", [b"", b"garbage\r\n\r\n", b"HTTP/1.1\r\n", b"HTTP/2 200 OK\r\n", b"x" * 100_000])
async def test_what_is_no_answer_is_a_failed_connection(answer: bytes) -> None:
    async with Endpoint(answer).open() as endpoint:
        with pytest.raises(OSError, match="endpoint"):
            await post(endpoint)


async def test_nobody_there_is_an_error_of_the_connection() -> None:
    endpoint = Endpoint(b"")
    async with endpoint.open():
        pass
    with pytest.raises(ConnectionRefusedError):
        await post(endpoint)


async def test_silence_ends_after_fifteen_seconds() -> None:
    clock = VirtualClock()
    async with Endpoint(None).open() as endpoint:
        posting = asyncio.create_task(post(endpoint, clock))
        await endpoint.asked.wait()
        await clock.advance(TIMEOUT_S - 1)
        assert not posting.done()
        await clock.advance(1)
        with pytest.raises(TimeoutError, match="no answer within 15 s"):
            await posting


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204),
        (b"HTTP/1.0 500\r\n", 500),
        (b"HTTP/1.1 100 Continue\r\nA: b\r\n\r\nHTTP/1.1 201 Created\r\n\r\n", 201),
    ],
)
async def test_the_status_is_read(answer: bytes, status: int) -> None:
    async with Endpoint(answer).open() as endpoint:
        assert await post(endpoint) == status


async def test_the_request_has_its_path_its_headers_and_the_credentials_of_the_url() -> None:
    async with Endpoint(b"HTTP/1.1 200 OK\r\n\r\n").open("me:p%40ss@") as endpoint:
        await post(endpoint)
    head, _, body = endpoint.heard.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /hook?a=b HTTP/1.1"
    assert body == b"body"
    assert {"X-A: 1", "Content-Length: 4"} <= set(lines)
    assert f"Authorization: Basic {base64.b64encode(b'me:p@ss').decode()}" in lines
    assert next(line for line in lines if line.startswith("Host:")).startswith("Host: 127.0.0.1:")
