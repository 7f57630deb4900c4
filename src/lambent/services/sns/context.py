"""What the operations of SNS work with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambent.call import Call
    from lambent.clock import Clock
    from lambent.delivery import Deliveries
    from lambent.store import Store, Tx


class Caller(Protocol):
    """Who made a call."""

    @property
    def arn(self) -> str:
        """E.g. `arn:aws:iam::000000000000:root`."""


class Callers(Protocol):
    """Tells who made a call: a port, since identities are another service's."""

    def caller(self, tx: Tx, call: Call) -> Caller:
        """Who signed. Raises AwsError for credentials that are expired or switched off."""


@dataclass(frozen=True, slots=True)
class Sns:
    """The parts that the composition root wires together.

    endpoint: where clients reach the server, for links in messages that no client's call caused.
    """

    store: Store
    clock: Clock
    deliveries: Deliveries
    callers: Callers
    endpoint: Callable[[], str]

    def now_ms(self) -> int:
        """Milliseconds since the epoch."""
        return int(self.clock.time() * 1000)
