"""Replays as they are kept. Each function here runs within a transaction that its caller holds."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from lambent.arn import partition_of
from lambent.services.events.document import compact
from lambent.store import load_queries

if TYPE_CHECKING:
    from lambent.services.events.archive import Archive
    from lambent.store import Row, Tx

_SQL = load_queries("lambent.services.events", "archives.sql")
REPLAYS = "events/replays"
"""The signal that a replay began, or is to end."""


class State(StrEnum):
    """STARTING to RUNNING to COMPLETED; FAILED from both; from both by CANCELLING to CANCELLED."""

    STARTING = "STARTING"
    RUNNING = "RUNNING"
    CANCELLING = "CANCELLING"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class Replay:
    """One replay."""

    id: int
    account: str
    region: str
    name: str
    description: str | None
    archive_arn: str
    destination: dict[str, Any]
    """`Arn` of the bus, `FilterArns` of the rules that are asked."""
    state: State
    state_reason: str | None
    start_ms: int
    end_ms: int
    position_ms: int
    position_id: int
    """0 before anything was replayed."""
    began_ms: int
    ended_ms: int | None

    @property
    def arn(self) -> str:
        """Of the replay."""
        return f"arn:{partition_of(self.region)}:events:{self.region}:{self.account}:replay/{self.name}"

    @property
    def archive_name(self) -> str:
        """Of the archive."""
        return self.archive_arn.rpartition("/")[2]


def insert(tx: Tx, row: dict[str, Any], destination: dict[str, Any]) -> bool:
    """Begin a replay; False where its name is taken."""
    tx.signal(REPLAYS)
    return tx.execute(_SQL["insert_replay"], {**row, "destination": compact(destination)}) == 1


def load(tx: Tx, account: str, region: str, name: str) -> Replay | None:
    """One replay, None where there is none."""
    row = tx.one(_SQL["replay"], {"account": account, "region": region, "name": name})
    return None if row is None else _replay_of(row)


def all_of(tx: Tx, account: str, region: str) -> list[Replay]:
    """All replays by name."""
    return [_replay_of(row) for row in tx.all(_SQL["replays"], {"account": account, "region": region})]


def unfinished(tx: Tx) -> Replay | None:
    """The oldest replay that has not ended."""
    row = tx.one(_SQL["unfinished"], {})
    return None if row is None else _replay_of(row)


def cancel(tx: Tx, replay: Replay) -> bool:
    """Have it end; False where it has ended already, or is about to."""
    tx.signal(REPLAYS)
    return tx.execute(_SQL["cancel"], {"id": replay.id}) == 1


def page(tx: Tx, replay: Replay, archive: Archive, now_ms: int, count: int) -> list[Row]:
    """The events that come next."""
    where = {
        "archive_id": archive.id,
        "kept_after": archive.kept_after_ms(now_ms),
        "end_at": replay.end_ms,
        "position_at": replay.position_ms,
        "position_id": replay.position_id,
        "count": count,
    }
    return tx.all(_SQL["page"], where)


def advance(tx: Tx, replay: Replay, last: Row) -> None:
    """Events up to this one were replayed."""
    tx.execute(_SQL["advance"], {"id": replay.id, "position_at": last["ingested_at"], "position_id": last["id"]})


def end(tx: Tx, replay: Replay, state: State, now_ms: int, reason: str | None = None) -> None:
    """It is over."""
    tx.execute(_SQL["end"], {"id": replay.id, "state": state.value, "reason": reason, "now": now_ms})


def _replay_of(row: Row) -> Replay:
    return Replay(
        id=row["id"],
        account=row["account"],
        region=row["region"],
        name=row["name"],
        description=row["description"],
        archive_arn=row["archive_arn"],
        destination=json.loads(row["destination"]),
        state=State(row["state"]),
        state_reason=row["state_reason"],
        start_ms=row["start_at"],
        end_ms=row["end_at"],
        position_ms=row["position_at"],
        position_id=row["position_id"],
        began_ms=row["replay_started_at"],
        ended_ms=row["replay_ended_at"],
    )
