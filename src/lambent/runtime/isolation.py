"""How far this machine lets functions be confined, found out by trying, and said with reasons.

May import clock, filesystem and memory. Levels: `partial` is namespaces, private mounts, dropped privileges and, where
control groups may be made, a memory limit that the kernel holds; it is not called full, because system calls are not
filtered and the network is the machine's own. `none` is plain processes of the server's own user.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambent.clock import Clock

Mode = Literal["root", "user", "plain"]
LAUNCH = Path(__file__).with_name("guest") / "launch.py"
_ANSWER_WITHIN_S = 10.0
_PLAIN = "functions are plain processes of the server's own user, their files and numbers not limited"


@dataclass(frozen=True, slots=True)
class Isolation:
    """What is in force."""

    mode: Mode
    """`root`: namespaces by right; `user`: by a user namespace; `plain`: none."""
    reasons: tuple[str, ...]
    """What is missing and why, one line each."""

    @property
    def level(self) -> Literal["full", "partial", "none"]:
        """For people."""
        return "none" if self.mode == "plain" else "partial"


async def probe(
    clock: Clock, wanted: Literal["auto", "none"], sandbox_of: Callable[[Mode], dict[str, Any]], memory: str | None
) -> Isolation:
    """Try the modes from the strongest on.

    sandbox_of: the configuration of a sandbox in a mode. memory: why the kernel limits no memory; None when it does.
    """
    reasons = [] if memory is None else [f"memory is watched, not limited by the kernel: {memory}"]
    if wanted == "none":
        return Isolation("plain", ("isolation is switched off", _PLAIN, *reasons))
    if sys.platform != "linux":
        return Isolation("plain", (f"{sys.platform} has no namespaces", _PLAIN, *reasons))
    problems = []
    modes: tuple[Mode, ...] = ("root", "user") if os.geteuid() == 0 else ("user",)
    for mode in modes:
        problem = await _try(clock, sandbox_of(mode))
        if problem is None:
            missing = "system calls are not filtered, the network is the machine's own"
            return Isolation(mode, (missing, *reasons))
        problems.append(f"no namespaces ({mode}): {problem}")
    return Isolation("plain", (*problems, _PLAIN, *reasons))


async def _try(clock: Clock, config: dict[str, Any]) -> str | None:
    """Why it does not work; None when it does."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", str(LAUNCH), "probe"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    timer = clock.call_later(_ANSWER_WITHIN_S, process.kill)
    try:
        answer, complaint = await process.communicate(json.dumps(config).encode())
    finally:
        timer.cancel()
    if process.returncode != 0 or not answer:
        last = complaint.decode("utf-8", "replace").strip().splitlines()[-1:]
        return last[0] if last else f"the probe ended with status {process.returncode}"
    problem: str | None = json.loads(answer)
    return problem
