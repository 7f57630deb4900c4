"""Ends streams that are nobody's once their client has left, instead of telling them on into the void.

Most of what a client asks for goes on when it leaves; a stream of news has nothing but the telling.
May import nothing of Lambent.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    Receive = Callable[[], Awaitable[Mapping[str, Any]]]
    Send = Callable[[Mapping[str, Any]], Awaitable[None]]
    App = Callable[[Mapping[str, Any], Receive, Send], Awaitable[None]]

_TARGET = b"x-amz-target"


class Leaving:
    """An ASGI application around another one."""

    def __init__(self, app: App, targets: frozenset[bytes]) -> None:
        """`targets`: the `X-Amz-Target` of those operations that end with their clients."""
        self._app = app
        self._targets = targets

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one HTTP request."""
        # Operations that are named by a header are all at the root, and what is most in a hurry is not.
        if scope["path"] != "/" or not self._is_watched(scope):
            await self._app(scope, receive, send)
            return
        watch = _Watch(receive, send)
        try:
            await self._app(scope, receive, watch.send)
        except _ClientLeftError:
            return
        finally:
            watch.end()

    def _is_watched(self, scope: Mapping[str, Any]) -> bool:
        return any(name == _TARGET and value in self._targets for name, value in scope["headers"])


class _Watch:
    """Looks for the end of a connection from the first part of a stream on."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._left: asyncio.Task[None] | None = None

    async def send(self, message: Mapping[str, Any]) -> None:
        """Send a part. Raises _ClientLeftError, so that whoever streams comes to an end."""
        if self._left is None:
            if message.get("more_body"):
                self._left = asyncio.create_task(self._leave(), name="watch a client")
        elif self._left.done():
            raise _ClientLeftError
        await self._send(message)

    def end(self) -> None:
        """Look no longer."""
        if self._left is not None:
            self._left.cancel()

    async def _leave(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass


class _ClientLeftError(Exception):
    """Nobody takes what is sent."""
