"""Resident memory of a process and everything below it, as the kernel counts it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_QUIET_S = 0.5
_PATIENCE_S = 15


@dataclass(frozen=True, slots=True)
class Memory:
    """MiB of several processes together."""

    pss_mb: float
    """Each page counted once, pages shared with others in proportion."""
    rss_mb: float
    """Pages counted as often as processes have them."""
    processes: int


def when_quiet(root: int) -> Memory | None:
    """Memory of a process and its descendants, once they have stopped working; None where it cannot be read."""
    if not (_PROC / "self/smaps_rollup").exists():
        return None
    deadline = time.perf_counter() + _PATIENCE_S
    before = -1
    while (ticks := sum(_ticks(pid) for pid in tree(root))) != before and time.perf_counter() < deadline:
        before = ticks
        time.sleep(_QUIET_S)
    pss = rss = 0
    pids = tree(root)
    for pid in pids:
        try:
            lines = (_PROC / str(pid) / "smaps_rollup").read_text().splitlines()
        except PermissionError:
            return None
        sizes = {line.split(":")[0]: line.split()[1] for line in lines[1:]}
        pss += int(sizes["Pss"])
        rss += int(sizes["Rss"])
    return Memory(pss / 1024, rss / 1024, len(pids))


def tree(root: int) -> list[int]:
    """A process and its descendants."""
    children: dict[int, list[int]] = {}
    for folder in _PROC.iterdir():
        if folder.name.isdigit() and (fields := _stat(int(folder.name))):
            children.setdefault(int(fields[1]), []).append(int(folder.name))
    found = [root]
    for pid in found:
        found.extend(children.get(pid, ()))
    return found


def _ticks(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[11]) + int(fields[12]) if fields else 0


def _stat(pid: int) -> list[str]:
    """What stands behind the name in a process's `stat`; empty when it has ended."""
    try:
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
