"""botocore as the client: requests from its serialisers, answers through its parsers.

It stops short of the socket: a request is prepared as it would be sent, an answer is handed over as it would arrive.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import HeadersDict, create_request_object, prepare_request_dict
from botocore.handlers import parse_get_bucket_location
from botocore.parsers import EventStreamCBORParser, RpcV2CBORParser, create_parser
from botocore.response import StreamingBody
from botocore.serialize import RpcV2CBORSerializer, create_serializer
from botocore.utils import parse_timestamp

from conformance.wire.sqs_query import query_operation

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterator

    from botocore.model import OperationModel, Shape

    from lambent.wire.message import WireResponse

ENDPOINT = "http://localhost:4566"
_BOTOCORE_NAMES = {"json-1.0": "json", "json-1.1": "json", "rpc-v2-cbor": "smithy-rpc-v2-cbor"}


@dataclass(frozen=True)
class Sent:
    """A request as it leaves the client. headers: names in lower case."""

    method: str
    host: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    def __str__(self) -> str:
        target = f"{self.path}?{self.query}" if self.query else self.path
        return f"{self.method} {target} {self.headers} {self.body!r}"


# --- requests ----------------------------------------------------------------------------------------------------


class _KinesisSerializer(RpcV2CBORSerializer):  # type: ignore[misc]  # botocore has no types
    """The older CBOR of Kinesis' SDKs: a target header, and timestamps in whole milliseconds."""

    def serialize_to_request(self, parameters: dict[str, Any], operation_model: OperationModel) -> dict[str, Any]:
        shape = operation_model.input_shape
        metadata = operation_model.metadata
        return {
            "url_path": "/",
            "query_string": "",
            "method": "POST",
            "headers": {
                "X-Amz-Target": f"{metadata['targetPrefix']}.{operation_model.name}",
                "Content-Type": "application/x-amz-cbor-1.1",
            },
            "body": self._serialize_body_params(parameters, shape) if shape is not None else b"\xa0",
        }

    def _timestamp_unixtimestamp(self, value: datetime) -> int:
        return round(value.timestamp() * 1000)


@cache
def _serializer(protocol: str) -> Any:
    if protocol == "cbor-1.1":
        return _KinesisSerializer()
    return create_serializer(_BOTOCORE_NAMES.get(protocol, protocol), include_validation=False)


def send(operation: OperationModel, protocol: str, params: dict[str, Any]) -> Sent:
    """The request that a client would send."""
    made = _serializer(protocol).serialize_to_request(params, _as_known(operation, protocol))
    prepare_request_dict(made, ENDPOINT)
    prepared = create_request_object(made).prepare()
    body = prepared.body or b""
    location, _, query = prepared.url.partition("?")
    _, _, rest = location.partition("://")
    host, _, path = rest.partition("/")
    headers = {name.lower(): _header_value(value) for name, value in prepared.headers.items()}
    return Sent(prepared.method, host, f"/{path}", query, headers, body.encode() if isinstance(body, str) else body)


def _header_value(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")


# --- answers -----------------------------------------------------------------------------------------------------


class _KinesisReading:
    """Timestamps in whole milliseconds, as Kinesis' SDKs read them: with the tag of times, or without."""

    def _handle_timestamp(self, shape: Shape, value: Any) -> datetime:
        return value if isinstance(value, datetime) else _from_milliseconds(value)

    def _handle_structure(self, shape: Shape, value: dict[str, Any]) -> dict[str, Any]:
        members = shape.members
        return {name: self._parse_shape(members[name], value[name]) for name in members if name in value}

    def _handle_map(self, shape: Shape, value: dict[str, Any]) -> dict[str, Any]:
        return {key: self._parse_shape(shape.value, inner) for key, inner in value.items()}

    _parse_shape: Callable[[Shape, Any], Any]


class _KinesisEventParser(_KinesisReading, EventStreamCBORParser):  # type: ignore[misc]  # botocore has no types
    pass


class _KinesisParser(_KinesisReading, RpcV2CBORParser):  # type: ignore[misc]  # botocore has no types
    EVENT_STREAM_PARSER_CLS = _KinesisEventParser


@cache
def _parser(protocol: str) -> Any:
    if protocol == "cbor-1.1":
        return _KinesisParser(timestamp_parser=_from_milliseconds)
    return create_parser(_BOTOCORE_NAMES.get(protocol, protocol))


def _from_milliseconds(value: float) -> datetime:
    assert isinstance(value, int), f"AWS sends whole milliseconds, and its SDKs read nothing else: {value}"
    moment: datetime = parse_timestamp(value / 1000)
    return moment


def _as_known(operation: OperationModel, protocol: str) -> OperationModel:
    """The operation as a client of the protocol has it in its model."""
    is_older = operation.service_model.service_name == "sqs" and protocol == "query"
    return query_operation(operation.name) if is_older else operation


class _Raw(io.BytesIO):
    """What botocore reads event streams from."""

    def stream(self) -> Iterator[bytes]:
        yield self.getvalue()


def receive(operation: OperationModel, protocol: str, response: WireResponse) -> dict[str, Any]:
    """The members that a client finds in an answer, streams read to their end, without ResponseMetadata.

    Raises EventStreamError where an event stream ends with an exception.
    """
    operation = _as_known(operation, protocol)
    shape = operation.output_shape
    arrived = _arrived(operation, response)
    body = arrived["body"]
    if operation.has_event_stream_output:
        arrived["body"] = _Raw(body)
    elif operation.has_streaming_output:
        arrived["body"] = StreamingBody(io.BytesIO(body), arrived["headers"].get("content-length"))
    found: dict[str, Any] = _parser(protocol).parse(arrived, shape)
    metadata = found.pop("ResponseMetadata")
    assert metadata["HTTPStatusCode"] == response.status
    if operation.name == "GetBucketLocation":
        _read_bucket_location(found, body)
    if operation.has_event_stream_output:
        found[shape.event_stream_name] = list(found[shape.event_stream_name])
    elif operation.has_streaming_output:
        found[shape.serialization["payload"]] = found[shape.serialization["payload"]].read()
    return found


@dataclass(frozen=True)
class Caught:
    """An error as a client catches it.

    exception: the error shape whose exception is raised; None for a plain ClientError.
    fields: what the model names beside code and message.
    """

    exception: str | None
    error: dict[str, Any]
    metadata: dict[str, Any]
    fields: dict[str, Any]


def receive_error(operation: OperationModel, protocol: str, response: WireResponse) -> Caught:
    """The error that a client finds, in two passes, as botocore does it."""
    operation = _as_known(operation, protocol)
    arrived = _arrived(operation, response)
    parser = _parser(protocol)
    found = parser.parse(arrived, operation.output_shape)
    error = found["Error"]
    find = operation.service_model.shape_for_error_code
    shape = find(error["Code"])
    fields = parser.parse(arrived, shape) if shape is not None else {}
    # What once spoke query is found by the shape's name, which comes beside the code.
    exception = find(error.get("QueryErrorCode") or error["Code"])
    return Caught(exception and exception.name, error, found["ResponseMetadata"], fields)


def _arrived(operation: OperationModel, response: WireResponse) -> dict[str, Any]:
    body = read(response.body)
    headers = HeadersDict()
    for name, value in response.headers:
        key = name.decode("ascii")
        assert key == key.lower(), f"headers are named in lower case: {key}"
        assert not set(value) & {0, 10, 13}, f"{key} would split the answer: {value!r}"
        assert value == value.strip(), f"HTTP takes the spaces around {key}: {value!r}"
        headers[key] = f"{headers[key]}, {value.decode('latin-1')}" if key in headers else value.decode("latin-1")
    if operation.http["method"] == "HEAD":
        body = b""
    elif isinstance(response.body, bytes):
        headers.setdefault("content-length", str(len(body)))  # as the server does
    return {
        "headers": headers,
        "status_code": response.status,
        "body": body,
        "context": {"operation_name": operation.name},
    }


def _read_bucket_location(found: dict[str, Any], body: bytes) -> None:
    """botocore reads this answer by itself, since its model cannot describe it."""

    class Response:
        raw = content = body

    parse_get_bucket_location(found, Response)
    if found["LocationConstraint"] is None:
        del found["LocationConstraint"]


# --- streams -----------------------------------------------------------------------------------------------------


def read(body: bytes | AsyncIterator[bytes]) -> bytes:
    """A body to its end."""
    return body if isinstance(body, bytes) else drive(_joined(body))


async def _joined(parts: AsyncIterator[bytes]) -> bytes:
    return b"".join([part async for part in parts])


async def streamed(items: list[Any]) -> AsyncIterator[Any]:
    """Items one by one; one that is an exception is raised."""
    for item in items:
        if isinstance(item, BaseException):
            raise item
        yield item


def drive(work: Coroutine[Any, None, Any]) -> Any:
    """Run a coroutine that waits for nothing, without a loop."""
    try:
        work.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("a codec waited for something")
