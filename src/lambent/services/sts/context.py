"""What the operations of STS work with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lambent.clock import Clock
    from lambent.services.sts.callers import Callers, Principals
    from lambent.store import Store


@dataclass(frozen=True, slots=True)
class Sts:
    """The parts that the composition root wires together."""

    store: Store
    clock: Clock
    principals: Principals
    callers: Callers

    def now_ms(self) -> int:
        """Milliseconds since the epoch."""
        return int(self.clock.time() * 1000)
