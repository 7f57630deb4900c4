"""What a body may be written in: JSON, CBOR in its two dialects, XML; each compiles a shape to a function to bytes.

One format belongs to one service, since shapes are known by their names. May import `wire.responses` (`elements`,
`recorded`, `timestamps`, `values`) and `wire.model`.

Numbers that JSON does not have (NaN, the infinities) are written as the strings that AWS's protocols give them.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from functools import cache
from math import isfinite, isnan
from typing import TYPE_CHECKING, Any, Protocol

import cbor2
import orjson

from lambent.wire.responses.elements import Elements
from lambent.wire.responses.recorded import ELEMENT_NAMES, NAMESPACES
from lambent.wire.responses.timestamps import epoch_millis, epoch_seconds, http_date, iso_8601, iso_8601_millis
from lambent.wire.responses.values import Leaves, Values

if TYPE_CHECKING:
    from datetime import datetime

    from botocore.model import Shape

    from lambent.wire.model import ServiceModel

Dump = Callable[[Any], bytes]

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


class Format(Protocol):
    """How bodies are written."""

    @property
    def content_type(self) -> str:
        """The media type of a body."""

    def document(self, shape: Shape, root: str, without: frozenset[str] = frozenset()) -> Dump:
        """From a value of the shape to a body.

        root: the name of the outermost element, where the format has one.
        without: members that do not stand in the body.
        """


class PlainFormat:
    """JSON or CBOR."""

    def __init__(self, content_type: str, leaves: Leaves, dump: Dump) -> None:
        self.content_type = content_type
        self.values = Values(leaves)
        self.dump = dump

    def document(self, shape: Shape, root: str, without: frozenset[str] = frozenset()) -> Dump:
        """From a value to a body; it has no root."""
        del root
        dump = self.dump
        encode = self.values.members(shape, without) if without else self.values.encoder(shape)
        return dump if encode is None else lambda value: dump(encode(value))


class XmlFormat:
    """XML documents of one namespace."""

    def __init__(self, content_type: str, elements: Elements, *, namespace: str | None, declaration: str) -> None:
        self.content_type = content_type
        self.elements = elements
        self.namespace = "" if namespace is None else f' xmlns="{namespace}"'
        self.declaration = declaration

    def document(self, shape: Shape, root: str, without: frozenset[str] = frozenset()) -> Dump:
        """From a value to a body."""
        own = shape.serialization.get("xmlNamespace", {})
        has_default = isinstance(own, Mapping) and "uri" in own and "prefix" not in own
        write = self.elements.element(root, shape, "" if has_default else self.namespace, without)
        declaration = self.declaration

        def dump(value: Any) -> bytes:
            parts = [declaration]
            write(value, parts)
            return "".join(parts).encode("utf-8", "xmlcharrefreplace")

        return dump


@cache
def json_format(service: ServiceModel, content_type: str) -> PlainFormat:
    """A service's JSON."""
    del service
    return PlainFormat(content_type, Leaves(_json_timestamp, _base64, _json_float, renamed=True), dump_json)


@cache
def cbor_format(service: ServiceModel, content_type: str) -> PlainFormat:
    """A service's CBOR as Smithy defines it: floats in 64 bits, moments under tag 1 in seconds."""
    del service
    return PlainFormat(content_type, Leaves(lambda _: _tagged_seconds, None, float, renamed=False), cbor2.dumps)


@cache
def legacy_cbor_format(service: ServiceModel, content_type: str) -> PlainFormat:
    """A service's CBOR as Kinesis' older SDKs read it: moments are whole milliseconds, against what tag 1 means."""
    del service
    return PlainFormat(content_type, Leaves(lambda _: _tagged_millis, None, float, renamed=True), cbor2.dumps)


@cache
def query_format(service: ServiceModel) -> XmlFormat:
    """The XML of a service that speaks query."""
    elements = Elements(iso_8601, ELEMENT_NAMES.get(service.name, {}))
    return XmlFormat("text/xml", elements, namespace=_namespace(service), declaration="")


@cache
def xml_format(service: ServiceModel) -> XmlFormat:
    """The XML of a REST service; S3 has its own habits."""
    is_s3 = service.name == "s3"
    elements = Elements(iso_8601_millis if is_s3 else iso_8601, {})
    content_type = "application/xml" if is_s3 else "text/xml"
    return XmlFormat(content_type, elements, namespace=_namespace(service), declaration=_DECLARATION)


def dump_json(value: Any) -> bytes:
    """JSON in UTF-8, without spaces."""
    try:
        return orjson.dumps(value, default=_plain)
    except orjson.JSONEncodeError:
        # Halves of surrogate pairs and numbers over 64 bits, which only the standard library writes.
        return json.dumps(value, separators=(",", ":"), default=_plain).encode()


def _namespace(service: ServiceModel) -> str | None:
    return NAMESPACES.get(service.name) or service.botocore.metadata.get("xmlNamespace")


def _plain(value: Any) -> Any:
    """A mapping that is no dict, such as a read-only view."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _json_timestamp(named: str | None) -> Callable[[datetime], int | float | str]:
    match named:
        case "iso8601":
            return iso_8601
        case "rfc822":
            return http_date
        case _:
            return epoch_seconds


def _json_float(value: Any) -> float | str:
    number = float(value)
    if isfinite(number):
        return number
    if isnan(number):
        return "NaN"
    return "Infinity" if number > 0 else "-Infinity"


def _base64(value: bytes) -> str:
    return b64encode(value).decode()


def _tagged_seconds(moment: datetime) -> cbor2.CBORTag:
    return cbor2.CBORTag(1, float(epoch_seconds(moment)))


def _tagged_millis(moment: datetime) -> cbor2.CBORTag:
    return cbor2.CBORTag(1, epoch_millis(moment))
