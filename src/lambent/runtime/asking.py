"""Starting a program to hear what it says of itself, which may be nothing, or take for ever.

May import clock.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from lambent.clock import Clock

_ANSWER_WITHIN_S = 10.0


async def said_by(program: Path, *arguments: str, clock: Clock) -> bytes | None:
    """What a program writes to its standard output; None when it does not start, fails, or takes over 10 s."""
    try:
        process = await asyncio.create_subprocess_exec(
            program,
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError:
        return None
    timer = clock.call_later(_ANSWER_WITHIN_S, process.kill)
    try:
        answer, _ = await process.communicate()
    finally:
        timer.cancel()
    return answer if process.returncode == 0 else None
