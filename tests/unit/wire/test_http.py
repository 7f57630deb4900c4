"""The HTTP protocol, bytes in and bytes out, on the virtual clock."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from eventloop import turns
from lambent.clock import VirtualClock
from lambent.wire.http import HEADERS_BYTES, STALLED_S, _Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambent.wire.reading import Receive


async def echo(scope: Mapping[str, Any], receive: Receive, send: Any) -> None:
    """Answers with path and body."""
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    answer = scope["path"].encode() + b" " + body
    headers = [(b"content-length", str(len(answer)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


class Wire(asyncio.Transport):
    """A connection in memory."""

    def __init__(self) -> None:
        super().__init__({"sockname": ("127.0.0.1", 4566), "peername": ("127.0.0.1", 9)})
        self.sent = b""
        self.closed = False

    def write(self, data: Any) -> None:
        self.sent += bytes(data)

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None:
        """Nothing comes by itself here."""

    def resume_reading(self) -> None:
        """Nothing comes by itself here."""


@pytest.fixture
async def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
async def connection(clock: VirtualClock) -> tuple[_Protocol, Wire]:
    config = uvicorn.Config(echo, ws="none", lifespan="off", interface="asgi3", log_config=None, date_header=False)
    protocol = _Protocol(config, ServerState(), {}, clock=clock)
    wire = Wire()
    protocol.connection_made(wire)
    return protocol, wire


async def test_a_request_is_answered_and_the_connection_kept(connection: tuple[_Protocol, Wire]) -> None:
    protocol, wire = connection
    protocol.data_received(b"GET /a HTTP/1.1\r\nhost: x\r\n\r\n")
    await turns(5)
    assert wire.sent == b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n/a "
    assert not wire.closed


async def test_pipelined_requests_are_answered_in_order(connection: tuple[_Protocol, Wire]) -> None:
    protocol, wire = connection
    one = b"POST /%d HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n\r\n%d"
    protocol.data_received(one % (1, 1) + one % (2, 2) + one % (3, 3))
    await turns(20)
    assert [wire.sent.find(b"/%d %d" % (number, number)) > 0 for number in (1, 2, 3)] == [True] * 3
    assert wire.sent.index(b"/1 1") < wire.sent.index(b"/2 2") < wire.sent.index(b"/3 3")


async def test_a_client_that_waits_for_100_is_told_to_go_on(connection: tuple[_Protocol, Wire]) -> None:
    protocol, wire = connection
    protocol.data_received(b"PUT /b HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\nexpect: 100-continue\r\n\r\n")
    await turns(5)
    assert wire.sent == b"HTTP/1.1 100 Continue\r\n\r\n"
    protocol.data_received(b"hi")
    await turns(5)
    assert wire.sent.endswith(b"/b hi")


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /%s HTTP/1.1\r\n\r\n" % (b"x" * HEADERS_BYTES),
        b"GET / HTTP/1.1\r\na: %s" % (b"x" * 2 * HEADERS_BYTES),
        b"GET / HTTP/1.1\r\na: %s\r\n\r\n" % (b"x" * HEADERS_BYTES),
        b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 300 + b"\r\n",
    ],
    ids=["target", "unfinished", "header", "number"],
)
async def test_a_head_over_its_limits_is_refused(connection: tuple[_Protocol, Wire], request_: bytes) -> None:
    protocol, wire = connection
    for start in range(0, len(request_), 4096):
        protocol.data_received(request_[start : start + 4096])
        if wire.closed:
            break
    await turns(5)
    assert wire.sent.startswith(b"HTTP/1.1 431 ")
    assert wire.sent.count(b"HTTP/1.1") == 1
    assert wire.closed


async def test_what_is_not_http_is_refused(connection: tuple[_Protocol, Wire]) -> None:
    protocol, wire = connection
    protocol.data_received(b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n")
    assert wire.sent.startswith(b"HTTP/1.1 400 ")
    assert wire.closed


@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\nhost", b"PUT / HTTP/1.1\r\ncontent-length: 9\r\n\r\nab"])
async def test_a_client_that_stalls_is_sent_away(
    connection: tuple[_Protocol, Wire], clock: VirtualClock, begun: bytes
) -> None:
    protocol, wire = connection
    if begun:
        protocol.data_received(begun)
    await clock.advance(2 * STALLED_S + 1)
    assert wire.sent.startswith(b"HTTP/1.1 408 ")
    assert wire.closed


async def test_a_slow_client_that_goes_on_is_waited_for(
    connection: tuple[_Protocol, Wire], clock: VirtualClock
) -> None:
    protocol, wire = connection
    protocol.data_received(b"PUT /s HTTP/1.1\r\ncontent-length: 4\r\n\r\n")
    for _ in range(4):
        await clock.advance(STALLED_S - 1)
        protocol.data_received(b"x")
    await turns(5)
    assert wire.sent.endswith(b"/s xxxx")
    await clock.advance(10 * STALLED_S)
    assert b"408" not in wire.sent
