"""A server that answers all requests with the same bytes: tells what the load generator itself can do."""

from __future__ import annotations

import asyncio


class Constant(asyncio.Protocol):
    """A connection. Requests are small and come whole and one by one, as the generator sends them."""

    _transport: asyncio.Transport

    def __init__(self, body: bytes) -> None:
        self._answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._transport = transport

    def data_received(self, _data: bytes) -> None:
        self._transport.write(self._answer)
