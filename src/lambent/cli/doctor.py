"""What this machine offers to a server with these settings, and what would keep it from starting.

Everything is found out by trying it the way a server does: interpreters are started, a sandbox is entered, the port is
listened on, the data directory is written to.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import platform
import shutil
import socket
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from rich.console import Console
from rich.table import Table

from lambent import __version__, address
from lambent.cli.client import Refused, Unreachable, fetch
from lambent.clock import RealClock
from lambent.runtime.environments import Environments, RuntimeOptions
from lambent.runtime.interpreters import RuntimeUnavailable
from lambent.services.lambda_.runtimes import RUN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lambent.settings import Settings

Grade = Literal["ok", "note", "problem"]
_STYLES: dict[Grade, str] = {"ok": "green", "note": "yellow", "problem": "red"}
_LITTLE_ROOM_BYTES = 1 << 30
_WRITTEN = b"lambent doctor"


class Finding(NamedTuple):
    """One thing that was looked at."""

    what: str
    grade: Grade
    """`problem`: no server can start, or none can run a function; `note`: less than there could be."""
    text: str


def report(settings: Settings) -> bool:
    """Print what was found; False when something makes a start impossible."""
    findings = examine(settings)
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for finding in findings:
        table.add_row(finding.what, f"[{_STYLES[finding.grade]}]{finding.grade}[/]", finding.text)
    Console(highlight=False).print(table)
    return all(finding.grade != "problem" for finding in findings)


def examine(settings: Settings) -> Sequence[Finding]:
    """Look at everything."""
    python = f"Lambent {__version__} on Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    return [
        Finding("this", "ok", python),
        *asyncio.run(_functions(settings)),
        port(settings.host, settings.port),
        *data_dir(None if settings.ephemeral else settings.data_dir),
        _program("aws", "the command line for AWS's APIs"),
        _program("node", "not needed: Lambent runs no JavaScript functions yet"),
    ]


def port(host: str, number: int) -> Finding:
    """Whether a server can listen there."""
    what = f"port {number}"
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(host, number, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(where)
            listener.listen()
    except OSError as problem:
        if _is_lambent(address.url(host, number)):
            return Finding(what, "problem", "a Lambent runs here already: `lambent status` shows it")
        text = f"cannot listen on {host}: {problem.strerror or problem}; choose another with --port"
        return Finding(what, "problem", text)
    exposed = "" if address.is_loopback(host) else "; whoever reaches it may do everything"
    return Finding(what, "note" if exposed else "ok", f"free on {host}{exposed}")


def data_dir(folder: Path | None) -> Sequence[Finding]:
    """Whether a server can keep its data there, and how much room there is. None: in memory."""
    if folder is None:
        return [Finding("data directory", "note", "none: everything is kept in memory")]
    folder = folder.absolute()
    existing = next(path for path in (folder, *folder.parents) if os.access(path, os.F_OK))
    holder = _holder(folder / "lock")
    problem = f"in use by process {holder}" if holder is not None else _cannot_write(existing)
    if problem is not None:
        text = f"{folder} cannot be used: {problem}; choose another with --data-dir"
        return [Finding("data directory", "problem", text)]
    new = "" if existing == folder else ", will be made"
    free = shutil.disk_usage(existing).free
    grade: Grade = "ok" if free > _LITTLE_ROOM_BYTES else "note"
    return [
        Finding("data directory", "ok", f"{folder}{new}"),
        Finding("room on the disk", grade, f"{free / (1 << 30):.1f} GiB free"),
    ]


async def _functions(settings: Settings) -> Sequence[Finding]:
    """What functions would run on, and how far they would be confined."""
    with tempfile.TemporaryDirectory(prefix="lambent-doctor-", ignore_cleanup_errors=True) as folder:
        environments = Environments(
            clock=RealClock(),
            run_dir=Path(folder),
            fetch_code=_no_code,
            logs=_NoLogs(),
            options=RuntimeOptions(
                strict=settings.strict_runtimes, isolation="none" if settings.isolation == "none" else "auto"
            ),
        )
        try:
            await environments.start()
            isolation = environments.describe()["isolation"]
            runtimes = [await _runtime(environments, runtime) for runtime in RUN]
        finally:
            await environments.stop(0)
    grade: Grade = "note" if isolation["level"] == "none" else "ok"
    confined = [Finding("isolation", grade, isolation["level"])]
    confined += [Finding("", "note", reason) for reason in isolation["reasons"]]
    return [*runtimes, *confined]


async def _runtime(environments: Environments, runtime: str) -> Finding:
    try:
        choice = await environments.choose(runtime)
    except RuntimeUnavailable as problem:
        return Finding(runtime, "note", f"functions are refused: {problem}")
    if choice.exact:
        return Finding(runtime, "ok", choice.program)
    return Finding(runtime, "note", f"not here, nearest is {choice.program}")


def _program(name: str, use: str) -> Finding:
    place = shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))
    return Finding(name, "ok", f"{place} ({use})") if place else Finding(name, "note", f"not found ({use})")


def _is_lambent(at: str) -> bool:
    try:
        return "version" in fetch(at, "health", timeout_s=2)
    except (Unreachable, Refused):
        return False


def _holder(lock: Path) -> str | None:
    """The process that has this data directory; None where there is none."""
    try:
        handle = os.open(lock, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return os.pread(handle, 32, 0).decode("ascii", "replace").strip() or "unknown"
    finally:
        os.close(handle)
    return None


def _cannot_write(folder: Path) -> str | None:
    """Why nothing can be written there; None when it can."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(_WRITTEN)
            file.flush()
    except OSError as problem:
        return problem.strerror or str(problem)
    return None


async def _no_code(blob: str) -> bytes:
    raise FileNotFoundError(blob)


class _NoLogs:
    """Takes log events of functions that are never run."""

    def append(self, account: str, region: str, group: str, stream: str, events: Sequence[tuple[int, str]]) -> None:
        """Nothing is kept."""
