"""Serve the floor, or (`constant`) a server that only answers, on a free port until SIGTERM; its address is printed."""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import TYPE_CHECKING, Any

import uvloop

from bench.floor.constant import Constant
from bench.floor.workers import Workers, fork_workers
from bench.plan import CLIENTS, EVENT
from lambent.clock import RealClock
from lambent.wire.http import HttpServer

if TYPE_CHECKING:
    import socket
    from collections.abc import Awaitable, Callable, MutableMapping

_HOST = "127.0.0.1"


def echo(workers: Workers) -> Callable[..., Awaitable[None]]:
    """An ASGI application: a body goes to a worker and comes back."""

    async def app(
        _scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[Any]],
        send: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None:
        message = await receive()
        body = message["body"]
        if message.get("more_body"):
            parts = [body]
            while message.get("more_body"):
                message = await receive()
                parts.append(message["body"])
            body = b"".join(parts)
        answer = await workers.call(body)
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(answer))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    return app


async def serve_echo(ends: list[socket.socket]) -> None:
    """Serve until SIGTERM."""
    server = HttpServer(echo(Workers(ends)), host=_HOST, port=0, clock=RealClock())
    await server.start()
    await _until_told(server.address[1])
    await server.stop(1.0)


async def serve_constant() -> None:
    """Serve until SIGTERM."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Constant(EVENT.encode()), _HOST, 0)
    await _until_told(server.sockets[0].getsockname()[1])
    server.close()


async def _until_told(port: int) -> None:
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    print(f"ready on http://{_HOST}:{port}", flush=True)
    await told.wait()


if __name__ == "__main__":
    uvloop.run(serve_constant() if "constant" in sys.argv[1:] else serve_echo(fork_workers(CLIENTS)))
