"""Who takes messages for which ARNs. Filled by the composition root, read by everybody who hands over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambent.delivery.contract import Undeliverable

if TYPE_CHECKING:
    from lambent.delivery.contract import Message, Target
    from lambent.store import Tx

_PARTS = 6


class Deliveries:
    """Targets by the service in their ARNs: `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`."""

    def __init__(self) -> None:
        self._targets: dict[str, Target] = {}

    def register(self, service: str, target: Target) -> None:
        """Name who takes messages for ARNs of a service; each has one."""
        if service in self._targets:
            raise ValueError(f"two targets for {service}")
        self._targets[service] = target

    def takes(self, arn: str) -> bool:
        """Whether somebody takes messages for ARNs like this one, existing or not."""
        return service_of(arn) in self._targets

    def deliver(self, tx: Tx, arn: str, message: Message) -> None:
        """Hand a message over within the transaction `tx`. Raises Undeliverable."""
        target = self._targets.get(service_of(arn))
        if target is None:
            raise Undeliverable("InvalidTarget", f"nothing here takes messages for {arn}")
        target.deliver(tx, arn, message)


def service_of(arn: str) -> str:
    """The service in an ARN; empty for what is none."""
    parts = arn.split(":", _PARTS - 1)
    return parts[2] if len(parts) == _PARTS and parts[0] == "arn" else ""
