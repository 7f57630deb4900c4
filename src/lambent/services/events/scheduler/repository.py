"""Schedules and their groups in the store. Each function here runs within a transaction that its caller holds."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from lambent.arn import partition_of
from lambent.services.events.document import compact
from lambent.store import load_queries

if TYPE_CHECKING:
    from lambent.store import Row, Tx

_SQL = load_queries("lambent.services.events.scheduler", "schedules.sql")
DEFAULT = "default"
CHANGES = "scheduler/changes"
"""The signal that a schedule may be due at another time."""


class GroupKey(NamedTuple):
    """Which group."""

    account: str
    region: str
    name: str

    @property
    def arn(self) -> str:
        """Of the group."""
        return f"{self._start}:schedule-group/{self.name}"

    def schedule_arn(self, name: str) -> str:
        """Of a schedule in it."""
        return f"{self._start}:schedule/{self.name}/{name}"

    @property
    def _start(self) -> str:
        return f"arn:{partition_of(self.region)}:scheduler:{self.region}:{self.account}"


@dataclass(frozen=True, slots=True)
class Group:
    """One group of schedules."""

    key: GroupKey
    client_token: str | None
    created_ms: int
    modified_ms: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """One schedule."""

    id: int
    group: GroupKey
    name: str
    settings: dict[str, Any]
    client_token: str | None
    created_ms: int
    modified_ms: int
    due_ms: int | None

    @property
    def arn(self) -> str:
        """Of the schedule."""
        return self.group.schedule_arn(self.name)


class Due(NamedTuple):
    """When a schedule is due, and when it fires for that; both None for never."""

    due_ms: int | None
    fire_ms: int | None


def insert_group(tx: Tx, key: GroupKey, client_token: str | None, now_ms: int) -> bool:
    """Keep a new group; False where its name is taken."""
    return tx.execute(_SQL["insert_group"], {**key._asdict(), "client_token": client_token, "now": now_ms}) == 1


def load_group(tx: Tx, key: GroupKey) -> Group | None:
    """One group, None where there is none; `default` is everywhere."""
    row = tx.one(_SQL["group"], key._asdict())
    if row is not None:
        return _group_of(row)
    return Group(key, None, 0, 0) if key.name == DEFAULT else None


def groups(tx: Tx, account: str, region: str) -> list[Group]:
    """All groups by name."""
    found = [_group_of(row) for row in tx.all(_SQL["groups"], {"account": account, "region": region})]
    return sorted([*found, Group(GroupKey(account, region, DEFAULT), None, 0, 0)], key=lambda group: group.key.name)


def delete_group(tx: Tx, key: GroupKey) -> None:
    """Delete a group with its schedules."""
    tx.execute(_SQL["delete_schedules_of_group"], key._asdict())
    tx.execute(_SQL["delete_group"], key._asdict())


def insert(
    tx: Tx, group: GroupKey, name: str, settings: dict[str, Any], *, client_token: str | None, now_ms: int, due: Due
) -> bool:
    """Keep a new schedule; False where its name is taken."""
    tx.signal(CHANGES)
    row = {
        **_named(group, name),
        "settings": compact(settings),
        "client_token": client_token,
        "now": now_ms,
        "due_at": due.due_ms,
        "fire_at": due.fire_ms,
    }
    return tx.execute(_SQL["insert"], row) == 1


def update(tx: Tx, schedule: Schedule, settings: dict[str, Any], *, now_ms: int, due: Due) -> None:
    """Replace a schedule's settings."""
    tx.signal(CHANGES)
    row = {"settings": compact(settings), "now": now_ms, "due_at": due.due_ms, "fire_at": due.fire_ms}
    tx.execute(_SQL["update"], {"id": schedule.id, **row})


def load(tx: Tx, group: GroupKey, name: str) -> Schedule | None:
    """One schedule, None where there is none."""
    row = tx.one(_SQL["load"], _named(group, name))
    return None if row is None else _schedule_of(row)


def schedules(tx: Tx, account: str, region: str) -> list[Schedule]:
    """All schedules by group and name."""
    return [_schedule_of(row) for row in tx.all(_SQL["all"], {"account": account, "region": region})]


def delete(tx: Tx, schedule: Schedule) -> None:
    """Delete a schedule."""
    tx.execute(_SQL["delete"], {"id": schedule.id})


def due(tx: Tx, now_ms: int, count: int) -> list[Schedule]:
    """What is to fire now, the oldest first."""
    return [_schedule_of(row) for row in tx.all(_SQL["due"], {"now": now_ms, "count": count})]


def set_due(tx: Tx, schedule: Schedule, due: Due) -> None:
    """Say when a schedule fires next."""
    tx.execute(_SQL["set_due"], {"id": schedule.id, "due_at": due.due_ms, "fire_at": due.fire_ms})


def next_fire_ms(tx: Tx) -> int | None:
    """When the next schedule fires; None where none does."""
    row = tx.one(_SQL["next_due"], {})
    return None if row is None else row["fire_at"]


def _named(group: GroupKey, name: str) -> dict[str, str]:
    return {"account": group.account, "region": group.region, "group_name": group.name, "name": name}


def _group_of(row: Row) -> Group:
    key = GroupKey(row["account"], row["region"], row["name"])
    return Group(key, row["client_token"], row["created_at"], row["last_modified"])


def _schedule_of(row: Row) -> Schedule:
    return Schedule(
        id=row["id"],
        group=GroupKey(row["account"], row["region"], row["group_name"]),
        name=row["name"],
        settings=json.loads(row["settings"]),
        client_token=row["client_token"],
        created_ms=row["created_at"],
        modified_ms=row["last_modified"],
        due_ms=row["due_at"],
    )
