"""CreateLogStream, DeleteLogStream, DescribeLogStreams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambent.services.logs import repository, tokens
from lambent.services.logs.names import existing_group, existing_stream, identified, named, stream_arn
from lambent.services.logs.refusals import already_exists, invalid, invalid_token

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.logs.context import Logs
    from lambent.services.logs.record import GroupKey, Stream
    from lambent.store import Tx

_PAGE = 50
_BY_EVENT = "LastEventTime"


async def create_log_stream(service: Logs, call: Call, params: Params) -> Output:
    """Keep a new stream. Raises AwsError ResourceAlreadyExistsException, ResourceNotFoundException."""
    key, name = named(call, params), params["logStreamName"]

    def work(tx: Tx) -> None:
        if not repository.insert_stream(tx, existing_group(tx, key), name, now_ms=service.now_ms()):
            raise already_exists("log stream")

    await service.store.write(work)
    return {}


async def delete_log_stream(service: Logs, call: Call, params: Params) -> Output:
    """Delete a stream with its events."""
    key, name = named(call, params), params["logStreamName"]

    def work(tx: Tx) -> None:
        repository.forget_stream(tx, existing_stream(tx, existing_group(tx, key), name))

    await service.store.write(work)
    return {}


async def describe_log_streams(service: Logs, call: Call, params: Params) -> Output:
    """Streams by name or by the time of their last event, in pages."""
    key, prefix = identified(call, params), params.get("logStreamNamePrefix") or ""
    count, descending = params.get("limit") or _PAGE, bool(params.get("descending"))
    by_event = params.get("orderBy") == _BY_EVENT
    if by_event and prefix:
        raise invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
    after = _after(params, by_event=by_event)

    def work(tx: Tx) -> list[Stream]:
        group = existing_group(tx, key)
        if by_event:
            return repository.streams_by_event(tx, group, after=after, descending=descending, count=count + 1)
        name = None if after is None else after[1]
        return repository.streams_by_name(tx, group, prefix=prefix, after=name, descending=descending, count=count + 1)

    found = await service.store.read(work)
    views = [_view(key, stream) for stream in found[:count]]
    if len(found) <= count:
        return {"logStreams": views}
    last = found[count - 1]
    return {"logStreams": views, "nextToken": tokens.pack([last.last_event_ms if by_event else -1, last.name])}


def _after(params: Params, *, by_event: bool) -> tuple[int, str] | None:
    """Time and name of the stream that a page begins behind, None for the first page; the time is -1 by name."""
    token = params.get("nextToken")
    if token is None:
        return None
    match tokens.unpack(token, list):
        case [int(at_ms), str(name)] if (at_ms >= 0) == by_event and at_ms < 2**62:
            return at_ms, name
        case _:
            raise invalid_token()


def _view(key: GroupKey, stream: Stream) -> dict[str, Any]:
    view = {
        "logStreamName": stream.name,
        "creationTime": stream.created_ms,
        "arn": stream_arn(key, stream.name),
        "storedBytes": 0,
    }
    if not stream.last_event_ms:
        return view
    return {
        **view,
        "firstEventTimestamp": stream.first_event_ms,
        "lastEventTimestamp": stream.last_event_ms,
        "lastIngestionTime": stream.last_ingestion_ms,
        "uploadSequenceToken": tokens.sequence_token(stream.id, stream.last_ingestion_ms),
    }
