"""What the operations of EventBridge Scheduler work with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambent.call import Call, Output, Params

if TYPE_CHECKING:
    from lambent.clock import Clock
    from lambent.delivery import Deliveries
    from lambent.store import Store


@dataclass(frozen=True, slots=True)
class Scheduler:
    """The parts that the composition root wires together."""

    store: Store
    clock: Clock
    deliveries: Deliveries

    def now_ms(self) -> int:
        """Milliseconds since the epoch."""
        return int(self.clock.time() * 1000)


Operation = Callable[[Scheduler, Call, Params], Awaitable[Output]]
