"""A warm interpreter that environments are forked from: with boto3 imported, in a file system of its own.

The first control message configures it; the answer says that it is ready. Each later one makes an environment (fds: its
control socket, channel, pipe and, where there is one, its cgroup's list of processes). Single-threaded, so that forks
are safe; does nothing else, so that it does not end.
"""

from __future__ import annotations

import gc
import importlib
import os
import resource
import select
import signal
import socket
import sys
import time
import traceback
from typing import Any

from . import sandbox, supervisor
from . import syscalls as sc
from .frames import receive_control, send_control


def main(arguments: list[str]) -> None:
    """Be a zygote on the control socket of this number until it closes."""
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


class Zygote:
    """Forks environments."""

    def __init__(self, control: socket.socket, config: dict[str, Any]) -> None:
        self._control = control
        self._config = config
        self._mode = config["mode"]
        self._preloaded: frozenset[str] = frozenset()
        self._own_pids: int | None = None

    def warm_up(self) -> dict[str, Any]:
        """Enter the private file system, import what functions will want, and tell what it came to."""
        if sys.platform == "linux":
            sc.die_with_parent()
            if os.getppid() != self._config["parent"]:
                raise OSError("the server ended before its zygote began")
        if self._mode != "plain":
            # The way back to the own process-id namespace, kept from before /proc goes out of sight.
            self._own_pids = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
            sandbox.enter_root(self._config)
        sys.path.append(self._config["library"])
        own = set(sys.modules)
        before_kib = _peak_kib()
        problems = _preload(self._config)
        self._preloaded = frozenset(name.partition(".")[0] for name in sys.modules if name not in own)
        gc.collect()
        gc.freeze()
        return {"preload_problems": problems, "preload_kib": _peak_kib() - before_kib, "pid": os.getpid()}

    def run(self) -> None:
        """Until the control socket closes."""
        wakeup_read, wakeup = os.pipe()
        os.set_blocking(wakeup, False)
        os.set_blocking(wakeup_read, False)
        signal.set_wakeup_fd(wakeup, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        while True:
            ready, _, _ = select.select([self._control, wakeup_read], [], [])
            if wakeup_read in ready:
                os.read(wakeup_read, 4096)
                _reap()
            if self._control in ready:
                received = receive_control(self._control)
                if received is None:
                    return
                self._fork(*received)

    def _fork(self, message: dict[str, Any], fds: list[int]) -> None:
        began = time.perf_counter()
        try:
            pid = self._fork_first_process()
        except OSError as problem:
            with socket.socket(fileno=fds[0]) as control:
                send_control(control, {"event": "failed", "reason": str(problem)})
            fds = fds[1:]
        else:
            if pid == 0:
                self._become_supervisor(message, fds, began)
        for fd in fds:
            os.close(fd)

    def _fork_first_process(self) -> int:
        """fork(), as process 1 of a new process-id namespace where there are namespaces."""
        if self._own_pids is None:
            return os.fork()
        sc.unshare(sc.NEWPID)
        try:
            return os.fork()
        finally:
            # In the child, too, where it does no harm: its own children stay where it is.
            if os.getpid() != 1:
                sc.setns(self._own_pids, sc.NEWPID)

    def _become_supervisor(self, message: dict[str, Any], fds: list[int], began: float) -> None:
        try:
            self._control.close()
            if self._own_pids is not None:
                os.close(self._own_pids)
            config = {**self._config["environment"], **message, "mode": self._mode, "preloaded": self._preloaded}
            supervisor.main(socket.socket(fileno=fds[0]), fds[1:], config, began)
        except BaseException:  # noqa: BLE001  a fork must never return into the zygote's loop
            traceback.print_exc()
        finally:
            os._exit(0)


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
            problems.append("%s: %s: %s" % (name, type(problem).__name__, problem))
            for half in set(sys.modules) - before:
                del sys.modules[half]
    sys.pycache_prefix = None
    sys.dont_write_bytecode = False
    return problems


def _reap() -> None:
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return


def _peak_kib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
