"""JSON bodies: of services that are called by a target header, and of REST services. May import `wire.requests`.

orjson refuses what nests deeper than 1024 levels; `wire.requests.trees` bounds what is read of it.
"""

from __future__ import annotations

from binascii import Error as Base64Error
from binascii import a2b_base64
from typing import TYPE_CHECKING, Any

import orjson

from lambent.wire.requests.refusals import dialect_of, not_a_request, unreadable
from lambent.wire.requests.timestamps import from_seconds, text_parser
from lambent.wire.requests.trees import Form, TreeCompiler

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from botocore.model import OperationModel, Shape

    from lambent.call import Params
    from lambent.wire.message import WireRequest
    from lambent.wire.model import ServiceModel
    from lambent.wire.requests import Parser
    from lambent.wire.requests.refusals import Dialect
    from lambent.wire.requests.trees import Read


def json_parser(service: ServiceModel, operation: OperationModel) -> Parser:
    """The parser of requests that are a JSON object. An operation without parameters does not look at its body."""
    shape = operation.input_shape
    if shape is None or not shape.members:
        return lambda _request: {}
    read = members_reader(service, shape, shape.members)

    def parse(request: WireRequest) -> Params:
        return read(request.body)

    return parse


def members_reader(service: ServiceModel, shape: Shape, names: Collection[str]) -> Callable[[bytes], Params]:
    """The reader of a body that is an object of some members of a structure. Raises AwsError for an empty one."""
    dialect = dialect_of(service.name)
    members = TreeCompiler(_JSON, dialect).request(shape, names)

    def read(body: bytes) -> Params:
        value = _decoded(body)
        if type(value) is not dict:
            raise not_a_request(value, dialect)
        return members(value)

    return read


def value_reader(service: ServiceModel, shape: Shape) -> Callable[[bytes], Any]:
    """The reader of a body that is one value; null is None."""
    dialect = dialect_of(service.name)
    convert = TreeCompiler(_JSON, dialect).value(shape)

    def read(body: bytes) -> Any:
        value = _decoded(body)
        return None if value is None else convert(value)

    return read


def _decoded(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise unreadable() from None


def _blob(dialect: Dialect) -> Read:
    def read(value: Any, _left: int) -> bytes:
        if type(value) is not str:
            raise dialect.scalar(value, "blob")
        try:
            return a2b_base64(value, strict_mode=True)
        except (Base64Error, ValueError):
            raise dialect.base64(value, _what_is_wrong(value)) from None

    return read


def _what_is_wrong(text: str) -> str:
    if len(text) % 4:
        return f"Base64 encoded length is expected a multiple of 4 bytes but found: {len(text)}"
    letter = next(
        (letter for letter in text.rstrip("=") if not (letter.isascii() and (letter.isalnum() or letter in "+/"))), "="
    )
    return f"Invalid Base64 character: '{letter}'"


def _timestamp(shape: Shape, dialect: Dialect) -> Read:
    name = shape.serialization.get("timestampFormat", "unixTimestamp")
    if name.lower() == "unixtimestamp":
        return _seconds(dialect)
    parse = text_parser(name)

    def read(value: Any, _left: int) -> Any:
        if type(value) is not str:
            raise dialect.scalar(value, "timestamp")
        try:
            return parse(value)
        except ValueError:
            raise dialect.scalar(value, "timestamp") from None

    return read


def _seconds(dialect: Dialect) -> Read:
    def read(value: Any, _left: int) -> Any:
        if type(value) is not int and type(value) is not float:
            raise dialect.scalar(value, "timestamp")
        try:
            return from_seconds(value)
        except ValueError:
            raise dialect.scalar(value, "timestamp") from None

    return read


_JSON = Form(blob=_blob, timestamp=_timestamp)
