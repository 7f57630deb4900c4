"""The trace header of a call that brings none."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lambent.clock import Clock
    from lambent.invoke.target import Target


def new_trace(clock: Clock, target: Target) -> str:
    """A new trace that begins with this call; sampled where the function asks for it."""
    bits = random.getrandbits(192)
    root = f"{bits & 0xFFFFFFFFFFFFFFFFFFFFFFFF:024x}"
    parent = f"{(bits >> 96) & 0xFFFFFFFFFFFFFFFF:016x}"
    start = int(clock.time())
    return f"Root=1-{start:08x}-{root};Parent={parent};Sampled={int(target.traced)};Lineage=1:{bits >> 160:08x}:0"
