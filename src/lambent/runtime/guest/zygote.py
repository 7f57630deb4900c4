"""A warm interpreter that environments are forked from: with boto3 imported, in a file system of its own.

The first control message configures it; the answer says that it is ready. Each later one makes the first process of an
environment (fds: its control socket and, where there is one, the list of processes of its control group).
Single-threaded, so that forks are safe; does nothing else, so that it does not end.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import resource
import select
import signal
import site
import socket
import sys
import traceback
from typing import Any

from . import sandbox, supervisor
from . import syscalls as sc
from .frames import KIB, receive_control, send_control


def main(arguments: list[str]) -> None:
    """Be a zygote on the control socket of this number until it closes."""
    _close_all_but({0, 1, 2, int(arguments[0])})
    control = socket.socket(fileno=int(arguments[0]))
    received = receive_control(control)
    if received is None:
        return
    config = received[0]
    try:
        zygote = Zygote(control, config)
        facts = zygote.warm_up()
    except OSError as problem:
        send_control(control, {"event": "failed", "reason": str(problem)})
        return
    send_control(control, {"event": "ready", **facts})
    zygote.run()
    _reap(wait=True)


class Zygote:
    """Forks environments."""

    def __init__(self, control: socket.socket, config: dict[str, Any]) -> None:
        self._control = control
        self._config = config
        self._mode = config["mode"]
        self._preloaded: frozenset[str] = frozenset()
        self._own_pids: int | None = None
        self._wakeup, self._wake = os.pipe()
        for fd in (self._wakeup, self._wake):
            os.set_blocking(fd, False)

    def warm_up(self) -> dict[str, Any]:
        """Enter the private file system, import what functions will want, and tell what it came to."""
        if sys.platform == "linux":
            sc.die_with_parent()
            if os.getppid() != self._config["parent"]:
                raise OSError("the server ended before its zygote began")
        if self._mode == "root":
            # The way back to the own process-id namespace, kept from before /proc goes out of sight.
            self._own_pids = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
        elif self._mode == "user":
            sc.adopt_orphans()
        if self._mode != "plain":
            sandbox.enter_root(self._config)
        site.setquit()
        sys.path.append(self._config["library"])
        own = set(sys.modules)
        before_kib = _peak_kib()
        problems = _preload(self._config)
        if self._mode != "plain" and self._config["pycache_prefix"] is not None:
            sandbox.leave_pycache()
        self._preloaded = frozenset(name.partition(".")[0] for name in sys.modules if name not in own)
        gc.collect()
        gc.freeze()
        return {"preload_problems": problems, "preload_kib": _peak_kib() - before_kib}

    def run(self) -> None:
        """Until the control socket closes."""
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        poll.register(self._wakeup, select.POLLIN)
        while True:
            ready = {fd for fd, _ in poll.poll()}
            if self._wakeup in ready:
                os.read(self._wakeup, 4096)
                _reap(wait=False)
            if self._control.fileno() in ready:
                received = receive_control(self._control)
                if received is None:
                    return
                self._fork(received[1])

    def _fork(self, fds: list[int]) -> None:
        try:
            pid = self._fork_first_process()
        except OSError as problem:
            with socket.socket(fileno=fds[0]) as control:
                send_control(control, {"event": "failed", "reason": str(problem)})
            fds = fds[1:]
        else:
            if pid == 0:
                self._become_supervisor(fds)
        for fd in fds:
            os.close(fd)

    def _fork_first_process(self) -> int:
        """Fork; in `root` mode the child is process 1 of a new process-id namespace."""
        if self._own_pids is None:
            return os.fork()
        sc.unshare(sc.NEWPID)
        try:
            return os.fork()
        finally:
            # Process 1 of the new namespace stays in it, and its children with it.
            if os.getpid() != 1:
                sc.setns(self._own_pids, sc.NEWPID)

    def _become_supervisor(self, fds: list[int]) -> None:
        try:
            signal.set_wakeup_fd(-1)
            for fd in (self._wakeup, self._wake):
                os.close(fd)
            self._control.close()
            if self._own_pids is not None:
                os.close(self._own_pids)
            control = socket.socket(fileno=fds[0])
            if self._mode == "user" and not _enter_new_pids(control):
                return
            config = {**self._config["environment"], "mode": self._mode, "preloaded": self._preloaded}
            supervisor.main(control, fds[1:], config)
        except BaseException:  # noqa: BLE001  a fork must never return into the zygote's loop
            traceback.print_exc()
        finally:
            os._exit(0)


def _enter_new_pids(control: socket.socket) -> bool:
    """Go on in a new process-id namespace, as its process 1. False in the process that stays behind.

    In a user namespace there is no way back to the machine's own process-id namespace, so that the zygote never leaves
    it: another process does, for the sake of its one child, which the zygote adopts.
    """
    try:
        sc.unshare(sc.NEWPID)
        return os.fork() == 0
    except OSError as problem:
        send_control(control, {"event": "failed", "reason": str(problem)})
        return False


def _close_all_but(kept: set[int]) -> None:
    """Close what the server itself was started with, which functions would inherit; not every event loop does that."""
    for name in os.listdir("/dev/fd"):
        if int(name) not in kept:
            # The descriptor of the listing itself is gone by now.
            with contextlib.suppress(OSError):
                os.close(int(name))


def _preload(config: dict[str, Any]) -> list[str]:
    """Import what is asked for. A module that this interpreter cannot load is left out, with the reason."""
    problems = []
    if config["pycache_prefix"] is not None:
        sys.pycache_prefix = config["pycache_prefix"]
    sys.dont_write_bytecode = config["pycache_prefix"] is None
    for name in config["preload"]:
        before = set(sys.modules)
        try:
            importlib.import_module(name)
        except Exception as problem:  # noqa: BLE001  told to the server, which tells the user
            problems.append(f"{name}: {type(problem).__name__}: {problem}")
            for half in set(sys.modules) - before:
                del sys.modules[half]
    sys.pycache_prefix = None
    sys.dont_write_bytecode = False
    return problems


def _reap(*, wait: bool) -> None:
    """wait: until all environments have ended, which they do when the server lets go of them."""
    while True:
        try:
            pid, _ = os.waitpid(-1, 0 if wait else os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return


def _peak_kib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // KIB
