"""Attributes of messages, as clients give them, checked. Pure.

Source: SNS developer guide, "Amazon SNS message attributes"; error texts as AWS was seen to send them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from lambent.delivery import Attribute
from lambent.services.sns.refusals import invalid_value

if TYPE_CHECKING:
    from collections.abc import Mapping

_TYPE = re.compile(r"(String|Number|Binary)(\..+)?")
_CHAR = re.compile(r"[A-Za-z0-9_.-]")
_LONGEST_NAME = 256


def read(given: Mapping[str, Mapping[str, Any]]) -> dict[str, Attribute]:
    """Attributes as they are handed on. Raises AwsError ParameterValueInvalid."""
    return {name: _read(name, value) for name, value in given.items()}


def size_bytes(attributes: Mapping[str, Attribute]) -> int:
    """What attributes count against the limit of a message."""
    return sum(_length(name) + _length(one.data_type) + _length(one.value) for name, one in attributes.items())


def _read(name: str, given: Mapping[str, Any]) -> Attribute:
    _check_name(name)
    kind = given["DataType"]
    form = _TYPE.fullmatch(kind)
    if form is None:
        raise invalid_value(
            f"The message attribute '{name}' has an invalid message attribute type, "
            "the set of supported type prefixes is Binary, Number, and String."
        )
    field = "Binary" if form[1] == "Binary" else "String"
    value = given.get(f"{field}Value")
    other = given.get("StringValue" if field == "Binary" else "BinaryValue")
    if value is None and other is not None:
        raise invalid_value(f"The message attribute '{name}' with type '{kind}' must use field '{field}'.")
    if not value:
        raise invalid_value(
            f"The message attribute '{name}' must contain non-empty message attribute value "
            f"for message attribute type '{kind}'."
        )
    if form[1] == "Number" and not _is_number(value):
        raise invalid_value(f"Could not cast message attribute '{name}' value to number.")
    return Attribute(kind, value)


def _check_name(name: str) -> None:
    if not name or len(name) > _LONGEST_NAME:
        raise invalid_value("Length of message attribute name must be less than 256 bytes.")
    if name[0] == ".":
        raise invalid_value("Invalid message attribute name starting with character '.' was found.")
    if name[-1] == ".":
        raise invalid_value("Invalid message attribute name ending with character '.' was found.")
    for char in name:
        if not _CHAR.fullmatch(char):
            raise invalid_value(
                f"Invalid non-alphanumeric character '#x{ord(char):X}' was found in the message attribute name. "
                "Can only include alphanumeric characters, hyphens, underscores, or dots."
            )
    if ".." in name:
        raise invalid_value("Message attribute name can not have successive '.' character.")


def _is_number(text: str) -> bool:
    return re.fullmatch(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*", text, re.ASCII) is not None


def _length(value: str | bytes) -> int:
    return len(value if isinstance(value, bytes) else value.encode())
