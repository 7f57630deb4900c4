"""The Linux calls that Python does not offer. Each raises OSError that names the call."""

from __future__ import annotations

import ctypes
import os
import platform

NEWNS, NEWIPC, NEWUSER, NEWPID = 0x20000, 0x8000000, 0x10000000, 0x20000000

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 32, 4096, 16384, 1 << 18
_MS_NOATIME, _MS_NODIRATIME, _MS_RELATIME = 1024, 2048, 1 << 21
_ST_RELATIME = 4096
_MNT_DETACH = 2

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP = 1, 4, 24
_PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 36, 38
_CAPABILITY_VERSION_3 = 0x20080522
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, what + ": " + os.strerror(number))


def _encoded(text: str | None) -> bytes | None:
    return None if text is None else os.fsencode(text)


def unshare(flags: int) -> None:
    """Leave the namespaces named by `flags` for new ones; NEWPID is for children to come."""
    _check(_libc.unshare(flags), f"unshare(0x{flags:x})")


def setns(fd: int, kind: int) -> None:
    """Enter the namespace behind a file of /proc/PID/ns."""
    _check(_libc.setns(fd, kind), "setns")


def mount(source: str, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    """Put a file system, or part of one, at a place."""
    result = _libc.mount(_encoded(source), _encoded(target), _encoded(kind), ctypes.c_ulong(flags), _encoded(options))
    _check(result, "mount " + target)


def unmount(target: str) -> None:
    """Take a mount out of sight; what still uses it goes on."""
    _check(_libc.umount2(_encoded(target), _MNT_DETACH), "umount " + target)


def make_read_only(target: str) -> None:
    """Remount a bind read-only, keeping the flags that an unprivileged process may not take away."""
    has = os.statvfs(target).f_flag
    keep = has & (MS_NOSUID | MS_NODEV | MS_NOEXEC | _MS_NOATIME | _MS_NODIRATIME)
    if has & _ST_RELATIME:
        keep |= _MS_RELATIME
    mount("none", target, None, MS_REMOUNT | MS_BIND | MS_RDONLY | keep)


def pivot_root(new_root: str, put_old: str) -> None:
    """Make a mount the root. Raises OSError ENOSYS on processors whose call number is not known here."""
    number = _PIVOT_ROOT.get(platform.machine())
    if number is None:
        raise OSError(38, "pivot_root: not known for " + platform.machine())
    _check(_libc.syscall(ctypes.c_long(number), _encoded(new_root), _encoded(put_old)), "pivot_root")


def die_with_parent() -> None:
    """Be killed when the thread that made this process ends. Forgotten by the kernel when the user changes."""
    _check(_libc.prctl(_PR_SET_PDEATHSIG, 9, 0, 0, 0), "prctl(PDEATHSIG)")


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parent ends."""
    _check(_libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "prctl(CHILD_SUBREAPER)")


def forbid_new_privileges() -> None:
    """No program that this process starts gets more rights than it has."""
    _check(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl(NO_NEW_PRIVS)")


def make_dumpable() -> None:
    """Let the process read its own /proc entries, which a change of user forbids."""
    _check(_libc.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0), "prctl(DUMPABLE)")


def empty_bounding_set() -> None:
    """Give up every capability that a started program could bring along."""
    capability = 0
    while _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) == 0:
        capability += 1


def drop_capabilities() -> None:
    """Give up every capability that the process has."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    none = (ctypes.c_uint32 * 6)()
    _check(_libc.capset(header, none), "capset")
