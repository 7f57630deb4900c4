"""The server's end of a control socket: messages with file descriptors out, messages with process ids in.

May import guest.frames. Never blocks: what the socket does not take at once waits for it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import struct
import sys
from collections import deque
from typing import TYPE_CHECKING, Any

from lambent.runtime.guest.frames import LENGTH, control_message

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_log = logging.getLogger(__name__)
_RECEIVE_BYTES = 65536
_CREDENTIALS = struct.Struct("iII")
_SO_PASSCRED = getattr(socket, "SO_PASSCRED", None)


class ControlSocket:
    """A stream of control messages."""

    def __init__(
        self,
        sock: socket.socket,
        on_message: Callable[[dict[str, Any], int | None], None],
        on_close: Callable[[], None],
    ) -> None:
        """on_message: the message, and the process id that the kernel vouches for (None where it does not).

        on_close: once, when the other side is gone.
        """
        self._sock = sock
        self._on_message = on_message
        self._on_close = on_close
        self._loop = asyncio.get_running_loop()
        self._received = bytearray()
        self._waiting: deque[tuple[memoryview, list[int]]] = deque()
        self._open = True
        sock.setblocking(False)
        if sys.platform == "linux" and _SO_PASSCRED is not None:
            sock.setsockopt(socket.SOL_SOCKET, _SO_PASSCRED, 1)
        self._loop.add_reader(sock.fileno(), self._readable)

    def send(self, content: dict[str, Any], fds: Sequence[int] = ()) -> None:
        """Send a message. The caller may close its descriptors afterwards: where they have to wait, copies do."""
        if not self._open:
            return
        data = memoryview(control_message(content))
        if self._waiting:
            self._waiting.append((data, [socket.dup(fd) for fd in fds]))
            return
        sent = self._try(data, fds)
        if sent < len(data) and self._open:
            self._waiting.append((data[sent:], [] if sent else [socket.dup(fd) for fd in fds]))
            self._loop.add_writer(self._sock.fileno(), self._writable)

    def hand_over(self, on_message: Callable[[dict[str, Any], int | None], None], on_close: Callable[[], None]) -> None:
        """Tell somebody else from now on."""
        self._on_message, self._on_close = on_message, on_close

    def finish(self) -> None:
        """Say that nothing more comes: the other side ends, and `on_close` follows."""
        if self._open:
            try:
                self._sock.shutdown(socket.SHUT_WR)
            except OSError:
                self._close()

    def abort(self) -> None:
        """Close without waiting for the other side; `on_close` is not called."""
        self._on_close = _nothing
        self._close()

    def _try(self, data: memoryview, fds: Sequence[int]) -> int:
        try:
            return socket.send_fds(self._sock, [data], list(fds)) if fds else self._sock.send(data)
        except (BlockingIOError, InterruptedError):
            return 0
        except OSError:
            # The other side is gone: whoever asks it for something else must know at once.
            self._close()
            return 0

    def _writable(self) -> None:
        while self._waiting:
            data, fds = self._waiting[0]
            sent = self._try(data, fds)
            if sent:
                for fd in fds:
                    socket.close(fd)
                fds.clear()
            if not self._open:
                return
            if sent < len(data):
                self._waiting[0] = (data[sent:], fds)
                return
            self._waiting.popleft()
        self._loop.remove_writer(self._sock.fileno())

    def _readable(self) -> None:
        try:
            data, ancillary, _, _ = self._sock.recvmsg(_RECEIVE_BYTES, socket.CMSG_SPACE(_CREDENTIALS.size))
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data, ancillary = b"", []
        if not data:
            self._close()
            return
        self._received += data
        pid = _vouched(ancillary)
        while self._open and (message := self._next()) is not None:
            self._on_message(message, pid)

    def _next(self) -> dict[str, Any] | None:
        buffer = self._received
        if len(buffer) < LENGTH.size:
            return None
        (length,) = LENGTH.unpack_from(buffer)
        end = LENGTH.size + length
        if len(buffer) < end:
            return None
        message: dict[str, Any] = json.loads(buffer[LENGTH.size : end])
        del buffer[:end]
        return message

    def _close(self) -> None:
        if not self._open:
            return
        self._open = False
        self._loop.remove_reader(self._sock.fileno())
        self._loop.remove_writer(self._sock.fileno())
        for _, fds in self._waiting:
            for fd in fds:
                socket.close(fd)
        self._waiting.clear()
        self._sock.close()
        self._on_close()


def _vouched(ancillary: list[tuple[int, int, bytes]]) -> int | None:
    for level, kind, content in ancillary:
        if sys.platform == "linux" and level == socket.SOL_SOCKET and kind == socket.SCM_CREDENTIALS:
            pid: int = _CREDENTIALS.unpack(content[: _CREDENTIALS.size])[0]
            return pid or None
    return None


def _nothing() -> None:
    """What is left to do at the end of an aborted socket."""
