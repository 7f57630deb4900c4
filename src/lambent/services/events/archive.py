"""Archives and what is in them. Each function here runs within a transaction that its caller holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lambent.services.events import repository
from lambent.services.events.record import Bus, BusKey
from lambent.store import load_queries

if TYPE_CHECKING:
    from lambent.services.events.outbox import Letter
    from lambent.store import Row, Tx

_SQL = load_queries("lambent.services.events", "archives.sql")
DAY_MS = 86_400_000
ARCHIVES = "events/archives"
"""The signal that an archive's retention has changed."""


@dataclass(frozen=True, slots=True)
class Archive:
    """One archive."""

    id: int
    bus: BusKey
    name: str
    description: str | None
    pattern: str | None
    retention_days: int
    """0 for ever."""
    created_ms: int

    @property
    def arn(self) -> str:
        """Of the archive."""
        return f"{self.bus.arn.rpartition(':')[0]}:archive/{self.name}"

    def kept_after_ms(self, now_ms: int) -> int:
        """What came before is over."""
        return now_ms - self.retention_days * DAY_MS if self.retention_days else 0


def insert(tx: Tx, bus: Bus, row: dict[str, Any]) -> bool:
    """Keep a new archive; False where its name is taken."""
    named = {"account": bus.key.account, "region": bus.key.region, "bus_id": bus.id}
    if tx.execute(_SQL["insert"], {**row, **named}) == 0:
        return False
    repository.touch_bus(tx, bus)
    tx.signal(ARCHIVES)
    return True


def load(tx: Tx, account: str, region: str, name: str) -> Archive | None:
    """One archive, None where there is none."""
    row = tx.one(_SQL["load"], {"account": account, "region": region, "name": name})
    return None if row is None else _archive_of(row)


def all_of(tx: Tx, account: str, region: str) -> list[Archive]:
    """All archives by name."""
    return [_archive_of(row) for row in tx.all(_SQL["list"], {"account": account, "region": region})]


def patterns(tx: Tx, bus: Bus) -> list[tuple[int, str | None]]:
    """The numbers and patterns of a bus's archives."""
    return [(row["id"], row["pattern"]) for row in tx.all(_SQL["of_bus"], {"bus_id": bus.id})]


def update(tx: Tx, bus: Bus, archive: Archive, changed: dict[str, Any]) -> None:
    """Replace description, pattern and retention."""
    tx.execute(_SQL["update"], {"id": archive.id, **changed})
    repository.touch_bus(tx, bus)
    tx.signal(ARCHIVES)


def delete(tx: Tx, bus: Bus, archive: Archive) -> None:
    """Delete an archive with all that is in it."""
    tx.execute(_SQL["delete"], {"id": archive.id})
    repository.touch_bus(tx, bus)


def keep(tx: Tx, number: int, letter: Letter) -> None:
    """Keep an event in an archive."""
    tx.execute(_SQL["keep"], {"archive_id": number, "event": letter.event, "now": letter.now_ms})


def size(tx: Tx, archive: Archive, now_ms: int) -> tuple[int, int]:
    """How many events are in it, and how many bytes they have."""
    row = tx.one(_SQL["size"], {"id": archive.id, "after": archive.kept_after_ms(now_ms)})
    return (0, 0) if row is None else (row["events"], row["bytes"])


def forget_expired(tx: Tx, now_ms: int, count: int) -> bool:
    """Remove some events that are over; whether there may be more."""
    for row in tx.all(_SQL["with_retention"], {}):
        until = now_ms - row["retention_days"] * DAY_MS
        found = tx.all(_SQL["expired"], {"id": row["id"], "until": until, "count": count})
        if found:
            tx.executemany(_SQL["forget"], [{"id": one["id"]} for one in found])
            return True
    return False


def next_expiry_ms(tx: Tx, now_ms: int) -> int | None:
    """When there may be something over; None where nothing ever is."""
    row = tx.one(_SQL["oldest"], {})
    if row is None or not row["archives"]:
        return None
    # What is archived from now on is kept for a day at least.
    latest_ms = now_ms + DAY_MS
    return latest_ms if row["due_at"] is None else min(int(row["due_at"]), latest_ms)


def _archive_of(row: Row) -> Archive:
    return Archive(
        id=row["id"],
        bus=BusKey(row["account"], row["region"], row["bus"]),
        name=row["name"],
        description=row["description"],
        pattern=row["pattern"],
        retention_days=row["retention_days"],
        created_ms=row["created_at"],
    )
