from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from lambent.runtime.memory import KernelMemoryGroups, MemoryGroup, NoMemoryGroups, place

if TYPE_CHECKING:
    from pathlib import Path


def v1_mounts(point: Path, root: str = "/") -> str:
    return (
        "20 1 0:19 / /sys rw - sysfs sysfs rw\n"
        f"30 20 0:25 / {point}/cpu rw,relatime - cgroup cgroup rw,cpu,cpuacct\n"
        f"31 20 0:26 {root} {point}/memory rw,relatime shared:9 - cgroup cgroup rw,memory\n"
        f"32 20 0:27 / {point}/unified rw,relatime - cgroup2 cgroup2 rw\n"
    )


def v2_mounts(point: Path) -> str:
    return f"30 20 0:25 / {point} rw,relatime shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"


def delegated(folder: Path, controllers: str = "cpu memory pids") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cgroup.subtree_control").write_text(controllers + "\n")
    return folder


def test_version_1_groups_are_made_below_our_own(tmp_path: Path) -> None:
    own = tmp_path / "memory" / "user.slice" / "job"
    own.mkdir(parents=True)
    groups = "9:name=systemd:/x\n4:memory:/user.slice/job\n0::/y\n"
    assert place(groups, v1_mounts(tmp_path)) == (own, 1)


def test_in_a_container_our_own_group_is_the_mounts_root(tmp_path: Path) -> None:
    (tmp_path / "memory").mkdir()
    assert place("4:memory:/docker/abc\n", v1_mounts(tmp_path, "/docker/abc")) == (tmp_path / "memory", 1)
    assert place("4:memory:/docker/abc\n", v1_mounts(tmp_path)) == (tmp_path / "memory", 1)


def test_version_2_groups_are_made_where_memory_is_delegated(tmp_path: Path) -> None:
    delegated(tmp_path, "")
    parent = delegated(tmp_path / "user.slice")
    own = delegated(parent / "app.scope", "")
    assert place("0::/user.slice/app.scope\n", v2_mounts(tmp_path)) == (parent, 2)
    delegated(own)
    assert place("0::/user.slice/app.scope\n", v2_mounts(tmp_path)) == (own, 2)


def test_version_2_without_delegation_offers_nothing(tmp_path: Path) -> None:
    delegated(tmp_path, "cpu")
    delegated(tmp_path / "app.scope", "")
    assert place("0::/app.scope\n", v2_mounts(tmp_path)) is None
    # The folder above the mount is not ours to look at.
    assert place("0::/\n", v2_mounts(delegated(tmp_path / "inner", ""))) is None


def test_a_machine_without_control_groups_offers_nothing() -> None:
    assert place("", "20 1 0:19 / /sys rw - sysfs sysfs rw\n") is None
    assert place("0::/\n", "") is None


def files(path: Path, *names: str) -> MemoryGroup:
    path.mkdir(exist_ok=True)
    for name in names:
        (path / name).write_text("")
    return MemoryGroup(path, 1 if "memory.limit_in_bytes" in names else 2)


def test_a_limit_is_whole_pages_and_leaves_no_swap(tmp_path: Path) -> None:
    first = files(tmp_path / "v1", "memory.limit_in_bytes", "memory.memsw.limit_in_bytes")
    first.set_limit(1_000_000)
    assert (first.path / "memory.limit_in_bytes").read_text() == "999424"
    assert (first.path / "memory.memsw.limit_in_bytes").read_text() == "999424"
    second = files(tmp_path / "v2", "memory.max", "memory.swap.max")
    second.set_limit(1 << 20)
    assert (second.path / "memory.max").read_text() == "1048576"
    assert (second.path / "memory.swap.max").read_text() == "0"


@pytest.mark.parametrize("file", [("memory.limit_in_bytes",), ("memory.max",)])
def test_a_kernel_that_does_not_account_for_swap_limits_memory_all_the_same(tmp_path: Path, file: tuple[str]) -> None:
    group = files(tmp_path / "group", *file)
    group.set_limit(4096)
    assert (group.path / file[0]).read_text() == "4096"


def test_a_kill_counts_once(tmp_path: Path) -> None:
    group = files(tmp_path / "v1", "memory.limit_in_bytes")
    control = group.path / "memory.oom_control"
    control.write_text("oom_kill_disable 0\nunder_oom 0\noom_kill 0\n")
    assert not group.was_killed()
    control.write_text("oom_kill_disable 0\nunder_oom 0\noom_kill 2\n")
    assert group.was_killed()
    assert not group.was_killed()


async def test_groups_that_were_released_are_removed_when_they_can_be(tmp_path: Path) -> None:
    base = tmp_path / "lambent-1-a"
    groups = Groups(base, 1)
    one, two = groups.acquire(), groups.acquire()
    (one.path / "busy").mkdir()
    groups.release(one)
    groups.release(two)
    assert one.path.exists()
    assert not two.path.exists()
    (one.path / "busy").rmdir()
    await groups.close()
    assert not base.exists()


class Groups(KernelMemoryGroups):
    """In a folder of a usual file system, where a group's files do not come by themselves."""

    def acquire(self) -> MemoryGroup:
        group = super().acquire()
        return _Fileless(group.path, 1)


class _Fileless(MemoryGroup):
    def set_limit(self, limit_bytes: int) -> None:
        """Nobody is there to hold it."""

    def open_procs(self) -> int:
        return os.open(os.devnull, os.O_WRONLY)


async def test_a_machine_without_groups_gives_none() -> None:
    groups = NoMemoryGroups("because")
    assert (groups.acquire(), groups.reason) == (None, "because")
    await groups.close()
