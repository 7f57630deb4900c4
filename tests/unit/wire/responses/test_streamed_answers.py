from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest
from botocore.eventstream import EventStreamBuffer

from lambent.errors import AwsError
from unit.wire.responses.written import response_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from lambent.wire.message import WireResponse

Message = tuple[dict[str, Any], bytes]


class Events:
    """An iterator of events, which notes that it was closed."""

    def __init__(self, *events: dict[str, Any] | Exception) -> None:
        self._events = iter(events)
        self.closed = False

    def __aiter__(self) -> AsyncIterator[dict[str, Any]]:
        return self

    async def __anext__(self) -> dict[str, Any]:
        event = next(self._events, None)
        if event is None:
            raise StopAsyncIteration
        if isinstance(event, Exception):
            raise event
        return event

    async def aclose(self) -> None:
        self.closed = True


async def messages(response: WireResponse) -> list[Message]:
    assert not isinstance(response.body, bytes)
    buffer = EventStreamBuffer()
    async for part in response.body:
        buffer.add_data(part)
    return [(message.headers, message.payload) for message in buffer]


async def test_an_error_that_the_stream_does_not_model_ends_it_as_an_error() -> None:
    events = Events({"PayloadChunk": {"Payload": b"a"}}, AwsError("ServiceException", "broken"))
    *_, (headers, payload) = await messages(response_of("lambda", "InvokeWithResponseStream", {"EventStream": events}))
    assert headers == {":error-code": "ServiceException", ":error-message": "broken", ":message-type": "error"}
    assert payload == b""


async def test_an_error_that_the_stream_models_ends_it_as_an_exception() -> None:
    events = Events(AwsError("KMSDisabledException", "off"), {"SubscribeToShardEvent": {}})
    found = await messages(response_of("kinesis", "SubscribeToShard", {"EventStream": events}))
    assert len(found) == 2
    assert found[1][0][":exception-type"] == "KMSDisabledException"
    assert found[1][0][":message-type"] == "exception"
    assert orjson.loads(found[1][1]) == {"message": "off"}


async def test_a_bug_is_nobodys_event() -> None:
    events = Events(ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        await messages(response_of("lambda", "InvokeWithResponseStream", {"EventStream": events}))
    assert events.closed


async def test_whoever_stops_reading_closes_the_source() -> None:
    events = Events({"PayloadChunk": {"Payload": b"a"}}, {"PayloadChunk": {"Payload": b"b"}})
    body: Any = response_of("lambda", "InvokeWithResponseStream", {"EventStream": events}).body
    await anext(body)
    assert not events.closed
    await body.aclose()
    assert events.closed


async def test_a_function_streams_chunks_and_a_last_word() -> None:
    events = Events(
        {"PayloadChunk": {"Payload": b"\x00a"}},
        {"InvokeComplete": {}},
    )
    output = {"ExecutedVersion": "1", "ResponseStreamContentType": "text/html", "EventStream": events}
    response = response_of("lambda", "InvokeWithResponseStream", output)
    headers = dict(response.headers)
    assert response.status == 200
    assert headers[b"content-type"] == b"application/vnd.amazon.eventstream"
    assert headers[b"x-amzn-remapped-content-type"] == b"text/html"
    assert headers[b"x-amz-executed-version"] == b"1"
    assert await messages(response) == [
        (
            {":event-type": "PayloadChunk", ":message-type": "event", ":content-type": "application/octet-stream"},
            b"\x00a",
        ),
        ({":event-type": "InvokeComplete", ":message-type": "event", ":content-type": "application/json"}, b"{}"),
    ]


@pytest.mark.parametrize(
    ("protocol", "content_type", "empty"),
    [
        ("json-1.1", "application/x-amz-json-1.1", b"{}"),
        ("cbor-1.1", "application/x-amz-cbor-1.1", b"\xa0"),
        ("rpc-v2-cbor", "application/cbor", b"\xa0"),
    ],
)
async def test_a_protocol_that_is_not_rest_begins_with_an_initial_response(
    protocol: str, content_type: str, empty: bytes
) -> None:
    events = Events({"SubscribeToShardEvent": {"MillisBehindLatest": 5}})
    response = response_of("kinesis", "SubscribeToShard", {"EventStream": events}, protocol)
    assert dict(response.headers)[b"content-type"] == b"application/vnd.amazon.eventstream"
    first, second = await messages(response)
    assert first == (
        {":event-type": "initial-response", ":message-type": "event", ":content-type": content_type},
        empty,
    )
    assert second[0][":event-type"] == "SubscribeToShardEvent"
    assert second[0][":content-type"] == content_type


async def test_s3_selects_records_statistics_and_an_end() -> None:
    events = Events({"Records": {"Payload": b"1,2\n"}}, {"Stats": {"Details": {"BytesScanned": 4}}}, {"End": {}})
    records, stats, end = await messages(response_of("s3", "SelectObjectContent", {"Payload": events}))
    assert records[1] == b"1,2\n"
    assert records[0][":content-type"] == "application/octet-stream"
    assert b"<BytesScanned>4</BytesScanned>" in stats[1]
    assert end == ({":event-type": "End", ":message-type": "event"}, b"")
