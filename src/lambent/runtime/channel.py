"""The server's end of a channel: one frame out, one back (several where a response comes in pieces), as fast as can be.

May import guest.frames. The socket is read and written directly from the loop's readiness callbacks: a call is then one
send and one receive, without a transport's buffers between. What comes from a function's process is not trusted: a
frame that makes no sense closes the channel.
"""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, NamedTuple

from lambent.runtime.guest.frames import CHUNK, FACTS, FATAL, HEADER, INIT_ERROR, MAX_BODY, MAX_HEAD, READY, STREAM

if TYPE_CHECKING:
    from collections.abc import Callable

_RECEIVE_BYTES = 1 << 16
_JOIN_BELOW = 1 << 16
_BUFFER_BYTES = 1 << 20
_LONGEST_MS = 1e9
_OF_INITIALISATION = (READY, INIT_ERROR)
_FOLLOWED = (STREAM, CHUNK)
"""The frames that others may come right behind."""


class Answer(NamedTuple):
    """A frame from a runtime."""

    kind: int
    """READY, INIT_ERROR, RESULT, ERROR, STREAM, CHUNK or FATAL of `guest.frames`."""
    number: int
    """Of the call that it answers; 0 with READY and INIT_ERROR."""
    took_ms: float
    peak_kib: int
    """The most memory that the process has held so far."""
    error_type: str
    """Empty where there is no error."""
    event: str
    """The log event that tells of the error."""
    body: bytes


class BrokenFrame(Exception):  # noqa: N818  the other side's mistake
    """Bytes that are no frame."""


def socket_pair() -> tuple[socket.socket, socket.socket]:
    """The server's end, non-blocking, and the runtime's."""
    ours, theirs = socket.socketpair()
    for end in (ours, theirs):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER_BYTES)
    ours.setblocking(False)
    return ours, theirs


def read_header(data: bytes) -> tuple[int, int, int] | None:
    """Kind, length of head and length of body; None when more bytes are needed. Raises BrokenFrame."""
    if len(data) < HEADER.size:
        return None
    kind, head, body = HEADER.unpack_from(data)
    if not READY <= kind <= FATAL or not FACTS.size <= head <= MAX_HEAD or body > MAX_BODY:
        raise BrokenFrame(data[: HEADER.size].hex())
    return kind, head, body


def answer_of(kind: int, head: bytes, body: bytes) -> Answer:
    """The frame as an answer. Raises BrokenFrame."""
    number, took_ms, peak_kib = FACTS.unpack_from(head)
    # A comparison with NaN is false.
    if (number == 0) != (kind in _OF_INITIALISATION) or not 0 <= took_ms < _LONGEST_MS:
        raise BrokenFrame(head[: FACTS.size].hex())
    if len(head) == FACTS.size:
        return Answer(kind, number, took_ms, peak_kib, "", "", body)
    error_type, _, event = head[FACTS.size :].decode("utf-8", "replace").partition("\0")
    return Answer(kind, number, took_ms, peak_kib, error_type, event, body)


class Channel:
    """Frames to and from one runtime."""

    def __init__(self, sock: socket.socket, on_answer: Callable[[Answer], None], on_close: Callable[[], None]) -> None:
        """on_close: once, when the other side is gone or sent what is no frame; not after `close`."""
        self._sock = sock
        self._fd = sock.fileno()
        self._on_answer = on_answer
        self._on_close = on_close
        self._loop = asyncio.get_running_loop()
        self._parts: list[bytes] = []
        self._missing = 0
        self._unsent: list[memoryview] = []
        self._open = True
        self._loop.add_reader(self._fd, self._readable)

    def send(self, kind: int, head: bytes, body: bytes) -> None:
        """Send a frame; only one is under way at a time. A channel that is closed takes it and does nothing."""
        start = HEADER.pack(kind, len(head), len(body)) + head
        if len(body) >= _JOIN_BELOW:
            self._unsent = [memoryview(start), memoryview(body)]
            self._write()
            return
        data = start + body
        try:
            sent = self._sock.send(data) if self._open else len(data)
        except OSError:
            # Busy or gone: writing it the slow way tells which.
            sent = 0
        if sent < len(data):
            self._unsent = [memoryview(data)[sent:]]
            self._write()

    def drain(self) -> None:
        """Read what has arrived already."""
        while self._open and self._read():
            pass

    def pause(self) -> None:
        """Read no more for now: whoever takes the pieces of a response is slow."""
        if self._open:
            self._loop.remove_reader(self._fd)

    def resume(self) -> None:
        """Read again."""
        if self._open:
            self._loop.add_reader(self._fd, self._readable)

    def close(self) -> None:
        """Let go of it."""
        if self._open:
            self._open = False
            self._loop.remove_reader(self._fd)
            if self._unsent:
                self._loop.remove_writer(self._fd)
            self._sock.close()

    def _write(self) -> None:
        while self._unsent and self._open:
            first = self._unsent[0]
            try:
                sent = self._sock.send(first)
            except (BlockingIOError, InterruptedError):
                self._loop.add_writer(self._fd, self._writable)
                return
            except OSError:
                # The other side is gone; its end of file is about to be read.
                self._unsent = []
                return
            if sent == len(first):
                del self._unsent[0]
            else:
                self._unsent[0] = first[sent:]

    def _writable(self) -> None:
        self._loop.remove_writer(self._fd)
        self._write()

    def _readable(self) -> None:
        self._read()

    def _read(self) -> bool:
        """Whether there was something."""
        try:
            data = self._sock.recv(_RECEIVE_BYTES)
        except (BlockingIOError, InterruptedError):
            return False
        except OSError:
            data = b""
        if not data:
            self._lost()
            return False
        try:
            self._take(data)
        except BrokenFrame:
            self._lost()
        return True

    def _take(self, data: bytes) -> None:
        if self._parts:
            self._parts.append(data)
            self._missing -= len(data)
            if self._missing > 0:
                return
            data = b"".join(self._parts)
            self._parts = []
        while data and self._open:
            header = read_header(data)
            if header is None:
                self._parts, self._missing = [data], HEADER.size - len(data)
                return
            kind, head, body = header
            end = HEADER.size + head + body
            if len(data) < end:
                self._parts, self._missing = [data], end - len(data)
                return
            at = HEADER.size + head
            answer = answer_of(kind, data[HEADER.size : at], data[at:end])
            data = data[end:]
            if data and kind not in _FOLLOWED:
                raise BrokenFrame("bytes behind the frame")
            self._on_answer(answer)

    def _lost(self) -> None:
        if self._open:
            self.close()
            self._on_close()
