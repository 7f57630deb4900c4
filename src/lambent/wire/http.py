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
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
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
KEEP_ALIVE_S = 75
"""How long an idle connection is kept: longer than AWS's SDKs keep theirs."""
_BACKLOG = 2048


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
            timeout_keep_alive=KEEP_ALIVE_S,
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


class _Protocol(HttpToolsProtocol):
    """uvicorn's protocol, with limits on heads and on silence."""

    def __init__(self, config: uvicorn.Config, state: ServerState, app_state: dict[str, Any], *, clock: Clock) -> None:
        super().__init__(config, state, app_state)
        self._clock = clock
        self._in_head = False
        self._head_bytes = 0
        self._incomplete = False
        self._silent = False
        self._watch: Timer | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to watch: a client that connects has something to say."""
        super().connection_made(transport)
        self._incomplete = True
        self._arm()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        super().connection_lost(exc)
        if self._watch is not None:
            self._watch.cancel()

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        self._silent = False
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
        if self._watch is None:
            self._arm()

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

    def send_400_response(self, msg: str) -> None:
        """What cannot be parsed is refused, unless it was refused already."""
        if not self.transport.is_closing():
            super().send_400_response(msg)

    def _refuse_head(self) -> None:
        self._refuse(431, "The request's headers are too large.")

    def _arm(self) -> None:
        self._silent = True
        self._watch = self._clock.call_later(STALLED_S, self._look)

    def _look(self) -> None:
        """Once in a while, as long as requests come, look whether the one that is under way has stalled."""
        self._watch = None
        if not self._incomplete or self.transport.is_closing():
            return
        if self._silent:
            self._refuse(408, "The request did not go on.")
        else:
            self._arm()

    def _refuse(self, status: int, text: str) -> None:
        if self.transport.is_closing():
            return
        head = f"content-type: text/plain\r\ncontent-length: {len(text)}\r\nconnection: close\r\n\r\n"
        self.transport.write(STATUS_LINE[status] + head.encode() + text.encode())
        self.transport.close()


class _TooLargeError(Exception):
    """Ends the parsing of a request that is refused already; httptools makes a parser error of it."""
