"""CBOR bodies: of Smithy's RPC protocol, and of the older form that Kinesis' SDKs speak. May import `wire.requests`.

A tag never builds an object: the one of times is taken off, every other is refused. Depth is bounded; sizes that a body
claims cost nothing before its bytes are there. Times are seconds since 1970 in the one, whole milliseconds in the
other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import cbor2

from lambent.wire.requests.refusals import dialect_of, not_a_request, unreadable
from lambent.wire.requests.timestamps import from_millis, from_seconds
from lambent.wire.requests.trees import Form, TreeCompiler

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from botocore.model import OperationModel, Shape

    from lambent.call import Params
    from lambent.wire.message import WireRequest
    from lambent.wire.model import ServiceModel
    from lambent.wire.requests import Parser
    from lambent.wire.requests.refusals import Dialect
    from lambent.wire.requests.trees import Read

_MOST_LEVELS = 200
_TIME = 1


def cbor_parser(service: ServiceModel, operation: OperationModel, protocol: str) -> Parser:
    """The parser of requests that are a CBOR map; an empty body is an empty one."""
    shape = operation.input_shape
    if shape is None or not shape.members:
        return lambda _request: {}
    dialect = dialect_of(service.name)
    form = _MILLIS if protocol == "cbor-1.1" else _SECONDS
    members = TreeCompiler(form, dialect).request(shape)

    def parse(request: WireRequest) -> Params:
        if not request.body:
            return {}
        value = _decoded(request.body)
        if type(value) is not dict:
            raise not_a_request(value, dialect)
        return members(value)

    return parse


def _decoded(body: bytes) -> Any:
    try:
        return cbor2.loads(body, max_depth=_MOST_LEVELS, semantic_decoders=_TAGS)
    except cbor2.CBORDecodeError:
        raise unreadable() from None


class _Tags(dict[int, Any]):
    """What tags become. It answers for all of them: those that cbor2 knows would build objects."""

    def __missing__(self, tag: int) -> Callable[[Any, bool], NoReturn]:
        def refuse(_value: Any, _immutable: bool) -> NoReturn:
            raise ValueError(f"tag {tag}")

        return refuse


_TAGS = _Tags({_TIME: lambda value, _immutable: value})


def _blob(dialect: Dialect) -> Read:
    def read(value: Any, _left: int) -> bytes:
        if type(value) is not bytes:
            raise dialect.scalar(value, "blob")
        return value

    return read


def _timestamp(convert: Callable[[float], datetime]) -> Callable[[Shape, Dialect], Read]:
    def compiled(_shape: Shape, dialect: Dialect) -> Read:
        def read(value: Any, _left: int) -> datetime:
            if type(value) is not int and type(value) is not float:
                raise dialect.scalar(value, "timestamp")
            try:
                return convert(value)
            except ValueError:
                raise dialect.scalar(value, "timestamp") from None

        return read

    return compiled


_SECONDS = Form(blob=_blob, timestamp=_timestamp(from_seconds))
_MILLIS = Form(blob=_blob, timestamp=_timestamp(from_millis))
