"""GetLogEvents, FilterLogEvents."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, Any

from lambent.services.logs import tokens
from lambent.services.logs.names import existing_group, existing_stream, identified
from lambent.services.logs.patterns import EVERYTHING, InvalidPatternError, InvalidTermError, compile_pattern
from lambent.services.logs.record import Position
from lambent.services.logs.refusals import invalid
from lambent.services.logs.selection import LAST_MS, Range, Search, find

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.errors import AwsError
    from lambent.services.logs.context import Logs
    from lambent.services.logs.patterns import Pattern
    from lambent.services.logs.record import Event, Group
    from lambent.services.logs.selection import Found
    from lambent.services.logs.tokens import Cursor
    from lambent.store import Tx

_MOST = 10_000
_NEWEST_FIRST_FROM_MS = 1_704_067_200_000
"""FilterLogEvents goes backwards to 2024-01-01 only."""


def filter_pattern(text: str | None) -> Pattern:
    """A pattern that events are filtered with; None takes all. Raises AwsError InvalidParameterException."""
    try:
        return EVERYTHING if text is None else compile_pattern(text)
    except InvalidPatternError as problem:
        raise unusable(problem) from problem


def unusable(problem: InvalidPatternError) -> AwsError:
    """What a client is told of its pattern."""
    return invalid("Invalid filter pattern" if isinstance(problem, InvalidTermError) else str(problem))


async def get_log_events(service: Logs, call: Call, params: Params) -> Output:
    """A page of a stream's events, oldest first, with tokens for the pages before and behind it."""
    key, token = identified(call, params), params.get("nextToken")
    cursor = None if token is None else tokens.read(token)
    first_ms, end_ms = params.get("startTime") or 0, params.get("endTime")
    now_ms = service.now_ms()

    def work(tx: Tx) -> Search:
        group = existing_group(tx, key)
        stream = existing_stream(tx, group, params["logStreamName"])
        return Search(
            group_id=group.id,
            stream_id=stream.id,
            span=Range(max(first_ms, group.oldest_ms(now_ms)), LAST_MS if end_ms is None else end_ms - 1),
            limit=params.get("limit") or _MOST,
            matches=EVERYTHING.matches,
            descending=cursor.descending if cursor else not params.get("startFromHead"),
            after=cursor.position if cursor else None,
        )

    search = await service.store.read(work)
    found = await find(service.store, search)
    events = found.events[::-1] if search.descending else found.events
    forward, backward = _around(events, found, cursor, first_ms)
    return {
        "events": [
            {"timestamp": event.position.ms, "message": event.text, "ingestionTime": event.ingested_ms}
            for event in events
        ],
        "nextForwardToken": tokens.forward(forward),
        "nextBackwardToken": tokens.backward(backward),
    }


async def filter_log_events(service: Logs, call: Call, params: Params) -> Output:
    """A page of a group's events that match, by time, from all of its streams or some."""
    key, token, names = identified(call, params), params.get("nextToken"), params.get("logStreamNames")
    prefix = params.get("logStreamNamePrefix") or ""
    if names and prefix:
        raise invalid("logStreamNamePrefix and logStreamNames are mutually exclusive parameters.")
    cursor = None if token is None else tokens.read(tokens.unpack(token, str))
    first_ms, last_ms = params.get("startTime") or 0, params.get("endTime")
    descending = cursor.descending if cursor else params.get("startFromHead") is False
    if descending and first_ms < _NEWEST_FIRST_FROM_MS:
        raise invalid("startFromHead can be false only if startTime is on or after Jan 1, 2024 00:00:00 UTC.")
    matches = filter_pattern(params.get("filterPattern")).matches
    now_ms = service.now_ms()

    def work(tx: Tx) -> Search:
        group = existing_group(tx, key)
        return Search(
            group_id=group.id,
            stream_id=_streams(tx, group, names),
            span=Range(max(first_ms, group.oldest_ms(now_ms)), LAST_MS if last_ms is None else last_ms),
            limit=params.get("limit") or _MOST,
            matches=matches,
            prefix=_beginning(names) if names else prefix,
            names=frozenset(names) if names else None,
            descending=descending,
            after=cursor.position if cursor else None,
        )

    try:
        found = await find(service.store, await service.store.read(work))
    except InvalidPatternError as problem:
        raise unusable(problem) from problem
    output: dict[str, Any] = {"events": [_filtered(event) for event in found.events], "searchedLogStreams": []}
    if found.last is not None:
        go_on = tokens.backward if descending else tokens.forward
        output["nextToken"] = tokens.pack(go_on(found.last))
    return output


def _streams(tx: Tx, group: Group, names: list[str] | None) -> int | None:
    """The one stream that is asked for; None for more. All that are named must exist."""
    streams = [existing_stream(tx, group, name) for name in names or []]
    return streams[0].id if len(streams) == 1 else None


def _beginning(names: list[str]) -> str:
    """What all names begin with."""
    pairs = zip(min(names), max(names), strict=False)
    return "".join(one for one, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _around(events: list[Event], found: Found, cursor: Cursor | None, first_ms: int) -> tuple[Position, Position]:
    """The positions that the tokens forward and backward go on from."""
    if events:
        return events[-1].position, events[0].position
    if found.last is not None:
        return found.last, found.last
    if cursor is None:
        start = Position(first_ms, 0, 0)
        return start, start
    # The end of the stream gives the token that it was asked with; the way back leads over the same event again.
    ms, chunk, line = cursor.position
    if cursor.descending:
        return Position(ms, chunk, line - 1), cursor.position
    return cursor.position, Position(ms, chunk, line + 1)


def _filtered(event: Event) -> dict[str, Any]:
    return {
        "logStreamName": event.stream,
        "timestamp": event.position.ms,
        "message": event.text,
        "ingestionTime": event.ingested_ms,
        "eventId": tokens.event_id(event.position),
    }
