"""What a function prints, from its pipe to log events.

May import guest.frames. Pure but for `LogPipe`. Memory is bounded whatever a function prints: a line is cut at Lambda's
largest event, the tail keeps 4 KiB, and the pipe itself makes a function wait that prints faster than it is read.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import secrets
import termios
from array import array
from typing import TYPE_CHECKING

from lambent.runtime.guest.frames import RECORD

if TYPE_CHECKING:
    from collections.abc import Callable

_MARKER_BYTES = 16
TAIL_BYTES = 4096
EVENT_BYTES = 256 * 1024
"""CloudWatch Logs' largest event; longer lines go on in the next one."""
_READ_BYTES = 65536
_DRAIN_LIMIT = 1 << 20


def new_marker() -> bytes:
    """What stands before each piece of a record, and nobody can guess. It has no line feed: no line ends within."""
    return secrets.token_hex(_MARKER_BYTES // 2).encode()


class Splitter:
    """Turns the bytes of a pipe into log events: a line each, or a whole record."""

    def __init__(self, marker: bytes, keep: Callable[[str], bool] | None = None) -> None:
        """marker: of `new_marker`. keep: whether a line is an event; None takes all. Records always are."""
        self._marker = marker
        self._wanted = keep
        self._rest = b""
        self._record = b""

    @property
    def pending(self) -> bool:
        """Whether part of a line or of a record waits for the rest."""
        return bool(self._rest or self._record)

    def feed(self, data: bytes) -> list[str]:
        """The events that these bytes complete."""
        data = self._rest + data
        events: list[str] = []
        at = 0
        while (found := data.find(self._marker, at)) >= 0:
            self._rest = b""
            plain = data[at:found]
            if plain:
                events.extend(self._lines(plain))
            end = self._take_piece(data, found, events)
            if end is None:
                self._rest = data[found:]
                return events
            at = end
        self._keep(data[at:] if at else data, events)
        return events

    def flush(self) -> list[str]:
        """What is left of a line that nobody ended."""
        rest, self._rest = self._rest, b""
        record, self._record = self._record, b""
        return self._lines(rest) + ([record.decode("utf-8", "replace")] if record else [])

    def _take_piece(self, data: bytes, found: int, events: list[str]) -> int | None:
        """Where the piece ends; None when it has not arrived whole."""
        start = found + len(self._marker) + RECORD.size
        if len(data) < start:
            return None
        goes_on, length = RECORD.unpack_from(data, start - RECORD.size)
        if len(data) < start + length:
            return None
        self._record += data[start : start + length]
        if not goes_on or len(self._record) > EVENT_BYTES:
            events.append(self._record[:EVENT_BYTES].decode("utf-8", "replace"))
            self._record = b""
        end: int = start + length
        return end

    def _keep(self, data: bytes, events: list[str]) -> None:
        """Make events of the whole lines; what is behind the last one waits for more."""
        end = data.rfind(b"\n") + 1
        if end:
            events.extend(self._lines(data[:end]))
        rest = data[end:]
        # A marker that has not arrived whole is never cut.
        while len(rest) > EVENT_BYTES + len(self._marker):
            cut = _character_start(rest, EVENT_BYTES)
            events.append(rest[:cut].decode("utf-8", "replace"))
            rest = rest[cut:]
        self._rest = rest

    def _lines(self, data: bytes) -> list[str]:
        lines = _lines(data)
        return lines if self._wanted is None else list(filter(self._wanted, lines))


def _lines(data: bytes) -> list[str]:
    """Lines with their line feeds; the last one may have none. Only line feeds end lines."""
    lines = data.decode("utf-8", "replace").split("\n")
    last = lines.pop()
    events = [line + "\n" for line in lines]
    if last:
        events.append(last)
    return events


def _character_start(data: bytes, at: int) -> int:
    """The nearest start of a UTF-8 character at or before a place."""
    for back in range(4):
        if data[at - back] & 0xC0 != 0x80:
            return at - back
    return at


class Tail:
    """The last 4 KiB of a text that only grows."""

    def __init__(self) -> None:
        self._text = ""

    def add(self, events: list[str]) -> None:
        """Append."""
        # An event is at least one byte, so that older ones cannot be part of the tail.
        self._text = (self._text + "".join(events[-TAIL_BYTES:]))[-TAIL_BYTES:]

    def take(self) -> bytes:
        """The tail in UTF-8; begins anew."""
        data, self._text = self._text.encode("utf-8", "replace"), ""
        if len(data) <= TAIL_BYTES:
            return data
        start = len(data) - TAIL_BYTES
        while data[start] & 0xC0 == 0x80:
            start += 1
        return data[start:]


class LogPipe:
    """The reading end of a pipe, on the event loop."""

    def __init__(self, fd: int, on_data: Callable[[bytes], None]) -> None:
        """fd: becomes this object's own."""
        self._fd = fd
        self._on_data = on_data
        self._loop = asyncio.get_running_loop()
        self._open = True
        self._waiting = array("i", [0])
        """Where the kernel writes how much is in the pipe."""
        os.set_blocking(fd, False)
        self._loop.add_reader(fd, self._readable)

    def drain(self) -> None:
        """Read what is in the pipe now; what is written meanwhile waits for its turn."""
        if not self._open:
            return
        fcntl.ioctl(self._fd, termios.FIONREAD, self._waiting)
        waiting = min(self._waiting[0], _DRAIN_LIMIT)
        while waiting > 0 and self._open:
            waiting -= self._read()

    def close(self) -> None:
        """Let go of it."""
        if self._open:
            self._open = False
            self._loop.remove_reader(self._fd)
            os.close(self._fd)

    def _readable(self) -> None:
        self._read()

    def _read(self) -> int:
        try:
            data = os.read(self._fd, _READ_BYTES)
        except (BlockingIOError, InterruptedError):
            return 0
        if not data:
            self.close()
            return 0
        self._on_data(data)
        return len(data)
