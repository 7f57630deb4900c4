"""The HTTP/1.1 server: uvicorn's protocol on httptools, with limits, and started and stopped by us.

uvicorn's own main loop wakes up ten times a second, whatever happens; here nothing runs while nothing comes. May import
`clock` and nothing else of Lambent.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http import httptools_impl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from lambent.clock import Clock, Timer

_log = logging.getLogger(__name__)

HEADERS_BYTES = 65_536
"""A request's target and headers together."""
HEADERS_COUNT = 200
STALLED_S = 60.0
"""How long a client may be silent in the middle of a request."""
KEEP_ALIVE_S = 75.0
"""How long an idle connection is kept, at least: longer than AWS's SDKs keep theirs."""
_BACKLOG = 2048
_JOINED_BYTES = 65_536
"""Bodies up to here are copied behind their heads; larger ones are handed over as they are."""
_BODILESS = frozenset((204, 304))


class HttpServer:
    """Serves an ASGI application on one address. The constructor starts nothing."""

    def __init__(self, app: Callable[..., Awaitable[None]], *, host: str, port: int, clock: Clock) -> None:
        """port: 0 takes a free one."""
        self._state = ServerState()
        self._clock = clock
        self._host, self._port = host, port
        self._server: asyncio.Server | None = None
        self._config = uvicorn.Config(
            app,
            http="httptools",
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
        )

    @property
    def address(self) -> tuple[str, int]:
        """Host and port, once it is started."""
        if self._server is None:
            raise RuntimeError("the server is not started")
        host, port = self._server.sockets[0].getsockname()[:2]
        return host, port

    async def start(self) -> None:
        """Listen. Raises OSError where the address cannot be had."""
        protocol = partial(_Protocol, self._config, self._state, {}, clock=self._clock)
        self._server = await asyncio.get_running_loop().create_server(
            protocol, self._host, self._port, backlog=_BACKLOG
        )

    async def stop(self, grace_s: float) -> None:
        """Take no more connections; requests that are under way may end within the grace."""
        if self._server is None:
            return
        self._server.close()
        for connection in list(self._state.connections):
            connection.shutdown()
        if self._state.tasks:
            over = asyncio.Event()
            timer = self._clock.call_later(grace_s, over.set)
            ended = asyncio.ensure_future(_all_ended(self._state.tasks))
            late = asyncio.ensure_future(over.wait())
            await asyncio.wait([ended, late], return_when=asyncio.FIRST_COMPLETED)
            timer.cancel()
            ended.cancel()
            late.cancel()
        for task in list(self._state.tasks):
            task.cancel()
        for connection in list(self._state.connections):
            connection.transport.close()


async def _all_ended(tasks: set[asyncio.Task[None]]) -> None:
    while tasks:
        await asyncio.wait(list(tasks))


class _Cycle(RequestResponseCycle):
    """uvicorn's request and response, whose head and first part of the body leave together: one write for most answers.

    Names of headers are in lower case and without strange characters, since they come from the wire's own writers or
    were checked where a function chose them; a line break in a value is refused here, too.
    """

    _head: bytes | None = None

    async def send(self, message: Any) -> None:
        """Take a message of the application's."""
        if not self.response_started and message["type"] == "http.response.start":
            self._head = self._framed(message["status"], message["headers"])
            self.response_started = True
            self.waiting_for_100_continue = False
            return
        if self._head is None or message["type"] != "http.response.body":
            await super().send(message)
            return
        head, self._head = self._head, None
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        body = message.get("body", b"")
        if self.disconnected:
            return
        if self.chunked_encoding or message.get("more_body") or self.scope["method"] == "HEAD":
            self.transport.write(head)
            await super().send(message)
            return
        if len(body) != self.expected_content_length:
            raise RuntimeError("the body is not as long as its head says")
        if len(body) < _JOINED_BYTES:
            self.transport.write(head + body)
        else:
            self.transport.writelines((head, body))
        self.response_complete = True
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()

    def _framed(self, status: int, headers: list[tuple[bytes, bytes]]) -> bytes:
        lines = [b"%b: %b\r\n" % header for header in headers]
        for name, value in headers:
            if name == b"content-length":
                self.expected_content_length = int(value)
                self.chunked_encoding = False
            elif name == b"connection":
                self.keep_alive = False
                return self._framed(status, [header for header in headers if header[0] != b"connection"])
        if not self.keep_alive:
            lines.append(b"connection: close\r\n")
        if self.chunked_encoding is None and self.scope["method"] != "HEAD" and status not in _BODILESS:
            self.chunked_encoding = True
            lines.append(b"transfer-encoding: chunked\r\n")
        block = b"".join(lines)
        if block.count(b"\n") != len(lines) or block.count(b"\r") != len(lines):
            raise RuntimeError("a header has a line break")
        return b"%b%b\r\n" % (STATUS_LINE[status], block)


# The protocol makes its cycles by this name.
httptools_impl.RequestResponseCycle = _Cycle  # type: ignore[misc]


class _Protocol(HttpToolsProtocol):
    """uvicorn's protocol, with limits on heads and on silence; a timer per connection, not per request."""

    def __init__(self, config: uvicorn.Config, state: ServerState, app_state: dict[str, Any], *, clock: Clock) -> None:
        super().__init__(config, state, app_state)
        self._clock = clock
        self._in_head = False
        self._head_bytes = 0
        self._incomplete = False
        self._quiet = False
        """Whether nothing was received or answered since the timer was set."""
        self._watch: Timer | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to watch: a client that connects has something to say."""
        super().connection_made(transport)
        self._incomplete = True
        self._arm(STALLED_S)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        super().connection_lost(exc)
        if self._watch is not None:
            self._watch.cancel()

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        self._quiet = False
        goes_on = self._in_head
        super().data_received(data)
        if goes_on and self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > HEADERS_BYTES:
                self._refuse_head()

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._head_bytes = 0
        self._in_head = self._incomplete = True

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._in_head = False
        size = len(self.url) + sum([len(name) + len(value) for name, value in self.headers])
        if size > HEADERS_BYTES or len(self.headers) > HEADERS_COUNT:
            self._refuse_head()
            raise _TooLargeError
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """A request is whole."""
        self._incomplete = False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """An answer is sent: on with the next request, where one waits."""
        self.server_state.total_requests += 1
        self._quiet = False
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())

    def _unsupported_upgrade_warning(self) -> None:
        """An upgrade is an offer, which is not taken: the request is answered as it is."""

    def send_400_response(self, msg: str) -> None:
        """What cannot be parsed is refused, unless it was refused already."""
        if not self.transport.is_closing():
            super().send_400_response(msg)

    def _refuse_head(self) -> None:
        self._refuse(431, "The request's headers are too large.")

    def _arm(self, delay_s: float) -> None:
        self._quiet = True
        self._watch = self._clock.call_later(delay_s, self._look)

    def _look(self) -> None:
        """See once in a while whether the client has stalled, or has nothing to say any more."""
        if self.transport.is_closing():
            return
        if self._incomplete:
            if self._quiet:
                self._refuse(408, "The request did not go on.")
            else:
                self._arm(STALLED_S)
        elif self._quiet and (self.cycle is None or self.cycle.response_complete):
            self.transport.close()
        else:
            self._arm(KEEP_ALIVE_S)

    def _refuse(self, status: int, text: str) -> None:
        if self.transport.is_closing():
            return
        head = f"content-type: text/plain\r\ncontent-length: {len(text)}\r\nconnection: close\r\n\r\n"
        self.transport.write(STATUS_LINE[status] + head.encode() + text.encode())
        self.transport.close()


class _TooLargeError(Exception):
    """Ends the parsing of a request that is refused already; httptools makes a parser error of it."""
