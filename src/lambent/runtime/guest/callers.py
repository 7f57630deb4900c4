"""Tells who is at the other end of a connection to the Runtime API.

All functions share the machine's network, so that any of them could ask for another one's events and answer them. A
connection is known by the number of its socket, which the kernel shows beside its addresses; the processes that hold it
are looked for in /proc, which in an environment shows its own and nobody else's.
"""

from __future__ import annotations

import glob
import os
import sys
from typing import TYPE_CHECKING, Iterable

if TYPE_CHECKING:
    import socket

HERE, ELSEWHERE, GONE = "here", "elsewhere", "gone"

_CONNECTIONS = "/proc/net/tcp"
_DESCRIPTORS = "/proc/[0-9]*/fd/*"


def whereabouts(connection: socket.socket) -> str:
    """Where the process is that holds the other end; GONE when nobody holds it any more.

    HERE, too, where environments have no processes of their own to be told from others.
    """
    if os.getppid() != 1 or not os.path.exists(_CONNECTIONS):
        # The parent is the supervisor, which is the first process of an environment that is apart.
        return HERE
    number = _number(connection)
    if number is not None and any(_target(path) == f"socket:[{number}]" for path in glob.iglob(_DESCRIPTORS)):
        return HERE
    # Whoever was here may have let go of it while it was looked for.
    return GONE if _number(connection) is None else ELSEWHERE


def _number(connection: socket.socket) -> str | None:
    with open(_CONNECTIONS) as table:
        return number_of(table, connection.getpeername()[1], connection.getsockname()[1])


def number_of(table: Iterable[str], here: int, there: int) -> str | None:
    """The number of the socket on this machine's own address at port `here` that is connected to port `there`.

    table: lines as `/proc/net/tcp` has them. None where nobody holds it any more.
    """
    ends = [f"0100007F:{port:04X}" if sys.byteorder == "little" else f"7F000001:{port:04X}" for port in (here, there)]
    for line in table:
        row = line.split()
        if row[1:3] == ends:
            return None if row[9] == "0" else row[9]
    return None


def _target(path: str) -> str | None:
    try:
        return os.readlink(path)
    except OSError:
        # Closed meanwhile, or a process that ended.
        return None
