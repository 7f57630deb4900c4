"""StartLiveTail: what is written to up to ten groups, told once a second.

The store is read only when it has signalled something new; what a slow client has not taken yet stays on the disk.
Source: CloudWatch Logs API reference, "StartLiveTail".
"""

from __future__ import annotations

import logging
import uuid
from functools import partial
from typing import TYPE_CHECKING, Any

from lambent.errors import AwsError
from lambent.services.logs import chunks, repository
from lambent.services.logs.events import filter_pattern, unusable
from lambent.services.logs.names import existing_group, of_arn
from lambent.services.logs.patterns import InvalidPatternError
from lambent.services.logs.refusals import invalid, invalid_operation
from lambent.store import StoreError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from lambent.call import Call, Output, Params
    from lambent.services.logs.context import Logs
    from lambent.services.logs.record import GroupKey
    from lambent.store import Tx

    Wanted = Callable[[str, str], bool]
    """Of a stream and a text."""

_log = logging.getLogger(__name__)
_EVERY_S = 1.0
_LONGEST_S = 3 * 3600.0
_MOST = 500
_CHUNKS = 16


async def start_live_tail(service: Logs, call: Call, params: Params) -> Output:
    """Follow groups. Raises AwsError for groups that are not there, or cannot be followed."""
    keys = [of_arn(call, arn, "The specified log group ARN is invalid.") for arn in params["logGroupIdentifiers"]]
    wanted = _wanted(params, len(keys))

    def work(tx: Tx) -> int:
        for key in keys:
            if existing_group(tx, key).log_class != "STANDARD":
                raise invalid_operation("Live Tail is only supported for log groups of the STANDARD class.")
        return chunks.newest(tx)

    position = await service.store.read(work)
    followed = [_Followed(service, key, position, wanted) for key in dict.fromkeys(keys)]
    return {"responseStream": _session(service, _start(call, params), followed)}


def _wanted(params: Params, groups: int) -> Wanted:
    """Which events a session is about."""
    names, prefixes = params.get("logStreamNames"), params.get("logStreamNamePrefixes")
    if names and prefixes:
        raise invalid("logStreamNames and logStreamNamePrefixes are mutually exclusive parameters.")
    if (names or prefixes) and groups > 1:
        raise invalid("Log streams can be specified only if a single log group is specified.")
    matches = filter_pattern(params.get("logEventFilterPattern")).matches
    if names:
        chosen = frozenset(names)
        return lambda stream, text: stream in chosen and matches(text)
    starts = tuple(prefixes or ("",))
    return lambda stream, text: stream.startswith(starts) and matches(text)


async def _session(service: Logs, start: dict[str, Any], followed: list[_Followed]) -> AsyncIterator[dict[str, Any]]:
    """The events of the stream, until the client leaves, the server ends, or the session is over."""
    until = service.clock.monotonic() + _LONGEST_S
    for group in followed:
        group.begin()
    try:
        yield {"sessionStart": start}
        while True:
            await service.sessions.wait(_EVERY_S)
            if service.sessions.is_ending:
                return
            if service.clock.monotonic() >= until:
                raise AwsError("SessionTimeoutException", "The session has been open for three hours.")
            yield {"sessionUpdate": await _update(followed)}
    finally:
        for group in followed:
            group.end()


async def _update(followed: list[_Followed]) -> dict[str, Any]:
    """What is new in all groups."""
    results: list[dict[str, Any]] = []
    is_sampled = False
    try:
        for group in followed:
            is_sampled |= await group.read(results)
    except InvalidPatternError as problem:
        raise unusable(problem) from problem
    except StoreError as problem:
        _log.exception("a live tail could not be read")
        raise AwsError("SessionStreamingException", str(problem)) from problem
    results.sort(key=lambda result: result["timestamp"])
    return {"sessionMetadata": {"sampled": is_sampled}, "sessionResults": results}


class _Followed:
    """One group, and how far it was read."""

    def __init__(self, service: Logs, key: GroupKey, position: int, wanted: Wanted) -> None:
        self._store = service.store
        self._key = key
        self._position = position
        self._wanted = wanted
        # What came between the look at the groups and the first signal is news.
        self._has_news = True

    def begin(self) -> None:
        """Listen."""
        self._store.signals.on(chunks.topic(self._key), self._came)

    def end(self) -> None:
        """Listen no more."""
        self._store.signals.forget(chunks.topic(self._key), self._came)

    async def read(self, results: list[dict[str, Any]]) -> bool:
        """Add what is new and wanted, as far as there is room; whether something had to be left out."""
        if not self._has_news:
            return False
        self._has_news = False
        while True:
            room = _MOST - len(results)
            found, is_more, is_full = await self._store.read(partial(self._next, room))
            results.extend(found)
            if is_full or not is_more:
                return is_full

    def _next(self, room: int, tx: Tx) -> tuple[list[dict[str, Any]], bool, bool]:
        """Some results, whether more may come, and whether there were more than there was room for."""
        group = repository.load_group(tx, self._key)
        if group is None:
            return [], False, False
        arrived = chunks.arrived(tx, group, self._position, _CHUNKS)
        found = [
            self._result(chunk, line)
            for chunk in arrived
            for line in chunk.lines
            if self._wanted(chunk.stream, line[1])
        ]
        if len(found) > room:
            # Whoever gets more than five hundred events a second gets a sample, and goes on with what comes.
            self._position = chunks.newest(tx)
            return found[:room], False, True
        if arrived:
            self._position = arrived[-1].id
        return found, len(arrived) == _CHUNKS, False

    def _result(self, chunk: chunks.Arrived, line: tuple[int, str]) -> dict[str, Any]:
        return {
            "logStreamName": chunk.stream,
            "logGroupIdentifier": f"{self._key.account}:{self._key.name}",
            "message": line[1],
            "timestamp": line[0],
            "ingestionTime": chunk.ingested_ms,
        }

    def _came(self) -> None:
        self._has_news = True


def _start(call: Call, params: Params) -> dict[str, Any]:
    return {
        "requestId": call.request_id,
        "sessionId": str(uuid.uuid4()),
        "logGroupIdentifiers": params["logGroupIdentifiers"],
        "logStreamNames": params.get("logStreamNames") or [],
        "logStreamNamePrefixes": params.get("logStreamNamePrefixes") or [],
        "logEventFilterPattern": params.get("logEventFilterPattern") or "",
    }
