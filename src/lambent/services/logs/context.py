"""What the operations of CloudWatch Logs work with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambent.call import Call, Output, Params

if TYPE_CHECKING:
    from lambent.clock import Clock
    from lambent.services.logs.sessions import Sessions
    from lambent.store import Store


@dataclass(frozen=True, slots=True)
class Logs:
    """The parts that the composition root wires together."""

    store: Store
    clock: Clock
    sessions: Sessions

    def now_ms(self) -> int:
        """Milliseconds since the epoch."""
        return int(self.clock.time() * 1000)


Operation = Callable[[Logs, Call, Params], Awaitable[Output]]
