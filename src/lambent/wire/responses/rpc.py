"""Answers of services that are not REST: the whole output is the body, in JSON, CBOR, or XML between two elements.

May import `call`, `wire.message`, `wire.model`, `wire.eventstream` and `wire.responses`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zlib import crc32

from lambent.wire import eventstream
from lambent.wire.message import WireResponse
from lambent.wire.responses.elements import escaped
from lambent.wire.responses.headers import CONTENT_TYPE, request_id
from lambent.wire.responses.recorded import SUMMED
from lambent.wire.responses.streams import initial_response, stream_writer

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.model import OperationModel, Shape

    from lambent.call import Output
    from lambent.wire.model import ServiceModel
    from lambent.wire.responses.formats import PlainFormat, XmlFormat
    from lambent.wire.responses.headers import Headers

    Writer = Callable[[Output, str], WireResponse]


def rpc_writer(
    service: ServiceModel, operation: OperationModel, format_: PlainFormat, protocol_headers: Headers
) -> Writer:
    """Answers in JSON or CBOR.

    protocol_headers: what the protocol adds to each answer.
    """
    shape = operation.output_shape
    content_type = (CONTENT_TYPE, format_.content_type.encode())
    if shape is None:
        return lambda _, request: WireResponse(200, [*request_id(request), *protocol_headers, content_type], b"")
    if shape.event_stream_name is not None:
        return _streaming(service, operation, format_, protocol_headers)
    dump = format_.document(shape, "")
    is_summed = service.name in SUMMED

    def write(output: Output, request: str) -> WireResponse:
        body = dump(output)
        headers = request_id(request)
        headers.extend(protocol_headers)
        headers.append(content_type)
        if is_summed:
            headers.append((b"x-amz-crc32", str(crc32(body)).encode()))
        return WireResponse(200, headers, body)

    return write


def query_writer(operation: OperationModel, format_: XmlFormat, *, wrapped: bool) -> Writer:
    """Answers in XML, with the request id in the body as well.

    wrapped: whether the output stands in an element of its own where the model does not name one.
    """
    shape = operation.output_shape
    opening = f"{format_.declaration}<{operation.name}Response{format_.namespace}>"
    closing = f"</RequestId></ResponseMetadata></{operation.name}Response>"
    result = None if shape is None else _result(operation, shape, format_, wrapped=wrapped)

    def write(output: Output, request: str) -> WireResponse:
        parts = [opening]
        if result is not None:
            result(output, parts)
        parts.append(f"<ResponseMetadata><RequestId>{escaped(request)}{closing}")
        headers = request_id(request)
        headers.append((CONTENT_TYPE, format_.content_type.encode()))
        return WireResponse(200, headers, "".join(parts).encode("utf-8", "xmlcharrefreplace"))

    return write


def _result(
    operation: OperationModel, shape: Shape, format_: XmlFormat, *, wrapped: bool
) -> Callable[[Any, list[str]], None]:
    name = shape.serialization.get("resultWrapper") or (f"{operation.name}Result" if wrapped else None)
    return format_.elements.content(shape) if name is None else format_.elements.element(name, shape)


def _streaming(
    service: ServiceModel, operation: OperationModel, format_: PlainFormat, protocol_headers: Headers
) -> Writer:
    shape = operation.output_shape
    name = shape.event_stream_name
    frames = stream_writer(service, operation, shape.members[name], format_)
    dump = format_.document(shape, "", frozenset((name,)))
    content_type = (CONTENT_TYPE, eventstream.CONTENT_TYPE.encode())

    def write(output: Output, request: str) -> WireResponse:
        before = initial_response(dump(output), format_.content_type)
        headers = [*request_id(request), *protocol_headers, content_type]
        return WireResponse(200, headers, frames(output[name], before))

    return write
