"""Worker processes that answer each frame with its own body, and the pool of them."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, NoReturn

from lambent.runtime.channel import Answer, Channel, socket_pair
from lambent.runtime.guest import frames

if TYPE_CHECKING:
    import socket

_RECEIVE_BYTES = 1 << 16
_HEAD = b"{}"


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
    try:
        while (body := _receive(sock)) is not None:
            _send(sock, body)
    finally:
        os._exit(0)


def _receive(sock: socket.socket) -> bytes | None:
    data: bytes | bytearray = sock.recv(_RECEIVE_BYTES)
    while data and len(data) < frames.HEADER.size:
        more = sock.recv(_RECEIVE_BYTES)
        data = data + more if more else b""
    if not data:
        return None
    _, head, body = frames.HEADER.unpack_from(data)
    missing = frames.HEADER.size + head + body - len(data)
    if missing > 0:
        rest = frames.receive_exactly(sock, missing)
        if rest is None:
            return None
        data = data + rest
    return bytes(data[frames.HEADER.size + head :])


def _send(sock: socket.socket, body: bytes) -> None:
    head = frames.FACTS.pack(1, 0.0, 0)
    if len(body) < _RECEIVE_BYTES:
        sock.sendall(frames.encode(frames.RESULT, head, body))
    else:
        sock.sendall(frames.HEADER.pack(frames.RESULT, len(head), len(body)) + head)
        sock.sendall(body)


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
