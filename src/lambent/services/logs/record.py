"""Log groups, streams and events, as rows and as they are known everywhere else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lambent.store import Row

DAY_MS = 86_400_000
EVENT_BYTES = 26
"""What AWS adds to each message's size."""


class GroupKey(NamedTuple):
    """One log group."""

    account: str
    region: str
    name: str


class StreamKey(NamedTuple):
    """One log stream."""

    account: str
    region: str
    log_group: str
    stream: str

    @property
    def group(self) -> GroupKey:
        """The group that it is in."""
        return GroupKey(self.account, self.region, self.log_group)


@dataclass(frozen=True, slots=True)
class Group:
    """A log group; times are epoch milliseconds."""

    id: int
    key: GroupKey
    log_class: str
    retention_days: int | None
    """None keeps events for ever."""
    is_protected: bool
    stored_bytes: int
    created_ms: int

    def oldest_ms(self, now_ms: int) -> int:
        """The time from which on events are kept, 0 for all of them."""
        return 0 if self.retention_days is None else max(0, now_ms - self.retention_days * DAY_MS)


@dataclass(frozen=True, slots=True)
class Stream:
    """A log stream; times are epoch milliseconds, those of events 0 where there are none."""

    id: int
    name: str
    created_ms: int
    first_event_ms: int
    last_event_ms: int
    last_ingestion_ms: int


class Position(NamedTuple):
    """Where an event stands: events are ordered by time, then as they were written."""

    ms: int
    chunk: int
    line: int


class Event(NamedTuple):
    """One log event."""

    position: Position
    stream: str
    text: str
    ingested_ms: int


def group_of(row: Row) -> Group:
    """A row of `log_groups`."""
    return Group(
        id=row["id"],
        key=GroupKey(row["account"], row["region"], row["name"]),
        log_class=row["class"],
        retention_days=row["retention_days"],
        is_protected=bool(row["is_protected"]),
        stored_bytes=row["stored_bytes"],
        created_ms=row["created_at"],
    )


def stream_of(row: Row) -> Stream:
    """A row of `log_streams`."""
    return Stream(
        id=row["id"],
        name=row["name"],
        created_ms=row["created_at"],
        first_event_ms=row["first_event_at"],
        last_event_ms=row["last_event_at"],
        last_ingestion_ms=row["last_ingestion_at"],
    )


def size_bytes(text: str) -> int:
    """The size of an event as AWS counts it."""
    return (len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))) + EVENT_BYTES


def size_of(lines: Sequence[tuple[int, str]]) -> int:
    """The size of events (epoch milliseconds, text) together, as AWS counts it."""
    return size_bytes("".join([text for _, text in lines])) + EVENT_BYTES * (len(lines) - 1)
