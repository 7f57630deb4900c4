"""What a message is made of: its body and attributes, how large they are, and their digests.

Source: SQS developer guide, "Message metadata for Amazon SQS" and "Calculating the MD5 message digest".
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING, Any

import orjson

from lambent.errors import AwsError
from lambent.services.sqs.refusals import invalid, missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Attributes = dict[str, tuple[str, "str | bytes"]]
"""Data type and value by name."""

_MOST = 10
_NAME = re.compile(r"[A-Za-z0-9_.-]+", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_LONGEST = 256
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def body_of(params: Mapping[str, Any]) -> str:
    """A message's body. Raises AwsError MissingParameter, InvalidMessageContents."""
    body: str | None = params.get("MessageBody")
    if not body:
        raise missing("MessageBody")
    if found := _FORBIDDEN.search(body):
        raise AwsError(
            "InvalidMessageContents",
            f"Invalid binary character '#x{ord(found[0]):X}' was found in the message body, the set of allowed "
            "characters is #x9 | #xA | #xD | [#x20-#xD7FF] | [#xE000-#xFFFD] | [#x10000-#x10FFFF]",
        )
    return body


def attributes_of(given: Mapping[str, Any] | None) -> Attributes:
    """A message's attributes. Raises AwsError InvalidParameterValue."""
    if not given:
        return {}
    if len(given) > _MOST:
        raise invalid(f"Number of message attributes [{len(given)}] exceeds the allowed maximum [{_MOST}].")
    return {name: _attribute(name, value) for name, value in given.items()}


def trace_of(given: Mapping[str, Any] | None) -> str | None:
    """The one system attribute that senders may set. Raises AwsError InvalidParameterValue."""
    if not given:
        return None
    for name in given:
        if name != "AWSTraceHeader":
            raise invalid(f"Message (system) attribute name '{name}' is not supported.")
    data_type, value = _attribute("AWSTraceHeader", given["AWSTraceHeader"])
    if data_type != "String":
        raise invalid("Message (system) attribute 'AWSTraceHeader' must be of type 'String'.")
    return str(value)


def size_bytes(body: str, attributes: Attributes) -> int:
    """As AWS counts it: the body, and names, types and values of attributes."""
    size = len(body) if body.isascii() else len(body.encode())
    for name, (data_type, value) in attributes.items():
        size += len(name.encode()) + len(data_type.encode()) + len(value.encode() if isinstance(value, str) else value)
    return size


def md5_of_body(body: str) -> str:
    """32 hexadecimal digits."""
    return hashlib.md5(body.encode(), usedforsecurity=False).hexdigest()


def md5_of_attributes(attributes: Attributes) -> str:
    """32 hexadecimal digits, over attributes by name: lengths in four bytes, 1 before texts and 2 before bytes."""
    digest = hashlib.md5(usedforsecurity=False)
    for name in sorted(attributes):
        data_type, value = attributes[name]
        for part in (name.encode(), data_type.encode()):
            digest.update(len(part).to_bytes(4, "big") + part)
        data = value.encode() if isinstance(value, str) else value
        digest.update((b"\x01" if isinstance(value, str) else b"\x02") + len(data).to_bytes(4, "big") + data)
    return digest.hexdigest()


def kept(attributes: Attributes) -> str | None:
    """Attributes as the store has them, None where there are none."""
    if not attributes:
        return None
    rows = {
        name: [data_type, value] if isinstance(value, str) else [data_type, base64.b64encode(value).decode(), 1]
        for name, (data_type, value) in attributes.items()
    }
    return orjson.dumps(rows).decode()


def restored(text: str | None) -> Attributes:
    """Attributes out of the store."""
    if text is None:
        return {}
    return {
        name: (row[0], row[1] if len(row) == 2 else base64.b64decode(row[1]))
        for name, row in orjson.loads(text).items()
    }


def chosen(attributes: Attributes, names: Iterable[str]) -> Attributes:
    """The attributes that a receiver asked for: all, by name, or by the start of a name (`Prefix.*`)."""
    exact, starts = set(names), []
    if exact & {"All", "*", ".*"}:
        return attributes
    starts = [name[:-2] for name in exact if name.endswith(".*")]
    return {
        name: value
        for name, value in attributes.items()
        if name in exact or any(name.startswith(start) for start in starts)
    }


def shown(attributes: Attributes) -> dict[str, dict[str, Any]]:
    """Attributes as answers have them."""
    return {
        name: {"DataType": data_type, "StringValue" if isinstance(value, str) else "BinaryValue": value}
        for name, (data_type, value) in attributes.items()
    }


def _attribute(name: str, given: Mapping[str, Any]) -> tuple[str, str | bytes]:
    _check_name(name)
    data_type: str = given.get("DataType") or ""
    if not data_type:
        raise invalid(f"The message attribute '{name}' must contain a non-empty message attribute type.")
    kind = data_type.split(".", 1)[0]
    if kind not in {"String", "Number", "Binary"}:
        raise invalid(
            f"The type of message (user) attribute '{name}' is invalid. You must use only the following supported type "
            "prefixes: Binary, Number, String."
        )
    if len(data_type) >= _LONGEST:
        raise invalid("Message (user) attribute types must be shorter than 256 Bytes")
    for member in ("StringListValues", "BinaryListValues"):
        if given.get(member):
            raise invalid(f"Message (user) attribute list values in {member} are not supported.")
    value: str | bytes | None = given.get("BinaryValue" if kind == "Binary" else "StringValue")
    if not value:
        raise invalid(f"Message (user) attribute '{name}' must contain a non-empty value of type '{kind}'.")
    if kind == "Number" and not _NUMBER.fullmatch(str(value)):
        raise invalid(f"Can't cast the value of message (user) attribute '{name}' to a number.")
    if isinstance(value, str) and (found := _FORBIDDEN.search(value)):
        raise invalid(f"Invalid binary character '#x{ord(found[0]):X}' was found in message attribute '{name}'.")
    return data_type, value


def _check_name(name: str) -> None:
    if len(name.encode()) >= _LONGEST:
        raise invalid("Message (user) attribute names must be shorter than 256 Bytes")
    if not _NAME.fullmatch(name) or name.startswith(".") or name.endswith(".") or ".." in name:
        raise invalid(
            "Message (user) attributes name can only contain upper and lower score alphabet, digits, periods, hyphens "
            "and underscores. "
        )
    if name.lower().startswith(("aws.", "amazon.")):
        raise invalid(
            "You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. These strings are reserved for "
            "internal use. Additionally, they cannot start or end with '.'."
        )
