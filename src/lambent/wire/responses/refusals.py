"""Errors as bytes, in each protocol's own form. The only place where an AwsError becomes something that a client reads.

May import `errors`, `wire.message`, `wire.model` and `wire.responses`.

In JSON and CBOR members are sorted by name, as AWS sends them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zlib import crc32

from lambent.wire.message import WireResponse
from lambent.wire.responses.elements import escaped, legible, text_of
from lambent.wire.responses.errors import Errors
from lambent.wire.responses.headers import (
    CONTENT_TYPE,
    header_text,
    header_writer,
    host_id,
    request_id,
    s3_request_id,
)
from lambent.wire.responses.recorded import QUERY_MESSAGES, SUMMED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from botocore.model import OperationModel, Shape

    from lambent.errors import AwsError
    from lambent.wire.model import ServiceModel
    from lambent.wire.responses.errors import KnownError
    from lambent.wire.responses.formats import PlainFormat, XmlFormat
    from lambent.wire.responses.headers import Headers

    ErrorWriter = Callable[[AwsError, str], WireResponse]

_BODILESS = frozenset((204, 304))


class Bodies:
    """Error bodies in JSON or CBOR: the message and the members that stand in the body."""

    def __init__(self, service: ServiceModel, operation: OperationModel | None, format_: PlainFormat) -> None:
        self.errors = Errors(service, operation)
        self._format = format_

    def members(self, known: KnownError, error: AwsError) -> dict[str, Any]:
        """Members by their names on the wire, sorted. A member that the model does not know is taken as it is."""
        found: dict[str, Any] = {}
        if error.message is not None:
            found[known.message] = error.message
        shapes: Mapping[str, Shape] = {} if known.shape is None else known.shape.members
        for name, value in error.fields.items():
            shape = shapes.get(name)
            if value is None or (shape is not None and "location" in shape.serialization):
                continue
            if shape is None:
                found[name] = value
            else:
                _, wire_name, encode = self._format.values.member(name, shape)
                found[wire_name] = value if encode is None else encode(value)
        return dict(sorted(found.items()))


def rest_json_refusals(service: ServiceModel, operation: OperationModel | None, format_: PlainFormat) -> ErrorWriter:
    """Errors of REST services in JSON: the code stands in a header. A message that is None is null."""
    bodies = Bodies(service, operation, format_)

    def write(error: AwsError, request: str) -> WireResponse:
        known = bodies.errors.find(error.code)
        headers = request_id(request)
        headers.append((CONTENT_TYPE, format_.content_type.encode()))
        headers.append((b"x-amzn-errortype", header_text(known.code)))
        _append_modelled(known, error, headers)
        members = bodies.members(known, error)
        if error.message is None:
            members = {"Message": None, **members}
        return _response(known.status_of(error), error, headers, format_.dump(members))

    return write


def rpc_refusals(
    service: ServiceModel, operation: OperationModel | None, format_: PlainFormat, protocol_headers: Headers
) -> ErrorWriter:
    """Errors of services that are not REST, in JSON and CBOR: the code stands in `__type`."""
    bodies = Bodies(service, operation, format_)
    is_query_compatible = "awsQueryCompatible" in service.botocore.metadata
    is_summed = service.name in SUMMED

    def write(error: AwsError, request: str) -> WireResponse:
        known = bodies.errors.find(error.code)
        status = known.status_of(error)
        headers = [*request_id(request), *protocol_headers, (CONTENT_TYPE, format_.content_type.encode())]
        if is_query_compatible:
            headers.append((b"x-amzn-query-error", header_text(f"{known.query_code};{_blamed(status)}")))
        body = format_.dump({"__type": known.prefix + known.code, **bodies.members(known, error)})
        if is_summed:
            headers.append((b"x-amz-crc32", str(crc32(body)).encode()))
        return _response(status, error, headers, body)

    return write


def xml_refusals(service: ServiceModel, operation: OperationModel | None, format_: XmlFormat) -> ErrorWriter:
    """Errors of services that speak query, and of REST services in XML other than S3."""
    errors = Errors(service, operation)
    messages = QUERY_MESSAGES.get(service.name, {})
    is_query_compatible = "awsQueryCompatible" in service.botocore.metadata

    def write(error: AwsError, request: str) -> WireResponse:
        known = errors.find(error.code)
        status = known.status_of(error)
        message = messages.get(error.message or "", error.message)
        parts = [f"{format_.declaration}<ErrorResponse{format_.namespace}><Error><Type>{_blamed(status)}</Type>"]
        parts.append(f"<Code>{escaped(known.query_code)}</Code><Message>{_said(message)}</Message>")
        _append_elements(known, error, format_, parts)
        parts.append(f"{'<Detail/>' if is_query_compatible else ''}</Error>")
        parts.append(f"<RequestId>{escaped(request)}</RequestId></ErrorResponse>")
        headers = request_id(request)
        headers.append((CONTENT_TYPE, format_.content_type.encode()))
        _append_modelled(known, error, headers)
        return _response(status, error, headers, _joined(parts))

    return write


def s3_refusals(service: ServiceModel, operation: OperationModel | None, format_: XmlFormat) -> ErrorWriter:
    """Errors of S3: what the service adds stands beside the message, in its own order. HEAD has no body for it."""
    errors = Errors(service, operation)
    is_head = operation is not None and operation.http.get("method") == "HEAD"

    def write(error: AwsError, request: str) -> WireResponse:
        known = errors.find(error.code)
        status = known.status_of(error)
        headers = s3_request_id(request)
        headers.append((CONTENT_TYPE, format_.content_type.encode()))
        if is_head:
            return _response(status, error, headers, b"")
        parts = [f"{format_.declaration}<Error><Code>{escaped(known.code)}</Code>"]
        parts.append(f"<Message>{_said(error.message)}</Message>")
        _append_elements(known, error, format_, parts)
        parts.append(f"<RequestId>{escaped(request)}</RequestId><HostId>{host_id(request)}</HostId></Error>")
        return _response(status, error, headers, _joined(parts))

    return write


def _append_elements(known: KnownError, error: AwsError, format_: XmlFormat, parts: list[str]) -> None:
    shapes: Mapping[str, Shape] = {} if known.shape is None else known.shape.members
    for name, value in error.fields.items():
        if value is None:
            continue
        shape = shapes.get(name)
        if shape is None:
            parts.append(f"<{name}>{text_of(value)}</{name}>")
        elif "location" not in shape.serialization:
            format_.elements.element(shape.serialization.get("name", name), shape)(value, parts)


def _append_modelled(known: KnownError, error: AwsError, headers: Headers) -> None:
    """Members of the error that its shape puts into headers, such as `Retry-After`."""
    if known.shape is not None and error.fields:
        header_writer(known.shape)(error.fields, headers)


def _response(status: int, error: AwsError, headers: Headers, body: bytes) -> WireResponse:
    more = {name.lower().encode(): header_text(value) for name, value in error.headers.items()}
    if more:
        headers = [header for header in headers if header[0] not in more]
        headers.extend(more.items())
    if status in _BODILESS:
        return WireResponse(status, [header for header in headers if header[0] != CONTENT_TYPE], b"")
    return WireResponse(status, headers, body)


def _blamed(status: int) -> str:
    return "Receiver" if status >= 500 else "Sender"


def _said(message: str | None) -> str:
    return "" if message is None else escaped(legible(message))


def _joined(parts: list[str]) -> bytes:
    return "".join(parts).encode("utf-8", "xmlcharrefreplace")
