"""Processes and folders of this machine, for tests that must know what is left of them."""

from __future__ import annotations

import os
import select
from pathlib import Path


def of_session(leader: int) -> list[int]:
    """The processes that belong to the session of this one: a zygote and all that was forked from it."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                fields = Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == leader and fields[0] != "Z":
                found.append(int(entry))
    return found


def wait_until_gone(pids: list[int], within_s: float = 20.0) -> None:
    """Wait until processes have ended, whoever their parent is."""
    for pid in pids:
        try:
            fd = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        try:
            ended, _, _ = select.select([fd], [], [], within_s)
            assert ended, f"process {pid} is still there"
        finally:
            os.close(fd)


def children(pid: int) -> list[int]:
    """The processes that this one forked."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def descendants(pid: int) -> list[int]:
    """The processes that this one forked, and what they forked."""
    return [one for child in children(pid) for one in (child, *descendants(child))]


def alive(pids: list[int]) -> list[int]:
    """Those that still exist."""
    return [pid for pid in pids if Path(f"/proc/{pid}").exists()]


def memory_groups_of(pid: int) -> list[Path]:
    """Our folders of control groups that this process is in."""
    own = Path(f"/proc/{pid}/cgroup").read_text()
    names = {part for part in own.replace("\n", "/").split("/") if part.startswith("lambent-")}
    return [path for name in names for path in Path("/sys/fs/cgroup").rglob(name) if path.is_dir()]


def exists(path: Path | str) -> bool:
    """Whether something is there."""
    return Path(path).exists()
