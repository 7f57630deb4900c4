"""The private file system of a zygote and of each environment, and the rights that a runtime is left with.

A zygote moves itself into a small root of its own: the system's programs and libraries, its interpreter and the shared
library, all read-only. An environment adds what belongs to one function: its code, an empty /tmp of limited size and
its own /proc. Nothing of the server, of other functions or of the user's home is left to be found.

Modes: `root` (the server is root), `user` (a user namespace gives the rights for it), `plain` (no namespaces at all).
"""

from __future__ import annotations

import os
import resource
from typing import Any

from . import syscalls as sc

CODE = "/.code"
PYCACHE = "/.pycache"
TASK = "/var/task"
OPT = "/opt"
LIBRARY = "/var/runtime"

_EMPTY_DIRECTORIES = ("/proc", "/tmp", "/dev", "/etc", CODE, PYCACHE, TASK, OPT, LIBRARY)  # noqa: S108  below the new root
_DEVICES = ("null", "zero", "full", "random", "urandom")
_OPEN_FILES = 1024
_PROCESSES = 742
_COUNTS_BY_NAMESPACE = (5, 14)
"""The Linux that counts a user's processes in each user namespace; before it, all of them on the machine count."""
_CORE_BYTES = 10737418240


def enter_root(config: dict[str, Any]) -> None:
    """Leave the machine's file system for a private one.

    config: root (an empty directory), user mode's uid and gid, binds ([source, target] pairs, read-only), links
    ({path: target}), files ({path: text}), code_dir, pycache_dir (writable; None where there is none).
    """
    if config["mode"] == "user":
        _enter_user_namespace(config["uid"], config["gid"])
    sc.unshare(sc.NEWNS)
    sc.mount("none", "/", None, sc.MS_REC | sc.MS_PRIVATE)
    root = config["root"]
    sc.mount("tmpfs", root, "tmpfs", sc.MS_NOSUID | sc.MS_NODEV, "mode=755,size=16m")
    os.umask(0o022)
    for path in _EMPTY_DIRECTORIES:
        os.makedirs(root + path, exist_ok=True)
    for source, target in config["binds"]:
        _bind(source, root + target)
        sc.make_read_only(root + target)
    for device in _DEVICES:
        _bind("/dev/" + device, root + "/dev/" + device)
    _bind(config["code_dir"], root + CODE)
    if config["pycache_dir"] is not None:
        _bind(config["pycache_dir"], root + PYCACHE)
    if config["mode"] == "user":
        # A user namespace may mount its own /proc only where it can already see one.
        _bind("/proc", root + "/proc")
    _write_files(root, config)
    _turn_to(root)


def _write_files(root: str, config: dict[str, Any]) -> None:
    links = {"/dev/fd": "/proc/self/fd", "/dev/stdin": "/proc/self/fd/0", "/dev/stdout": "/proc/self/fd/1"}
    links.update({"/dev/stderr": "/proc/self/fd/2", **config["links"]})
    for path, target in links.items():
        os.makedirs(os.path.dirname(root + path), exist_ok=True)
        if not os.path.lexists(root + path):
            os.symlink(target, root + path)
    for path, text in config["files"].items():
        os.makedirs(os.path.dirname(root + path), exist_ok=True)
        with open(root + path, "w") as file:
            file.write(text)


def _turn_to(root: str) -> None:
    old = root + "/.old"
    os.mkdir(old)
    sc.pivot_root(root, old)
    os.chdir("/")
    sc.unmount("/.old")
    os.rmdir("/.old")
    sc.make_read_only("/")


def _enter_user_namespace(uid: int, gid: int) -> None:
    outside_uid, outside_gid = os.getuid(), os.getgid()
    sc.unshare(sc.NEWUSER)
    for path, text in (
        ("/proc/self/setgroups", "deny"),
        ("/proc/self/uid_map", f"{uid} {outside_uid} 1"),
        ("/proc/self/gid_map", f"{gid} {outside_gid} 1"),
    ):
        with open(path, "w") as file:
            file.write(text)


def _bind(source: str, target: str) -> None:
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o644))
    sc.mount(source, target, None, sc.MS_BIND | sc.MS_REC)


def leave_pycache() -> None:
    """Take the compiled modules out of reach: a function that could change them would run in the next zygote."""
    sc.unmount(PYCACHE)


def leave_shared() -> None:
    """Leave the zygote's mounts and shared memory for copies of its own."""
    sc.unshare(sc.NEWNS | sc.NEWIPC)


def enter_environment(code: str, layers: str | None, tmp_mb: int) -> None:
    """Add one function's own file system, after `leave_shared`.

    code, layers: names in the code directory; None leaves /opt empty.
    """
    sc.mount(CODE + "/" + code, TASK, None, sc.MS_BIND)
    sc.make_read_only(TASK)
    if layers is not None:
        sc.mount(CODE + "/" + layers, OPT, None, sc.MS_BIND)
        sc.make_read_only(OPT)
    sc.mount("tmpfs", "/tmp", "tmpfs", sc.MS_NOSUID | sc.MS_NODEV, f"mode=1777,size={tmp_mb}m")  # noqa: S108  its own
    sc.mount("proc", "/proc", "proc", sc.MS_NOSUID | sc.MS_NODEV | sc.MS_NOEXEC)
    sc.unmount(CODE)


def limit() -> None:
    """Lambda's limits of a process; lower ones that are in force already stay."""
    _limit(resource.RLIMIT_NOFILE, _OPEN_FILES, _OPEN_FILES)
    _limit(resource.RLIMIT_CORE, 0, _CORE_BYTES)
    if hasattr(os, "SCHED_BATCH"):
        # A call wakes its function up; that must not push the server, which has more to hand out, off its processor.
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def drop_rights(mode: str, uid: int, gid: int) -> None:
    """Become nobody in particular, for good."""
    if mode == "root":
        _limit(resource.RLIMIT_NPROC, _PROCESSES, _PROCESSES)
        sc.empty_bounding_set()
        os.setgroups([])
        os.setresgid(gid, gid, gid)
        os.setresuid(uid, uid, uid)
    elif mode == "user":
        if _linux_version() >= _COUNTS_BY_NAMESPACE:
            _enter_user_namespace(uid, gid)
            _limit(resource.RLIMIT_NPROC, _PROCESSES, _PROCESSES)
        sc.empty_bounding_set()
        sc.drop_capabilities()
    sc.forbid_new_privileges()
    sc.make_dumpable()


def _linux_version() -> tuple[int, ...]:
    return tuple(int(number) for number in os.uname().release.split("-")[0].split(".")[:2])


def _limit(what: int, soft: int, hard: int) -> None:
    _, has = resource.getrlimit(what)
    if has != resource.RLIM_INFINITY:
        hard = min(hard, has)
    resource.setrlimit(what, (min(soft, hard), hard))
