"""Scalars that are written as text: in headers, labels, query strings, forms and XML. May import `wire.requests`.

A reader takes the text of one value and returns it as its shape says, or raises what `refuse` makes of the text and the
type of the shape. `as_is` stands for strings, so that callers can leave them alone.
"""

from __future__ import annotations

import re
from binascii import Error as Base64Error
from binascii import a2b_base64
from typing import TYPE_CHECKING, Any

import orjson

from lambent.wire.requests.timestamps import text_parser

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.model import Shape

    from lambent.errors import AwsError

    Read = Callable[[str], Any]
    Refuse = Callable[[str, str], AwsError]

_BITS = {"integer": 32, "long": 64}
_INTEGER = re.compile(r"[+-]?[0-9]{1,20}", re.ASCII)
_FLOAT = re.compile(r"[+-]?([0-9]{1,400}(\.[0-9]{0,400})?|\.[0-9]{1,400})([eE][+-]?[0-9]{1,4})?", re.ASCII)
_SPECIAL = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
_BOOLEANS = {"true": True, "false": False}


def as_is(text: str) -> str:
    """A string."""
    return text


def text_reader(shape: Shape, timestamps: str, refuse: Refuse) -> Read:
    """The reader of a scalar shape.

    timestamps: the format of times whose shape names none. refuse: makes an error of a text and the shape's type.
    """
    match shape.type_name:
        case "boolean":
            return _boolean(refuse)
        case "integer" | "long":
            return _integer(shape.type_name, refuse)
        case "float" | "double":
            return _float(shape.type_name, refuse)
        case "blob":
            return _blob(refuse)
        case "timestamp":
            return _timestamp(shape.serialization.get("timestampFormat", timestamps), refuse)
        case "string" | "character":
            return _json_value(refuse) if shape.serialization.get("jsonvalue") else as_is
        case kind:
            raise LookupError(f"{kind} {shape.name} is not written as text")


def in_range(number: int, kind: str) -> bool:
    """Whether a number fits into an `integer` or a `long`."""
    return -(1 << _BITS[kind] - 1) <= number < 1 << _BITS[kind] - 1


def special_float(text: str) -> float | None:
    """NaN and the infinities by the names they have in text; None for anything else."""
    return _SPECIAL.get(text)


def _boolean(refuse: Refuse) -> Read:
    def read(text: str) -> bool:
        value = _BOOLEANS.get(text.lower())
        if value is None:
            raise refuse(text, "boolean")
        return value

    return read


def _integer(kind: str, refuse: Refuse) -> Read:
    def read(text: str) -> int:
        if _INTEGER.fullmatch(text) and in_range(number := int(text), kind):
            return number
        raise refuse(text, kind)

    return read


def _float(kind: str, refuse: Refuse) -> Read:
    def read(text: str) -> float:
        if _FLOAT.fullmatch(text):
            return float(text)
        if (special := _SPECIAL.get(text)) is not None:
            return special
        raise refuse(text, kind)

    return read


def _blob(refuse: Refuse) -> Read:
    def read(text: str) -> bytes:
        try:
            return a2b_base64(text, strict_mode=True)
        except (Base64Error, ValueError):
            raise refuse(text, "blob") from None

    return read


def _timestamp(name: str, refuse: Refuse) -> Read:
    parse = text_parser(name)

    def read(text: str) -> Any:
        try:
            return parse(text)
        except ValueError:
            raise refuse(text, "timestamp") from None

    return read


def _json_value(refuse: Refuse) -> Read:
    """A string that holds JSON: parameters have the value, text has it in base64."""

    def read(text: str) -> Any:
        try:
            return orjson.loads(a2b_base64(text, strict_mode=True))
        except (Base64Error, ValueError):
            raise refuse(text, "string") from None

    return read
