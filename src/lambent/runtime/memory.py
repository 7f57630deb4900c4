"""Memory limits that the kernel holds: a control group for each environment, version 1 or 2, where one may be made.

Imports nothing of Lambent. Groups live under one folder of this server, `lambent-PID-NAME`; what servers that were
killed left behind is removed at the next start.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import select
from pathlib import Path
from typing import Protocol

_PREFIX = "lambent-"
_PAGES_ALIGNED = 4096
_MEMBERS_END_WITHIN_S = 1.0


class MemoryGroup:
    """The group of one environment."""

    def __init__(self, path: Path, version: int) -> None:
        self.path = path
        self._version = version
        self._kills = 0

    def set_limit(self, limit_bytes: int) -> None:
        """The most that its processes may hold together, without swap. Raises OSError."""
        limit = str(limit_bytes - limit_bytes % _PAGES_ALIGNED)
        if self._version == 1:
            _write(self.path / "memory.limit_in_bytes", limit)
            with contextlib.suppress(OSError):  # absent where the kernel does not account for swap
                _write(self.path / "memory.memsw.limit_in_bytes", limit)
        else:
            _write(self.path / "memory.max", limit)
            with contextlib.suppress(OSError):
                _write(self.path / "memory.swap.max", "0")

    def open_procs(self) -> int:
        """A descriptor; whoever writes 0 to it joins."""
        return os.open(self.path / "cgroup.procs", os.O_WRONLY | os.O_CLOEXEC)

    def was_killed(self) -> bool:
        """Whether the kernel has killed one of its processes for memory since the last time of asking."""
        name = "memory.oom_control" if self._version == 1 else "memory.events"
        kills = _counter((self.path / name).read_text(), "oom_kill")
        killed, self._kills = kills > self._kills, kills
        return killed


class MemoryGroups(Protocol):
    """Where environments get their groups from."""

    reason: str | None

    def acquire(self) -> MemoryGroup | None: ...

    def release(self, group: MemoryGroup) -> None: ...

    async def close(self) -> None: ...


class NoMemoryGroups:
    """On machines that do not let this server make groups."""

    def __init__(self, reason: str) -> None:
        self.reason: str | None = reason

    def acquire(self) -> MemoryGroup | None:
        """None: the limit is held by looking only."""
        return None

    def release(self, group: MemoryGroup) -> None:
        """Nothing was made."""

    async def close(self) -> None:
        """Nothing was made."""


class KernelMemoryGroups:
    """Makes groups."""

    def __init__(self, base: Path, version: int) -> None:
        """base: this server's own folder. Raises OSError where the kernel refuses."""
        self.reason: str | None = None
        self._base = base
        self._version = version
        self._made = 0
        self._leaving: list[MemoryGroup] = []
        base.mkdir(exist_ok=True)
        if version == 2:
            _write(base / "cgroup.subtree_control", "+memory")
        attempt = self.acquire()
        attempt.set_limit(1 << 30)
        os.close(attempt.open_procs())
        self.release(attempt)

    def acquire(self) -> MemoryGroup:
        """A group without a limit. Raises OSError."""
        self._made += 1
        path = self._base / f"e{self._made}"
        path.mkdir()
        return MemoryGroup(path, self._version)

    def release(self, group: MemoryGroup) -> None:
        """Remove a group whose processes have ended; the last of them may take a moment to be gone."""
        self._leaving.append(group)
        self._leaving = [one for one in self._leaving if not _remove(one.path)]

    async def close(self) -> None:
        """Remove everything, once the last processes are gone."""
        await asyncio.to_thread(_wait_for_members, [one.path for one in self._leaving])
        self._leaving = [one for one in self._leaving if not _remove(one.path)]
        _remove(self._base)


def memory_groups() -> MemoryGroups:
    """What this machine offers. Never raises."""
    try:
        found = place(Path("/proc/self/cgroup").read_text(), Path("/proc/self/mountinfo").read_text())
    except OSError as problem:
        return NoMemoryGroups(f"no control groups: {problem.strerror}")
    if found is None:
        return NoMemoryGroups("no memory control group on this machine")
    folder, version = found
    try:
        _remove_left_behind(folder)
        return KernelMemoryGroups(folder / f"{_PREFIX}{os.getpid()}-{secrets.token_hex(4)}", version)
    except OSError as problem:
        return NoMemoryGroups(f"no memory control group may be made in {folder}: {problem.strerror}")


def place(groups: str, mounts: str) -> tuple[Path, int] | None:
    """The folder in which groups can be made, and the version, from /proc/self/cgroup and /proc/self/mountinfo."""
    own: dict[str, str] = {}
    for line in groups.splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            own[controller] = path
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ", 2)
        root, point = before.split(" ")[3:5]
        if kind == "cgroup" and "memory" in options.split(" ")[-1].split(","):
            return _inside(Path(point), root, own.get("memory", "/")), 1
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        root, point = before.split(" ")[3:5]
        if after.startswith("cgroup2 "):
            return _delegated(Path(point), _inside(Path(point), root, own.get("", "/")))
    return None


def _inside(point: Path, root: str, own: str) -> Path:
    """Where the group `own` is, seen through a mount of the hierarchy's `root`."""
    relative = own.removeprefix(root.rstrip("/")).lstrip("/")
    path = point / relative
    return path if path.is_dir() else point


def _delegated(point: Path, own: Path) -> tuple[Path, int] | None:
    """In version 2 a group with processes has no groups with limits inside: its own place, or the one beside it."""
    for folder in (own, own.parent):
        control = folder / "cgroup.subtree_control"
        if folder.is_relative_to(point) and control.is_file() and "memory" in control.read_text().split():
            return folder, 2
    return None


def _remove_left_behind(folder: Path) -> None:
    for left in folder.glob(f"{_PREFIX}*"):
        pid = left.name.removeprefix(_PREFIX).partition("-")[0]
        if pid.isdecimal() and not Path("/proc", pid).exists():
            for group in left.iterdir():
                if group.is_dir():
                    _remove(group)
            _remove(left)


def _wait_for_members(groups: list[Path]) -> None:
    """Wait until processes that have been ended are gone; not for long: what is left is removed at the next start."""
    for group in groups:
        # A group, or one of its processes, may go meanwhile.
        with contextlib.suppress(OSError):
            for pid in (group / "cgroup.procs").read_text().split():
                fd = os.pidfd_open(int(pid))
                try:
                    select.select([fd], [], [], _MEMBERS_END_WITHIN_S)
                finally:
                    os.close(fd)


def _remove(path: Path) -> bool:
    """Whether it is gone."""
    try:
        path.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _write(path: Path, text: str) -> None:
    fd = os.open(path, os.O_WRONLY)
    try:
        os.write(fd, text.encode())
    finally:
        os.close(fd)


def _counter(text: str, name: str) -> int:
    for line in text.splitlines():
        key, _, value = line.partition(" ")
        if key == name:
            return int(value)
    return 0
