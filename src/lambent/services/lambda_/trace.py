"""The trace header of a call that brings none."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from lambent.invoke.lineage import mark

if TYPE_CHECKING:
    from lambent.clock import Clock
    from lambent.invoke.target import Target


def new_trace(clock: Clock, target: Target) -> str:
    """A new trace that begins with this call; sampled where the function asks for it."""
    digits = f"{random.getrandbits(160):040x}"
    start, sampled = int(clock.time()), "1" if target.traced else "0"
    return (
        f"Root=1-{start:08x}-{digits[:24]};Parent={digits[24:40]};Sampled={sampled};Lineage=1:{mark(target.spec.arn)}:0"
    )
