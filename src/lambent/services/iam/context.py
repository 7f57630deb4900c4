"""What the operations of IAM work with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from lambent.call import Call
    from lambent.clock import Clock
    from lambent.store import Store, Tx


class Caller(Protocol):
    """Who made a call."""

    @property
    def arn(self) -> str:
        """E.g. `arn:aws:iam::000000000000:root`."""

    @property
    def user_name(self) -> str | None:
        """None for everybody who is no user."""


class Callers(Protocol):
    """Tells who made a call: a port, since temporary credentials are another service's."""

    def caller(self, tx: Tx, call: Call) -> Caller:
        """Who signed. Raises AwsError for credentials that are expired or switched off."""


@dataclass(frozen=True, slots=True)
class Iam:
    """The parts that the composition root wires together."""

    store: Store
    clock: Clock
    callers: Callers

    def now_ms(self) -> int:
        """Milliseconds since the epoch."""
        return int(self.clock.time() * 1000)
