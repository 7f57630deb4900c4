"""PutLogEvents: a batch of events, checked as a whole and then kept as far as each is of the right time."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from lambent.services.logs import chunks, tokens
from lambent.services.logs.names import existing_group, existing_stream, named
from lambent.services.logs.record import DAY_MS, size_bytes
from lambent.services.logs.refusals import invalid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lambent.call import Call, Output, Params
    from lambent.services.logs.context import Logs
    from lambent.store import Tx

_BATCH_BYTES = 1_048_576
_OLDEST_MS = 14 * DAY_MS
_NEWEST_MS = 2 * 3_600_000


class Sifted(NamedTuple):
    """Which events of a batch are kept, and what is told of the others."""

    first: int
    last: int
    """Not included."""
    rejected: dict[str, int]


async def put_log_events(service: Logs, call: Call, params: Params) -> Output:
    """Keep events. Raises AwsError InvalidParameterException, ResourceNotFoundException."""
    key, name = named(call, params), params["logStreamName"]
    lines = [(event["timestamp"], event["message"]) for event in params["logEvents"]]
    _check(lines)

    def work(tx: Tx) -> tuple[dict[str, int], str]:
        now_ms = service.now_ms()
        group = existing_group(tx, key)
        stream = existing_stream(tx, group, name)
        sifted = sift([at_ms for at_ms, _ in lines], now_ms, group.oldest_ms(now_ms))
        kept = lines[sifted.first : sifted.last]
        if kept:
            if kept[-1][0] - kept[0][0] > DAY_MS:
                raise invalid(
                    "The batch of log events in a single PutLogEvents request cannot span more than 24 hours."
                )
            chunks.write(tx, group, stream, kept, now_ms)
        return sifted.rejected, tokens.sequence_token(stream.id, now_ms)

    rejected, token = await service.store.write(work)
    output: dict[str, Any] = {"nextSequenceToken": token}
    if rejected:
        output["rejectedLogEventsInfo"] = rejected
    if params.get("entity"):
        # Events are kept; what they are about is not, and AWS has a way to say so.
        output["rejectedEntityInfo"] = {"errorType": "UnsupportedLogGroupType"}
    return output


def sift(times: Sequence[int], now_ms: int, oldest_ms: int) -> Sifted:
    """Which events are of the right time.

    times: epoch milliseconds in order. oldest_ms: from when on the group keeps events.
    """
    too_old = sum(at_ms < now_ms - _OLDEST_MS for at_ms in times)
    expired = sum(at_ms < oldest_ms for at_ms in times)
    too_new = sum(at_ms > now_ms + _NEWEST_MS for at_ms in times)
    rejected = {}
    if too_new:
        rejected["tooNewLogEventStartIndex"] = len(times) - too_new
    if too_old:
        rejected["tooOldLogEventEndIndex"] = too_old
    if expired:
        rejected["expiredLogEventEndIndex"] = expired
    return Sifted(max(too_old, expired), len(times) - too_new, rejected)


def _check(lines: Sequence[tuple[int, str]]) -> None:
    """Refuse a batch whose events are out of order or too large."""
    sizes = [size_bytes(text) for _, text in lines]
    largest, total = max(sizes), sum(sizes)
    if largest > _BATCH_BYTES:
        raise invalid(f"Log event too large: {largest} bytes exceeds limit of {_BATCH_BYTES}")
    if total > _BATCH_BYTES:
        raise invalid(f"Upload too large: {total} bytes exceeds limit of {_BATCH_BYTES}")
    if any(later < sooner for (sooner, _), (later, _) in pairwise(lines)):
        raise invalid("Log events in a single PutLogEvents request must be in chronological order.")
