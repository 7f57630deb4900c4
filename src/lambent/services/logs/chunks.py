"""Events of one stream, packed into the rows that are written and read: chunks.

Invariants: a chunk spans at most `SPAN_MS` and is small enough to be read as a whole, so that readers find what they
need by the times of chunks alone, and hold a few of them at most. Each function with a transaction runs within it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from lambent.services.logs import repository
from lambent.services.logs.record import size_bytes, size_of
from lambent.store import load_queries

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lambent.services.logs.record import Group, GroupKey, Stream
    from lambent.store import Tx

    Line = tuple[int, str]
    """Epoch milliseconds, text."""

_SQL = load_queries("lambent.services.logs", "chunks.sql")

SPAN_MS = 60_000
EXPIRING = "logs/expiring"
"""The signal that a group whose events end some day has new ones."""
_MOST = 1000
_MOST_BYTES = 1_000_000


class Arrived(NamedTuple):
    """A chunk as it was written."""

    id: int
    stream: str
    ingested_ms: int
    lines: list[Line]


def topic(key: GroupKey) -> str:
    """The signal that tells that a log group has something new."""
    return f"logs/{key.account}/{key.region}/{key.name}"


def write(tx: Tx, group: Group, stream: Stream, lines: Sequence[Line], now_ms: int) -> None:
    """Add events to a stream, in whatever order their times are."""
    rows = [_row(group, stream, some, now_ms) for some in cut(lines)]
    tx.executemany(_SQL["add"], rows)
    first_ms, last_ms = min(row["first_ms"] for row in rows), max(row["last_ms"] for row in rows)
    repository.written(tx, stream, first_ms=first_ms, last_ms=last_ms, now_ms=now_ms)
    repository.add_bytes(tx, group, sum(row["bytes"] for row in rows))
    tx.signal(topic(group.key))
    if group.retention_days is not None:
        tx.signal(EXPIRING)


def cut(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Pieces of events that are near each other in time and small enough to be read back one by one."""
    if _fit(lines):
        yield list(lines)
        return
    piece: list[Line] = []
    size = first_ms = last_ms = 0
    for line in lines:
        at_ms, text = line
        line_bytes = size_bytes(text)
        if piece and (
            len(piece) == _MOST
            or size + line_bytes > _MOST_BYTES
            or max(last_ms, at_ms) - min(first_ms, at_ms) > SPAN_MS
        ):
            yield piece
            piece, size = [], 0
        first_ms, last_ms = (min(first_ms, at_ms), max(last_ms, at_ms)) if piece else (at_ms, at_ms)
        piece.append(line)
        size += line_bytes
    if piece:
        yield piece


def _fit(lines: Sequence[Line]) -> bool:
    """Whether all of it is one piece, which is the rule: found out without looking at each event by itself."""
    if not 0 < len(lines) <= _MOST or size_of(lines) > _MOST_BYTES:
        return False
    times = [at_ms for at_ms, _ in lines]
    return max(times) - min(times) <= SPAN_MS


def lines_of(tx: Tx, chunk_id: int) -> list[Line]:
    """The events of a chunk; none where it is gone."""
    row = tx.one(_SQL["events"], {"id": chunk_id})
    return [] if row is None else orjson.loads(row["events"])


def arrived(tx: Tx, group: Group, after: int, count: int) -> list[Arrived]:
    """The next chunks of a group as they were written, at most `count`, behind the id `after`."""
    rows = tx.all(_SQL["arrived"], {"group_id": group.id, "after": after, "count": count})
    return [Arrived(row["id"], row["stream"], row["ingested_at"], orjson.loads(row["events"])) for row in rows]


def last_arrived(tx: Tx, group: Group, count: int) -> list[int]:
    """The ids of the last chunks that were written to a group, the last first."""
    return [row["id"] for row in tx.all(_SQL["last_arrived"], {"group_id": group.id, "count": count})]


def newest(tx: Tx) -> int:
    """The id that no chunk is behind, of all groups; 0 where there are none."""
    row = tx.one(_SQL["newest"], {})
    return 0 if row is None else int(row["id"])


def _row(group: Group, stream: Stream, lines: list[Line], now_ms: int) -> dict[str, Any]:
    times = [at_ms for at_ms, _ in lines]
    return {
        "group_id": group.id,
        "stream_id": stream.id,
        "first_ms": min(times),
        "last_ms": max(times),
        "now": now_ms,
        "count": len(lines),
        "bytes": size_of(lines),
        "events": orjson.dumps(lines),
    }
