"""Frames on the channel between server and runtime, and messages on control sockets. Imported by both sides.

A frame is a header (kind, length of head, length of body), a small head whose form depends on the kind, and a body that
is never encoded again: events and results are copied, not parsed.

    INVOKE      server -> runtime   head: JSON, see `runtime.py`; body: the event
    READY       runtime -> server   head: FACTS; no body
    INIT_ERROR  runtime -> server   head: FACTS and what `error_head` adds; body: the error, JSON
    RESULT      runtime -> server   head: FACTS; body: what the function returned, JSON
    ERROR       runtime -> server   head: FACTS and what `error_head` adds; body: the error, JSON
    STREAM      runtime -> server   head: FACTS; body: the content type. A response begins that comes in pieces
    FATAL       runtime -> server   as ERROR, and the runtime ends with it
    CHUNK       runtime -> server   head: FACTS; body: the next piece of it. RESULT (without body) or ERROR ends it

A control message is a length and that many bytes of JSON; file descriptors ride on its first byte.
"""

from __future__ import annotations

import json
import socket
import struct
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

HEADER = struct.Struct("<BII")
FACTS = struct.Struct("<IdI")
"""Which call it answers (0: the initialisation), milliseconds that the work took, and the highest resident memory of
the process so far in KiB."""
LENGTH = struct.Struct("<I")
KIB = 1024 if sys.platform == "darwin" else 1
"""How many of the system's units of resident memory are a KiB."""

INVOKE, READY, INIT_ERROR, RESULT, ERROR, STREAM, CHUNK, FATAL = range(1, 9)

MAX_HEAD = 1 << 20
MAX_BODY = 16 << 20
MAX_FDS = 4
_NAME_BYTES = 1000
_EVENT_BYTES = 256 * 1024

RECORD = struct.Struct("<BH")
"""After the marker: 1 when the record goes on in the next piece, and the length of this piece."""
RECORD_PIECE = 4096 - 16 - RECORD.size
"""What of a record goes into one write: pipes keep up to 4,096 bytes together."""


def encode(kind: int, head: bytes, body: bytes) -> bytes:
    """A whole frame."""
    return HEADER.pack(kind, len(head), len(body)) + head + body


def error_head(error_type: str, event: str) -> bytes:
    """The error's type and the log event that tells of it, which then needs no way of its own."""
    name = error_type.replace("\0", "").encode("utf-8", "backslashreplace")
    return name[:_NAME_BYTES] + b"\0" + event.encode("utf-8", "backslashreplace")[:_EVENT_BYTES]


def control_message(content: dict[str, Any]) -> bytes:
    """A control message, ready to be sent."""
    data = json.dumps(content).encode()
    return LENGTH.pack(len(data)) + data


def send_control(sock: socket.socket, content: dict[str, Any], fds: Sequence[int] = ()) -> None:
    """Send a control message on a blocking socket."""
    data = control_message(content)
    if fds:
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack(f"{len(fds)}i", *fds))]
        data = data[sock.sendmsg([data], rights) :]
    sock.sendall(data)


def receive_control(sock: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """Wait for a control message and its file descriptors, on a blocking socket. None when the other side is gone."""
    data, fds = _receive_first(sock)
    while data and len(data) < LENGTH.size:
        data += sock.recv(LENGTH.size - len(data))
    if not data:
        return None
    (length,) = LENGTH.unpack(data)
    body = receive_exactly(sock, length)
    return None if body is None else (json.loads(body), fds)


def _receive_first(sock: socket.socket) -> tuple[bytes, list[int]]:
    space = socket.CMSG_SPACE(MAX_FDS * 4)
    data, ancillary, _, _ = sock.recvmsg(LENGTH.size, space, getattr(socket, "MSG_CMSG_CLOEXEC", 0))
    fds: list[int] = []
    for level, kind, content in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            fds.extend(item[0] for item in struct.iter_unpack("i", content[: len(content) - len(content) % 4]))
    return data, fds


def receive_exactly(sock: socket.socket, length: int) -> bytearray | None:
    """Exactly so many bytes from a blocking socket; None when it closes before."""
    data = bytearray(length)
    view = memoryview(data)
    done = 0
    while done < length:
        count = sock.recv_into(view[done:])
        if not count:
            return None
        done += count
    return data
