"""The peer: MiniStack, in a virtual environment of its own, measured with the same functions and the same generator."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from bench.load import Figures, Load, LoadProblem, run
from bench.ours import define
from bench.plan import CLIENTS, EVENT
from bench.processes import ServerProblem, ServerProcess

if TYPE_CHECKING:
    from pathlib import Path

    from bench.plan import Plan

NAME = "MiniStack 1.5.33"
_PACKAGES = ("ministack==1.5.33", "boto3==1.43.106")  # the boto3 that fits the botocore which it asks for
_INSTALL_S = 300
_COLD = 5


@dataclass(frozen=True, slots=True)
class Peer:
    """What came of it."""

    problem: str = ""
    """Why there are no figures; empty where there are some."""
    one: Figures | None = None
    crowd: Figures | None = None
    cold: Figures | None = None


def measure(plan: Plan, out: Path, tmp: Path) -> Peer:
    """Install, start, measure and stop the peer. What goes wrong with it is said in the answer."""
    try:
        binary = _installed(out / "peer")
        with _MiniStack(binary, tmp / "peer") as server:
            return _figures(plan, server.address)
    except (ServerProblem, LoadProblem, OSError, subprocess.SubprocessError, BotoCoreError, ClientError) as problem:
        print(f"the peer cannot be measured: {problem}", file=sys.stderr)
        return Peer("not measured")


def _installed(folder: Path) -> Path:
    binary = folder / "bin" / "ministack"
    done = folder / "installed"
    if not done.is_file() or done.read_text() != " ".join(_PACKAGES):
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True, timeout=_INSTALL_S)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
        subprocess.run([*pip, *_PACKAGES], check=True, timeout=_INSTALL_S)
        done.write_text(" ".join(_PACKAGES))
    return binary


class _MiniStack(ServerProcess):
    def __init__(self, binary: Path, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        environ = {
            "GATEWAY_PORT": str(port),
            "BIND_HOST": "127.0.0.1",
            "TMPDIR": str(folder),
            "HOME": str(folder),
        }
        self.address = f"http://127.0.0.1:{port}"
        super().__init__([str(binary)], folder / "log", environ, folder)
        try:
            self.wait_for(self.address, "/_ministack/health", "lambda")
        except ServerProblem:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop it, and the workers that it leaves behind in its session."""
        super().stop()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


def _figures(plan: Plan, address: str) -> Peer:
    cold_names = [f"cold-{number}" for number in range(_COLD)]
    define(address, ["echo"], "echo")
    define(address, cold_names, "importing")
    one = Load(address, ["echo"], EVENT, calls=plan.peer_calls // 6, seconds=plan.load_s, warm_up=10)
    crowd = replace(one, calls=plan.peer_calls, clients=CLIENTS, warm_up=3 * CLIENTS)
    cold = Load(address, cold_names, EVENT, calls=_COLD, seconds=plan.load_s)
    return Peer(one=run(one), crowd=run(crowd), cold=run(cold))
