"""Worker processes as Lambent's environments have them, with a function that echoes, and the pool of them."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING, NoReturn

from lambent.runtime.channel import Answer, Channel, socket_pair
from lambent.runtime.guest import frames, marshal, output, runtime
from lambent.runtime.guest.faults import Faults

if TYPE_CHECKING:
    import socket

_RUNTIME = f"python3.{sys.version_info.minor}"
_HEAD = b'{"number":1,"id":"e746f1f8-68d8-478a-ac6d-b85b1ce991f9","arn":"","remaining_ms":3000.0,"trace":null}'


def fork_workers(count: int) -> list[socket.socket]:
    """The server's ends of so many workers. To be called before there is an event loop."""
    ends: list[socket.socket] = []
    for _ in range(count):
        ours, theirs = socket_pair()
        if os.fork() == 0:
            # A worker that held another's server end would keep that one alive for ever.
            for end in (*ends, ours):
                end.close()
            _work(theirs)
        theirs.close()
        ends.append(ours)
    return ends


def _work(sock: socket.socket) -> NoReturn:
    """Serve calls as an environment's process does, with a function that echoes, until the other end closes."""
    records = output.Records(2, bytes(16))
    faults = Faults([], with_request_id=True)
    form = output.Format({})
    runtime.Server(sock, lambda event, _: event, records, faults, marshal.encoder(_RUNTIME), form).run()
    os._exit(0)


class _Worker:
    def __init__(self, sock: socket.socket) -> None:
        self._channel = Channel(sock, self._on_answer, self._on_close)
        self._waiting: asyncio.Future[bytes] | None = None

    def call(self, body: bytes) -> asyncio.Future[bytes]:
        self._waiting = asyncio.get_running_loop().create_future()
        self._channel.send(frames.INVOKE, _HEAD, body)
        return self._waiting

    def _on_answer(self, answer: Answer) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(answer.body)

    def _on_close(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(ConnectionError("a worker ended"))


class Workers:
    """A pool, last used first."""

    def __init__(self, ends: list[socket.socket]) -> None:
        self._idle: asyncio.LifoQueue[_Worker] = asyncio.LifoQueue()
        for end in ends:
            self._idle.put_nowait(_Worker(end))

    async def call(self, body: bytes) -> bytes:
        """Have a worker echo a body."""
        worker = await self._idle.get()
        try:
            return await worker.call(body)
        finally:
            self._idle.put_nowait(worker)
