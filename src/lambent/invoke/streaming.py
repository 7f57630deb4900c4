"""A call whose caller takes the response while the function still makes it.

May import runtime.spec. The function never waits for a caller who has left, and is held up by one who reads
slowly: what lies here is bounded.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from lambent.runtime.spec import Flow, Outcome

_HIGH_BYTES = 4 << 20
_LOW_BYTES = 1 << 20


class ResponseStream:
    """The response of one call: a receiver (`runtime.spec.Receiver`) on one side, its pieces on the other."""

    def __init__(self) -> None:
        self.content_type: str | None = None
        """None until a response begins that comes in pieces."""
        self._call: asyncio.Task[Outcome] | None = None
        self._flow: Flow | None = None
        self._pieces: deque[bytes] = deque()
        self._size = 0
        self._paused = False
        self._left = False
        self._something = asyncio.Event()

    def begin(self, content_type: str, flow: Flow) -> None:
        """A response in pieces begins."""
        self.content_type = content_type
        self._flow = flow
        self._something.set()

    def piece(self, data: bytes) -> None:
        """The next piece."""
        if self._left:
            return
        self._pieces.append(data)
        self._size += len(data)
        if self._size > _HIGH_BYTES and not self._paused and self._flow is not None:
            self._paused = True
            self._flow.pause()
        self._something.set()

    async def start(self, call: asyncio.Task[Outcome]) -> None:
        """Wait until a response begins or the call is over. Raises what the call raises before that.

        call: the call that this is the receiver of.
        """
        self._call = call
        call.add_done_callback(lambda _: self._something.set())
        while self.content_type is None and not call.done():
            await self._wait()
        if self.content_type is None:
            call.result()

    @property
    def outcome(self) -> Outcome:
        """What came of the call, once it is over. Raises what the call raised."""
        if self._call is None:
            raise AssertionError("the call has not been started")
        return self._call.result()

    async def pieces(self) -> AsyncGenerator[bytes]:
        """The pieces, until the call is over; nothing where the response comes whole.

        Closing it lets the function go on without anybody who reads.
        """
        try:
            while True:
                while self._pieces:
                    yield self._next()
                if self._call is None or self._call.done():
                    return
                await self._wait()
        finally:
            self._left = True
            self._pieces.clear()
            self._resume()

    def _next(self) -> bytes:
        data = self._pieces.popleft()
        self._size -= len(data)
        if self._size < _LOW_BYTES:
            self._resume()
        return data

    def _resume(self) -> None:
        # Behind the end of the call, what it came from is another call's.
        over = self._call is None or self._call.done()
        if self._paused and self._flow is not None and not over:
            self._paused = False
            self._flow.resume()

    async def _wait(self) -> None:
        self._something.clear()
        await self._something.wait()
