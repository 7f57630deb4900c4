"""Buses and rules as they are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from lambent.arn import partition_of

if TYPE_CHECKING:
    from lambent.store import Row

DEFAULT = "default"


class BusKey(NamedTuple):
    """Which bus."""

    account: str
    region: str
    name: str

    @property
    def arn(self) -> str:
        """Of the bus."""
        return self._arn(f"event-bus/{self.name}")

    def rule_arn(self, rule: str) -> str:
        """Of a rule; only those of other buses name their bus."""
        return self._arn(f"rule/{rule}" if self.name == DEFAULT else f"rule/{self.name}/{rule}")

    def _arn(self, resource: str) -> str:
        return f"arn:{partition_of(self.region)}:events:{self.region}:{self.account}:{resource}"


@dataclass(frozen=True, slots=True)
class Bus:
    """One bus."""

    key: BusKey
    id: int | None
    """None for the bus `default` as long as nothing was written to it."""
    description: str | None
    policy: str | None
    """JSON."""
    rules_token: str
    created_ms: int
    modified_ms: int


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule."""

    id: int
    bus: BusKey
    name: str
    pattern: str | None
    schedule: str | None
    state: str
    description: str | None
    role_arn: str | None

    @property
    def arn(self) -> str:
        """Of the rule."""
        return self.bus.rule_arn(self.name)


def bus_of(row: Row) -> Bus:
    """The bus in a row."""
    return Bus(
        key=BusKey(row["account"], row["region"], row["name"]),
        id=row["id"],
        description=row["description"],
        policy=row["policy"],
        rules_token=row["rules_token"],
        created_ms=row["created_at"],
        modified_ms=row["last_modified"],
    )


def rule_of(row: Row, bus: BusKey) -> Rule:
    """The rule in a row."""
    return Rule(
        id=row["id"],
        bus=bus,
        name=row["name"],
        pattern=row["pattern"],
        schedule=row["schedule"],
        state=row["state"],
        description=row["description"],
        role_arn=row["role_arn"],
    )
