"""REST requests: parameters from path, query string, headers and body put together. May import `wire.requests`.

Lambda's Invoke goes through here: nothing is done for a request that was known when its operation was compiled.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lambent.wire.requests import json_body, xml_body
from lambent.wire.requests.locations import location_reader
from lambent.wire.requests.refusals import JsonRefusals, XmlRefusals, unreadable

if TYPE_CHECKING:
    from botocore.model import OperationModel, Shape

    from lambent.call import Params
    from lambent.wire.message import WireRequest
    from lambent.wire.model import ServiceModel
    from lambent.wire.requests import Parser

Body = Callable[[bytes, "Params"], None]
"""Puts what a body says into the parameters."""


def rest_parser(service: ServiceModel, operation: OperationModel, protocol: str) -> Parser:
    """The parser of requests whose parameters are where the shape's members say."""
    shape = operation.input_shape
    if shape is None or not shape.members:
        return lambda _request: {}
    xml = XmlRefusals(s3=service.name == "s3") if protocol == "rest-xml" else None
    fill = location_reader(shape, operation.http["requestUri"], xml or JsonRefusals())
    read_body = _body(service, shape, xml)
    if read_body is None:

        def parse_head(request: WireRequest) -> Params:
            params: Params = {}
            fill(request, params)
            return params

        return parse_head

    def parse(request: WireRequest) -> Params:
        params: Params = {}
        fill(request, params)
        read_body(request.body, params)
        return params

    return parse


def _body(service: ServiceModel, shape: Shape, xml: XmlRefusals | None) -> Body | None:
    """None where no member stands in the body, which is then not looked at."""
    payload = shape.serialization.get("payload")
    if payload is not None:
        return _payload(service, payload, shape.members[payload], xml)
    names = [name for name, member in shape.members.items() if "location" not in member.serialization]
    if not names:
        return None
    read: Callable[[bytes], Params] = (
        xml_body.members_reader(shape, names, xml) if xml else json_body.members_reader(service, shape, names)
    )

    def body(data: bytes, params: Params) -> None:
        if data:
            params.update(read(data))

    return body


def _payload(service: ServiceModel, name: str, shape: Shape, xml: XmlRefusals | None) -> Body:
    """A body that is one member. A blob is there even when it is empty if the model has it stream."""
    if shape.type_name == "blob":
        return _blob(name, always=bool(shape.serialization.get("streaming")))
    if shape.type_name == "string":
        return _value(name, lambda data: _text(data, xml))
    return _value(name, xml_body.value_reader(shape, name, xml) if xml else json_body.value_reader(service, shape))


def _blob(name: str, *, always: bool) -> Body:
    def body(data: bytes, params: Params) -> None:
        if data or always:
            params[name] = data

    return body


def _value(name: str, read: Callable[[bytes], Any]) -> Body:
    def body(data: bytes, params: Params) -> None:
        if data:
            value = read(data)
            if value is not None:
                params[name] = value

    return body


def _text(data: bytes, xml: XmlRefusals | None) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise (xml.body() if xml else unreadable()) from None
