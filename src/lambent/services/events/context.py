"""What the operations of EventBridge work with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambent.call import Call, Output, Params

if TYPE_CHECKING:
    from lambent.clock import Clock
    from lambent.delivery import Deliveries
    from lambent.services.events.routing import Routing
    from lambent.store import Store


@dataclass(frozen=True, slots=True)
class Events:
    """The parts that the composition root wires together."""

    store: Store
    clock: Clock
    deliveries: Deliveries
    routing: Routing

    def now_ms(self) -> int:
        """Milliseconds since the epoch."""
        return int(self.clock.time() * 1000)


Operation = Callable[[Events, Call, Params], Awaitable[Output]]
