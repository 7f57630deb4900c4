"""The next events of a stream or a group in the order of their times: a page of them, in bounded memory.

Chunks overlap in time, so that the order of events is not that of chunks. They are read in the order of their first
events; the page holds the best events seen so far, and the reading ends once no chunk that is left can have a better
one. What is pushed out of a full page is found again by the next. Source: GetLogEvents and FilterLogEvents, "up to 1 MB
of log events or up to 10,000 log events".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any, NamedTuple

from lambent.services.logs import chunks
from lambent.services.logs.chunks import SPAN_MS
from lambent.services.logs.record import Event, Position, size_bytes
from lambent.store import load_queries

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambent.store import Row, Store, Tx

    Matches = Callable[[str], bool]

_SQL = load_queries("lambent.services.logs", "chunks.sql")
_PAGE_BYTES = 1_048_576
_STEP_BYTES = 4_000_000
"""What is read in one go, so that nobody waits long for a reader."""
_STEP_ROWS = 128
BUDGET_BYTES = 64_000_000
"""A page ends early once so much was read for it, so that no call takes minutes."""
LAST_MS = 2**53
"""Behind every event."""


class Range(NamedTuple):
    """Epoch milliseconds, both included."""

    first_ms: int
    last_ms: int


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for."""

    group_id: int
    span: Range
    limit: int
    matches: Matches
    stream_id: int | None = None
    """None for all streams of the group, or those that follow."""
    prefix: str = ""
    names: frozenset[str] | None = None
    descending: bool = False
    after: Position | None = None
    """The page begins behind it, in the direction of the search."""


class Found(NamedTuple):
    """A page."""

    events: list[Event]
    """In the order of the search."""
    last: Position | None
    """Where the next page goes on from; None where everything was searched."""


async def find(store: Store, search: Search) -> Found:
    """Read a page."""
    reading = _Reading(search)
    while not reading.is_over:
        await store.read(reading.step)
    return reading.found()


@dataclass(slots=True)
class _Best:
    """The best events so far, at most a page of them."""

    limit: int
    descending: bool
    is_full: bool = False
    """Whether an event had to go, so that only better ones than the worst are of interest."""
    _heap: list[tuple[tuple[int, int, int], int, Event]] = field(default_factory=list)
    """The worst first."""
    _bytes: int = 0

    @property
    def worst(self) -> Position:
        return self._heap[0][2].position

    def takes(self, position: Position) -> bool:
        """Whether an event that stands there would find its place."""
        if not self.is_full:
            return True
        return position > self.worst if self.descending else position < self.worst

    def add(self, event: Event) -> None:
        size = size_bytes(event.text)
        heappush(self._heap, (self._badness(event.position), size, event))
        self._bytes += size
        while len(self._heap) > self.limit or (self._bytes > _PAGE_BYTES and len(self._heap) > 1):
            self._bytes -= heappop(self._heap)[1]
            self.is_full = True

    def events(self) -> list[Event]:
        """The best first."""
        return [event for _, _, event in sorted(self._heap, key=lambda entry: entry[0], reverse=True)]

    def _badness(self, position: Position) -> tuple[int, int, int]:
        ms, chunk, index = position
        return (ms, chunk, index) if self.descending else (-ms, -chunk, -index)


class _Reading:
    """The reading of one page, step by step."""

    def __init__(self, search: Search) -> None:
        low_ms, high_ms = search.span
        if search.after is not None:
            if search.descending:
                high_ms = min(high_ms, search.after.ms)
            else:
                low_ms = max(low_ms, search.after.ms)
        self._search = search
        self._low_ms, self._high_ms = low_ms, min(high_ms, LAST_MS)
        self._best = _Best(search.limit, search.descending)
        self._after = (self._high_ms + 1, 0) if search.descending else (low_ms - SPAN_MS, 0)
        self._read_bytes = 0
        self._frontier_ms: int | None = None
        """Events from this time on were not all seen, in the direction of the search."""
        self.is_over = low_ms > high_ms

    def step(self, tx: Tx) -> None:
        """Read some chunks."""
        rows = self._rows(tx)
        step_bytes = 0
        for row in rows:
            if self._ends_before(row):
                self.is_over = True
                return
            self._after = (row["first_ms"], row["id"])
            if not self._is_wanted(row):
                continue
            self._take(row, chunks.lines_of(tx, row["id"]))
            step_bytes += row["bytes"]
            self._read_bytes += row["bytes"]
            if step_bytes >= _STEP_BYTES:
                return
        self.is_over = len(rows) < _STEP_ROWS

    def found(self) -> Found:
        """The page that was read."""
        events = self._best.events()
        frontier_ms = self._frontier_ms
        if frontier_ms is None:
            return Found(events, events[-1].position if self._best.is_full else None)
        if self._search.descending:
            sure = [event for event in events if event.position.ms > frontier_ms]
            edge = Position(frontier_ms + 1, 0, 0)
        else:
            sure = [event for event in events if event.position.ms < frontier_ms]
            edge = Position(frontier_ms, 0, 0)
        return Found(sure, sure[-1].position if self._best.is_full and len(sure) == len(events) else edge)

    def _ends_before(self, row: Row) -> bool:
        """Whether neither this chunk nor any behind it has what the page needs, or enough was read."""
        search, best = self._search, self._best
        edge_ms = row["first_ms"] + SPAN_MS if search.descending else row["first_ms"]
        if best.is_full and (edge_ms < best.worst.ms if search.descending else edge_ms > best.worst.ms):
            return True
        # A page that ends early must have got further than it began, else it would never end.
        is_further = edge_ms + 1 < self._high_ms if search.descending else edge_ms > self._low_ms
        if self._read_bytes >= BUDGET_BYTES and is_further:
            self._frontier_ms = edge_ms
            return True
        return False

    def _is_wanted(self, row: Row) -> bool:
        names, best = self._search.names, self._best
        if names is not None and row["stream"] not in names:
            return False
        return not (best.is_full and self._search.descending and row["last_ms"] < best.worst.ms)

    def _take(self, row: Row, lines: list[chunks.Line]) -> None:
        search, best = self._search, self._best
        chunk, stream, ingested_ms = row["id"], row["stream"], row["ingested_at"]
        for index, (at_ms, text) in enumerate(lines):
            if not self._low_ms <= at_ms <= self._high_ms:
                continue
            position = Position(at_ms, chunk, index)
            if search.after is not None:
                is_behind = position < search.after if search.descending else position > search.after
                if not is_behind:
                    continue
            if best.takes(position) and search.matches(text):
                best.add(Event(position, stream, text, ingested_ms))

    def _rows(self, tx: Tx) -> list[Row]:
        search = self._search
        after_ms, after_id = self._after
        where: dict[str, Any] = {
            "after_ms": after_ms,
            "after_id": after_id,
            "low_ms": self._low_ms,
            "count": _STEP_ROWS,
        }
        if search.descending:
            where["from_ms"] = self._low_ms - SPAN_MS
        else:
            where["high_ms"] = self._high_ms
        suffix = "_descending" if search.descending else ""
        if search.stream_id is not None:
            return tx.all(_SQL[f"of_stream{suffix}"], {**where, "stream_id": search.stream_id})
        return tx.all(_SQL[f"of_group{suffix}"], {**where, "group_id": search.group_id, "prefix": search.prefix})
