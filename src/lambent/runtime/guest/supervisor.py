"""The first process of an environment: holds its file system, starts runtimes and ends them.

    start (fds: channel, pipe) -> a runtime runs; `started` is its own word, and carries its process id as credentials
    kill                       -> everything in the environment is killed
    a runtime ends             -> its stragglers are killed; `exited` tells how it ended

It is made ahead of need, and forks the first runtime ahead, too; the first `start` brings the function with it
(`config`). One runtime at a time. Globals are lost with a runtime; /tmp stays for as long as the supervisor lives. Ends
when the control socket closes, and with it (it is process 1 of a process-id namespace) all that is left inside.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import sys
import time
from typing import Any

from . import program, runtime, sandbox
from . import syscalls as sc
from .frames import receive_control, send_control

_OOM_FIRST = "1000"
"""What the kernel ends before all else when memory runs out: the function, never its supervisor or the server."""


class Supervisor:
    """One environment, seen from inside."""

    def __init__(self, control: socket.socket, config: dict[str, Any]) -> None:
        """config: what is the same for all functions of the zygote."""
        self._control = control
        self._config = config
        self._function: dict[str, Any] = {}
        """What the first `start` told of the function."""
        self._confined = config["mode"] != "plain"
        self._runtime: int | None = None
        """None when it has ended."""
        self._group: int | None = None
        """The process group of the last runtime, for what it left behind."""
        self._door: socket.socket | None = None
        """Where a runtime that was forked waits for its function; None when it has it."""
        self._wakeup, self._wake = os.pipe()
        for fd in (self._wakeup, self._wake):
            os.set_blocking(fd, False)
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def prepare(self, group: int | None) -> None:
        """Do what can be done without a function. group: the control group's list of processes."""
        if group is not None:
            os.write(group, b"0")
            os.close(group)
        if self._confined:
            sandbox.leave_shared()
        elif sys.platform == "linux":
            sc.adopt_orphans()
        self._fork()

    def _fork(self) -> None:
        self._door, door = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            self._become_runtime(door)
        door.close()
        self._runtime = self._group = pid
        # Here as well as there: whoever comes first, a kill that follows finds the group.
        with contextlib.suppress(OSError):
            os.setpgid(pid, pid)

    def _become_runtime(self, door: socket.socket) -> None:
        # Whatever happens here, control never returns into the supervisor's loop.
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.close(self._wakeup)
            os.close(self._wake)
            if self._door is not None:
                self._door.close()
            os.setpgid(0, 0)
            if sys.platform == "linux" and not self._confined:
                sc.die_with_parent()
            received = receive_control(door)
            door.close()
            if received is None:
                os._exit(0)
            message, (channel, pipe) = received
            # The kernel vouches for its process id on the way, in the server's own numbers.
            send_control(self._control, {"event": "started", "pid": os.getpid()})
            self._control.close()
            if sys.platform == "linux":
                _set_oom_score(_OOM_FIRST)
            config = {**self._config, **message["config"]}
            run = runtime.run if config["kind"] == "python" else program.run
            run(channel, pipe, config, message["began"])
        except SystemExit as end:
            runtime.leave(end)
        except BaseException:  # noqa: BLE001  the last boundary of the process: told to the function's log
            runtime.die()

    def run(self) -> None:
        """Serve until the control socket closes."""
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        poll.register(self._wakeup, select.POLLIN)
        while True:
            ready = {fd for fd, _ in poll.poll()}
            if self._wakeup in ready:
                os.read(self._wakeup, 4096)
                self._reap()
            if self._control.fileno() in ready:
                received = receive_control(self._control)
                if received is None:
                    return
                self._obey(*received)

    def _obey(self, message: dict[str, Any], fds: list[int]) -> None:
        if message["do"] == "start":
            began = time.perf_counter()
            if "config" in message:
                self._function = message["config"]
                if self._confined:
                    function = self._function
                    sandbox.enter_environment(function["code"], function["layers"], function["tmp_mb"])
            self._start(fds, began)
        elif self._runtime is not None:
            self._kill_everything()

    def _start(self, fds: list[int], began: float) -> None:
        if self._runtime is None:
            self._fork()
        if self._door is not None:
            # A runtime that ended meanwhile is reaped next, and its end told.
            with self._door, contextlib.suppress(BrokenPipeError, ConnectionResetError):
                send_control(self._door, {"config": self._function, "began": began}, fds)
            self._door = None
        for fd in fds:
            os.close(fd)

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid == self._runtime:
                self._kill_everything()
                self._runtime = None
                if self._door is None:
                    send_control(self._control, {"event": "exited", "status": _status(status)})
            elif self._runtime is None:
                # One straggler's end may have brought its children here.
                self._kill_everything()

    def _kill_everything(self) -> None:
        if self._confined:
            _kill(-1)
            return
        if self._group is not None:
            _kill(-self._group)
        for pid in _children():
            _kill(pid)

    def end(self) -> None:
        """Take everything along; when this returns, nothing of the environment is left but this process."""
        while True:
            self._kill_everything()
            try:
                os.waitpid(-1, 0)
            except ChildProcessError:
                return


def _kill(target: int) -> None:
    """target: a process id, or its negative for a group, or -1 for everybody."""
    # Nobody may be left; macOS answers EPERM when only zombies are.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(target, signal.SIGKILL)


def _children() -> list[int]:
    """The processes that this one is the parent of, adopted ones too; none where the system does not tell."""
    try:
        with open(f"/proc/self/task/{os.getpid()}/children") as file:
            return [int(pid) for pid in file.read().split()]
    except OSError:
        return []


def _status(status: int) -> int:
    """The exit code, or the negative number of the signal."""
    return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def _set_oom_score(score: str) -> None:
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write(score)


def main(control: socket.socket, fds: list[int], config: dict[str, Any]) -> None:
    """Be the supervisor of one environment. fds: the control group's list of processes, where there is one.

    Refusals of the kernel are told to the server as `failed`.
    """
    supervisor = Supervisor(control, config)
    try:
        supervisor.prepare(fds[0] if fds else None)
        supervisor.run()
    except OSError as problem:
        send_control(control, {"event": "failed", "reason": str(problem)})
    finally:
        supervisor.end()
