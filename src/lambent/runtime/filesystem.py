"""What of this machine's file system functions see, as data for the guest's sandbox.

May import interpreters and library. Everything is read-only; nothing of a home directory, of the server or of other
functions is among it, except the interpreter itself, or Node.js, where it lies in a home directory.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lambent.runtime import library

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambent.runtime.interpreters import Choice, Interpreter

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_ETC = (
    "alternatives",
    "ca-certificates",
    "ca-certificates.conf",
    "crypto-policies",
    "host.conf",
    "hosts",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "localtime",
    "mime.types",
    "nsswitch.conf",
    "pki",
    "protocols",
    "resolv.conf",
    "services",
    "ssl",
)
FIRST_UID = 20000
"""Each environment that exists at one time has a user of its own, so that limits on processes are its own, too."""
USER_MODE_UID = 993
GID = 990
_LANG = "/var/lang"
_USER = "sbx_user1051"


def sandbox(
    *,
    interpreter: Interpreter,
    packages: Mapping[str, Path],
    extra: Path | None,
    root: Path,
    code_dir: Path,
    pycache_dir: Path | None,
    users: int,
) -> dict[str, Any]:
    """The file system of a zygote: the configuration of `guest.sandbox.enter_root`, without the mode.

    extra: of `extra_prefix`. root: an empty folder to build it on. users: how many environments may exist at one time.
    """
    binds: list[tuple[str, str]] = []
    links: dict[str, str] = {}
    for path in map(Path, _SYSTEM):
        if path.is_symlink():
            links[str(path)] = str(path.readlink())
        elif path.is_dir():
            binds.append((str(path), str(path)))
    prefix = interpreter.prefix
    if not prefix.is_relative_to("/usr"):
        binds.append((str(prefix), str(prefix)))
    if extra is None:
        links[_LANG] = str(prefix)
    else:
        binds.append((str(extra), _LANG))
    binds.extend((f"/etc/{name}", f"/etc/{name}") for name in _ETC if Path("/etc", name).exists())
    binds.extend((str(place), f"/var/runtime/{name}") for name, place in packages.items())
    binds.extend((str(place), f"/var/runtime/{place.name}") for place in sorted(library.NODE.glob("*.mjs")))
    return {
        "root": str(root),
        "binds": binds,
        "links": links,
        "files": {"/etc/passwd": _passwd(users), "/etc/group": f"root:x:0:\nsbx_user:x:{GID}:\n"},
        "code_dir": str(code_dir),
        "pycache_dir": None if pycache_dir is None else str(pycache_dir),
        "uid": USER_MODE_UID,
        "gid": GID,
    }


def extra_prefix(choice: Choice) -> Path | None:
    """The folder of a program that a function needs; None where there is none, or the system's own folders hold it."""
    if choice.node is None or any(choice.node.path.is_relative_to(folder) for folder in _SYSTEM):
        return None
    return choice.node.prefix


def program(choice: Choice, *, plain: bool) -> str | None:
    """Where a function finds the program that runs it; None where it has none, or brings it.

    plain: whether functions see the machine's own file system.
    """
    if choice.node is None:
        return None
    if plain or extra_prefix(choice) is None:
        return str(choice.node.path)
    return f"{_LANG}/bin/{choice.node.path.name}"


def _passwd(users: int) -> str:
    uids = [USER_MODE_UID, *range(FIRST_UID, FIRST_UID + users)]
    own = "".join(f"{_USER}:x:{uid}:{GID}::/tmp:/bin/sh\n" for uid in uids)
    return f"root:x:0:0:root:/root:/bin/sh\n{own}"


def raise_open_files_limit() -> None:
    """Let this process hold the descriptors of many environments: three each."""
    import resource  # noqa: PLC0415  absent on platforms without it, where there is no such limit

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = hard if hard != resource.RLIM_INFINITY else max(soft, os.sysconf("SC_OPEN_MAX"), 65536)
    if soft != resource.RLIM_INFINITY and wanted > soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
