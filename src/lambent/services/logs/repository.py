"""Log groups, streams and tags in the store. Each function here runs within a transaction that its caller holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambent.services.logs.record import group_of, stream_of
from lambent.store import load_queries

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from lambent.services.logs.record import Group, GroupKey, Stream
    from lambent.store import Tx

_GROUPS = load_queries("lambent.services.logs", "groups.sql")
_STREAMS = load_queries("lambent.services.logs", "streams.sql")

LEFTOVERS = "logs/leftovers"
"""The signal that something was deleted, or is to be kept for another time."""
AFTER_ALL = "\U0010ffff" * 513
"""Behind every name, and behind every name with a prefix once it follows that."""
_ROWS = 256


# --- groups


def insert_group(
    tx: Tx, key: GroupKey, *, now_ms: int, log_class: str = "STANDARD", is_protected: bool = False
) -> bool:
    """Keep a new group; False, and nothing kept, where its name is taken."""
    row = {**key._asdict(), "class": log_class, "is_protected": int(is_protected), "now": now_ms}
    return tx.execute(_GROUPS["insert"], row) == 1


def load_group(tx: Tx, key: GroupKey) -> Group | None:
    """One group, None where there is none."""
    row = tx.one(_GROUPS["load"], key._asdict())
    return None if row is None else group_of(row)


def groups(tx: Tx, account: str, region: str, *, prefix: str = "", after: str = "") -> Iterator[Group]:
    """Groups by name, whose names begin with `prefix`, behind the name `after`; read as far as they are taken."""
    where = {"account": account, "region": region, "prefix": prefix, "count": _ROWS}
    while True:
        rows = tx.all(_GROUPS["page"], {**where, "after": after})
        for group in map(group_of, rows):
            if not group.key.name.startswith(prefix):
                return
            yield group
            after = group.key.name
        if len(rows) < _ROWS:
            return


def forget_group(tx: Tx, group: Group) -> None:
    """Delete a group; what was in it is removed later, piece by piece."""
    tx.execute(_GROUPS["forget"], {"id": group.id})
    tx.signal(LEFTOVERS)


def set_retention(tx: Tx, group: Group, days: int | None) -> None:
    """Keep a group's events for so many days; None for ever."""
    tx.execute(_GROUPS["set_retention"], {"id": group.id, "days": days})
    tx.signal(LEFTOVERS)


def set_protection(tx: Tx, group: Group, *, is_protected: bool) -> None:
    """Let a group be deleted, or not."""
    tx.execute(_GROUPS["set_protection"], {"id": group.id, "is_protected": int(is_protected)})


def add_bytes(tx: Tx, group: Group, size_bytes: int) -> None:
    """Count what was written to a group."""
    tx.execute(_GROUPS["add_bytes"], {"id": group.id, "bytes": size_bytes})


def tags(tx: Tx, group: Group) -> dict[str, str]:
    """A group's tags by key."""
    return {row["key"]: row["value"] for row in tx.all(_GROUPS["tags"], {"id": group.id})}


def put_tags(tx: Tx, group: Group, new: Mapping[str, str]) -> None:
    """Add tags, replacing those whose keys are there already."""
    tx.executemany(_GROUPS["put_tag"], [{"id": group.id, "key": key, "value": value} for key, value in new.items()])


def remove_tags(tx: Tx, group: Group, keys: Iterable[str]) -> None:
    """Remove tags; keys that are not there are ignored."""
    tx.executemany(_GROUPS["delete_tag"], [{"id": group.id, "key": key} for key in keys])


# --- streams


def insert_stream(tx: Tx, group: Group, name: str, *, now_ms: int) -> bool:
    """Keep a new stream; False, and nothing kept, where its name is taken."""
    return tx.execute(_STREAMS["insert"], {"group_id": group.id, "name": name, "now": now_ms}) == 1


def load_stream(tx: Tx, group: Group, name: str) -> Stream | None:
    """One stream, None where there is none."""
    row = tx.one(_STREAMS["load"], {"group_id": group.id, "name": name})
    return None if row is None else stream_of(row)


def forget_stream(tx: Tx, stream: Stream) -> None:
    """Delete a stream; its events are removed later, piece by piece."""
    tx.execute(_STREAMS["forget"], {"id": stream.id})
    tx.signal(LEFTOVERS)


def written(tx: Tx, stream: Stream, *, first_ms: int, last_ms: int, now_ms: int) -> None:
    """Note the times of events that were written to a stream."""
    tx.execute(_STREAMS["written"], {"id": stream.id, "first_ms": first_ms, "last_ms": last_ms, "now": now_ms})


def streams_by_name(
    tx: Tx, group: Group, *, prefix: str, after: str | None, descending: bool, count: int
) -> list[Stream]:
    """The next streams by name, at most `count`, behind the name `after`; None begins with the first."""
    where = {"group_id": group.id, "prefix": prefix, "count": count}
    if descending:
        rows = tx.all(_STREAMS["by_name_descending"], {**where, "before": after or prefix + AFTER_ALL})
    else:
        rows = tx.all(_STREAMS["by_name"], {**where, "after": after or ""})
    return [stream for stream in map(stream_of, rows) if stream.name.startswith(prefix)]


def streams_by_event(
    tx: Tx, group: Group, *, after: tuple[int, str] | None, descending: bool, count: int
) -> list[Stream]:
    """The next streams by the time of their last event, then by name; `after`: both of the stream before."""
    where = {"group_id": group.id, "count": count}
    if descending:
        at_ms, name = after or (2**62, "")
        rows = tx.all(_STREAMS["by_event_descending"], {**where, "before_ms": at_ms, "before": name})
    else:
        at_ms, name = after or (-1, "")
        rows = tx.all(_STREAMS["by_event"], {**where, "after_ms": at_ms, "after": name})
    return [stream_of(row) for row in rows]
