"""The first process of an environment: holds its file system, starts runtimes and ends them.

    start (fds: channel, pipe) -> a runtime runs; `started` carries its process id as credentials
    kill                       -> everything in the environment is killed
    a runtime ends             -> its stragglers are killed; `exited` tells how it ended

One runtime at a time. Globals are lost with a runtime; /tmp stays for as long as the supervisor lives. Ends when the
control socket closes, and with it (it is process 1 of a process-id namespace) all that is left inside.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import struct
import sys
import time
from typing import Any

from . import runtime, sandbox
from . import syscalls as sc
from .frames import control_message, receive_control, send_control

_OOM_NEVER, _OOM_USUAL = "-1000", "0"


class Supervisor:
    """One environment, seen from inside."""

    def __init__(self, control: socket.socket, config: dict[str, Any], began: float) -> None:
        self._control = control
        self._config = config
        self._began = began
        self._confined = config["mode"] != "plain"
        self._runtime: int | None = None
        self._wakeup, wakeup = os.pipe()
        os.set_blocking(wakeup, False)
        os.set_blocking(self._wakeup, False)
        signal.set_wakeup_fd(wakeup, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def prepare(self, cgroup: int | None) -> None:
        """Build the environment around this process."""
        if cgroup is not None:
            os.write(cgroup, b"0")
            os.close(cgroup)
        if self._confined:
            sandbox.enter_environment(self._config["code"], self._config["tmp_mb"])
            if self._config["mode"] == "root":
                _set_oom_score(_OOM_NEVER)

    def start(self, channel: int, pipe: int) -> None:
        """Fork a runtime."""
        pid = os.fork()
        if pid == 0:
            self._become_runtime(channel, pipe)
        os.close(channel)
        os.close(pipe)
        self._runtime = pid
        self._announce(pid)

    def _become_runtime(self, channel: int, pipe: int) -> None:
        # Whatever happens here, control never returns into the supervisor's loop.
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self._control.close()
            os.setpgid(0, 0)
            if sys.platform == "linux":
                if not self._confined:
                    sc.die_with_parent()
                elif self._config["mode"] == "root":
                    _set_oom_score(_OOM_USUAL)
            runtime.run(channel, pipe, self._config, self._began)
        except SystemExit as end:
            runtime.leave(end)
        except BaseException:  # noqa: BLE001  the last boundary of the process: told to the function's log
            runtime.die()

    def _announce(self, pid: int) -> None:
        """Tell the process id; the kernel translates the credentials into the server's own numbers."""
        message = control_message({"event": "started", "pid": pid})
        if sys.platform != "linux":
            self._control.sendall(message)
            return
        credentials = struct.pack("iII", pid, os.getuid(), os.getgid())
        self._control.sendmsg([message], [(socket.SOL_SOCKET, socket.SCM_CREDENTIALS, credentials)])

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
            self._began = time.perf_counter()
            self.start(*fds)
        elif self._runtime is not None:
            self._kill_everything(self._runtime)

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid == self._runtime:
                self._runtime = None
                self._kill_everything(pid)
                send_control(self._control, {"event": "exited", "status": _status(status)})

    def _kill_everything(self, group: int) -> None:
        try:
            if self._confined:
                os.kill(-1, signal.SIGKILL)
            else:
                os.killpg(group, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            # Nobody is left; macOS answers EPERM when only zombies are.
            return

    def end(self) -> None:
        """Take everything along."""
        if self._runtime is not None:
            self._kill_everything(self._runtime)


def _status(status: int) -> int:
    """The exit code, or the negative number of the signal."""
    return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def _set_oom_score(score: str) -> None:
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write(score)


def main(control: socket.socket, fds: list[int], config: dict[str, Any], began: float) -> None:
    """Be the supervisor of one environment. fds: channel, pipe and, where there is one, the cgroup's list of processes.

    Refusals of the kernel are told to the server as `failed`.
    """
    supervisor = Supervisor(control, config, began)
    try:
        supervisor.prepare(fds[2] if len(fds) > 2 else None)
        supervisor.start(fds[0], fds[1])
    except OSError as problem:
        send_control(control, {"event": "failed", "reason": str(problem)})
        return
    try:
        supervisor.run()
    finally:
        supervisor.end()
