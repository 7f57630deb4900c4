"""Answers of REST services: a status, headers, and a body that is one member or all that stand nowhere else.

This is the hot path of Lambda's `Invoke`: what can be known before a request is compiled, and an answer costs a few
look-ups. May import `call`, `wire.message`, `wire.model`, `wire.eventstream` and `wire.responses`.

The length of a body stands in a header only where the server cannot know it: of what HEAD leaves out, and of streams.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambent.wire import eventstream
from lambent.wire.message import WireResponse
from lambent.wire.responses.formats import PlainFormat
from lambent.wire.responses.headers import CONTENT_TYPE, header_text, header_writer
from lambent.wire.responses.recorded import CONTENT_TYPES, ROOTS, TEXT_ROOTS
from lambent.wire.responses.streams import stream_writer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from botocore.model import OperationModel, Shape

    from lambent.call import Output
    from lambent.wire.model import ServiceModel
    from lambent.wire.responses.formats import Format
    from lambent.wire.responses.headers import Headers, Identify

    Writer = Callable[[Output, str], WireResponse]
    Body = Callable[[Output], "bytes | AsyncIterator[bytes] | None"]

_BODILESS = frozenset((204, 304))
_LENGTH = "content-length"


def rest_writer(service: ServiceModel, operation: OperationModel, format_: Format, identify: Identify) -> Writer:
    """Answers of one operation.

    identify: the headers that carry the request's id, in a new list.
    """
    shape = operation.output_shape
    if shape is None:
        status = _status(operation)
        return lambda _, request: WireResponse(status, identify(request), b"")
    if shape.event_stream_name is not None:
        return _event_stream(service, operation, format_, identify)
    if operation.http.get("method") == "HEAD":
        return _head(operation, identify)
    return _with_body(service, operation, format_, identify)


def _with_body(service: ServiceModel, operation: OperationModel, format_: Format, identify: Identify) -> Writer:
    shape = operation.output_shape
    status = _status(operation)
    status_member = _member_at(shape, "statusCode")
    type_member = _header_member(shape, "content-type")
    length_member = _header_member(shape, _LENGTH)
    append_headers = header_writer(shape, {_LENGTH})
    body_of, content_type = _body(service, operation, shape, format_)
    type_header = (CONTENT_TYPE, content_type.encode())

    def write(output: Output, request: str) -> WireResponse:
        headers = identify(request)
        append_headers(output, headers)
        code = status if status_member is None else output.get(status_member) or status
        body = None if code in _BODILESS else body_of(output)
        if not body:
            return WireResponse(code, headers, b"")
        if type_member is None or output.get(type_member) is None:
            headers.append(type_header)
        if length_member is not None and not isinstance(body, bytes):
            _append_length(output.get(length_member), headers)
        return WireResponse(code, headers, body)

    return write


def _head(operation: OperationModel, identify: Identify) -> Writer:
    status = _status(operation)
    length_member = _header_member(operation.output_shape, _LENGTH)
    append_headers = header_writer(operation.output_shape, {_LENGTH})

    def write(output: Output, request: str) -> WireResponse:
        headers = identify(request)
        append_headers(output, headers)
        if length_member is not None:
            _append_length(output.get(length_member), headers)
        return WireResponse(status, headers, b"")

    return write


def _event_stream(service: ServiceModel, operation: OperationModel, format_: Format, identify: Identify) -> Writer:
    """The type of the body is that of event streams; a type that the model asks for besides has a header of its own."""
    shape = operation.output_shape
    status = _status(operation)
    status_member = _member_at(shape, "statusCode")
    type_member = _header_member(shape, "content-type")
    append_headers = header_writer(shape, {"content-type"})
    name = shape.event_stream_name
    frames = stream_writer(service, operation, shape.members[name], format_)
    type_header = (CONTENT_TYPE, eventstream.CONTENT_TYPE.encode())

    def write(output: Output, request: str) -> WireResponse:
        headers = identify(request)
        append_headers(output, headers)
        headers.append(type_header)
        if type_member is not None and (remapped := output.get(type_member)) is not None:
            headers.append((b"x-amzn-remapped-content-type", header_text(remapped)))
        code = status if status_member is None else output.get(status_member) or status
        return WireResponse(code, headers, frames(output[name], b""))

    return write


def _body(service: ServiceModel, operation: OperationModel, shape: Shape, format_: Format) -> tuple[Body, str]:
    """What gives the body of an output, None where it has none, and the body's type."""
    key = (service.name, operation.name)
    if (text_member := TEXT_ROOTS.get(key)) is not None:
        dump_text = format_.document(shape.members[text_member], ROOTS[operation.name])
        return lambda output: dump_text(output.get(text_member) or ""), format_.content_type
    payload = shape.serialization.get("payload")
    if payload is None:
        return _members_body(service, operation, shape, format_)
    inner = shape.members[payload]
    if inner.type_name == "blob":
        return lambda output: output.get(payload), CONTENT_TYPES.get(key, "application/octet-stream")
    if inner.type_name == "string":
        return _text_body(payload), CONTENT_TYPES.get(key, "text/plain")
    dump = format_.document(inner, inner.serialization.get("name", inner.name))
    return lambda output: None if (value := output.get(payload)) is None else dump(value), format_.content_type


def _members_body(service: ServiceModel, operation: OperationModel, shape: Shape, format_: Format) -> tuple[Body, str]:
    elsewhere = frozenset(name for name, inner in shape.members.items() if "location" in inner.serialization)
    is_empty = not shape.members.keys() - elsewhere
    if is_empty and (elsewhere or not isinstance(format_, PlainFormat)):
        return lambda _: None, format_.content_type
    root = ROOTS.get(operation.name, shape.name) if service.name == "s3" else shape.name
    return format_.document(shape, root, elsewhere), format_.content_type


def _text_body(member: str) -> Body:
    def body(output: Output) -> bytes | None:
        text: str | None = output.get(member)
        return None if text is None else text.encode()

    return body


def _status(operation: OperationModel) -> int:
    return int(operation.http.get("responseCode", 200))


def _member_at(shape: Shape, location: str) -> str | None:
    for name, inner in shape.members.items():
        if inner.serialization.get("location") == location:
            return str(name)
    return None


def _header_member(shape: Shape, header: str) -> str | None:
    for name, inner in shape.members.items():
        serialization = inner.serialization
        if serialization.get("location") == "header" and serialization.get("name", name).lower() == header:
            return str(name)
    return None


def _append_length(length: Any, headers: Headers) -> None:
    if length is not None:
        headers.append((_LENGTH.encode(), str(length).encode()))
