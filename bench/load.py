"""Loads: what is called, how, and how fast the answers came."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).parent.parent
_GRACE_S = 90


class LoadProblem(Exception):  # noqa: N818  a server's, or the generator's
    """A load that could not be carried out, or an answer that was wrong."""


@dataclass(frozen=True, slots=True)
class Load:
    """Calls to make."""

    address: str
    """`http://host:port`"""
    functions: Sequence[str]
    """Called in turn."""
    body: str
    calls: int
    seconds: float
    """No call is begun after these."""
    clients: int = 1
    warm_up: int = 0
    """Calls before, which are not counted."""
    answer: str | None = None
    """What answers begin with; None where they are the body again."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of a load."""

    calls: int
    seconds: float
    p50_ms: float
    p99_ms: float

    @property
    def per_s(self) -> float:
        """Throughput, calls per second."""
        return self.calls / self.seconds


def latency(figures: Figures) -> float:
    """What rounds of one client are compared by."""
    return figures.p50_ms


def throughput(figures: Figures) -> float:
    """What rounds of many clients are compared by."""
    return figures.per_s


def run(load: Load) -> Figures:
    """Carry out a load in a process of its own. Raises LoadProblem."""
    where = urlsplit(load.address)
    order = {
        "host": where.hostname,
        "port": where.port,
        "paths": [f"/2015-03-31/functions/{name}/invocations" for name in load.functions],
        "body": load.body,
        "status": 200,
        "answer": load.body if load.answer is None else load.answer,
        "exact": load.answer is None,
        "clients": load.clients,
        "warm_up": load.warm_up,
        "calls": load.calls,
        "seconds": load.seconds,
    }
    command = [sys.executable, "-m", "bench.generator"]
    limit = 2 * load.seconds + _GRACE_S
    try:
        done = subprocess.run(
            command, input=json.dumps(order), capture_output=True, text=True, cwd=ROOT, timeout=limit, check=False
        )
    except subprocess.TimeoutExpired as late:
        raise LoadProblem(f"no result after {limit:.0f} s") from late
    if done.returncode:
        raise LoadProblem(done.stderr.strip())
    return Figures(**json.loads(done.stdout))


def by_turns(rounds: int, key: Callable[[Figures], float], *loads: Load) -> list[Figures]:
    """Carry out loads in turn, so that what else happens on the machine hits all of them; each one's middle round."""
    figures: list[list[Figures]] = [[] for _ in loads]
    for _ in range(rounds):
        for load, mine in zip(loads, figures, strict=True):
            mine.append(run(load))
    return [_middle(mine, key) for mine in figures]


def _middle(figures: Sequence[Figures], key: Callable[[Figures], float]) -> Figures:
    """The round whose key is in the middle."""
    return sorted(figures, key=key)[len(figures) // 2]
