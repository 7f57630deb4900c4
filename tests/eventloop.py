"""Steps of the event loop, for tests that must stand between two of them."""

from __future__ import annotations

import asyncio


async def turns(count: int = 1) -> None:
    """Let everything that is ready run, so many times."""
    for _ in range(count):
        await asyncio.sleep(0)  # noqa: TID251  no time passes: it only yields
