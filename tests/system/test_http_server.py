"""The HTTP server on a real socket, started and stopped."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from eventloop import turns
from lambent.clock import VirtualClock
from lambent.wire.http import HttpServer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambent.wire.reading import Receive


async def test_a_stop_lets_requests_end_within_the_grace_and_no_longer() -> None:
    clock = VirtualClock()
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def waits(scope: Mapping[str, Any], _receive: Receive, send: Any) -> None:
        begun.set()
        if scope["path"] == "/ends":
            await go_on.wait()
        else:
            await asyncio.Event().wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
        await send({"type": "http.response.body", "body": b"done"})

    server = HttpServer(waits, host="127.0.0.1", port=0, clock=clock)
    await server.start()
    answers = []
    for path in (b"/ends", b"/never"):
        reader, writer = await asyncio.open_connection(*server.address)
        writer.write(b"GET %s HTTP/1.1\r\nhost: x\r\n\r\n" % path)
        begun.clear()
        await begun.wait()
        answers.append((reader, writer))

    stopping = asyncio.ensure_future(server.stop(30))
    await turns(5)
    go_on.set()
    assert (await answers[0][0].read()).endswith(b"done")
    assert not stopping.done()
    await clock.advance(31)
    await stopping
    assert await answers[1][0].read() == b""
    for _, writer in answers:
        writer.close()
        await writer.wait_closed()
