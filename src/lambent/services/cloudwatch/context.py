"""What the operations of CloudWatch work with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambent.call import Call, Output, Params

if TYPE_CHECKING:
    from lambent.clock import Clock
    from lambent.services.cloudwatch.buffer import MetricBuffer
    from lambent.store import Store


@dataclass(frozen=True, slots=True)
class CloudWatch:
    """The parts that the composition root wires together."""

    store: Store
    clock: Clock
    buffer: MetricBuffer


Operation = Callable[[CloudWatch, Call, Params], Awaitable[Output]]
