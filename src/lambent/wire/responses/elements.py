"""From an output to XML elements: compiled once from shapes.

A writer appends pieces of text to a list, which is joined once. Elements come in the model's order under the names that
botocore's parser looks for. May import `wire.responses` (`recorded`, `timestamps`).

Characters that XML 1.0 has not are written as references, as S3 writes them: a client that reads them fails, rather
than take one key for another. What only speaks to people is made harmless by `legible` first.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import datetime
from math import isfinite, isnan
from typing import TYPE_CHECKING, Any

from lambent.wire.responses.timestamps import epoch_seconds, http_date, iso_8601

if TYPE_CHECKING:
    from botocore.model import Shape

    from lambent.wire.responses.recorded import ElementNames

Write = Callable[[Any, list[str]], None]
Text = Callable[[Any], str]

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SPECIAL = re.compile('[&<>"\x00-\x08\x0b-\x1f\ufffe\uffff]')
_NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}


def escaped(text: str) -> str:
    """Text as it may stand in an element."""
    return _SPECIAL.sub(_reference, text)


def escaped_in_attribute(text: str) -> str:
    """Text as it may stand in an attribute between double quotes, where a parser takes any white space for a space."""
    return escaped(text).replace("\t", "&#x9;").replace("\n", "&#xa;")


def legible(text: str) -> str:
    """Text without what XML cannot hold, a mark in its place."""
    return _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text)


def text_of(value: Any) -> str:
    """The text of a value whose shape nobody knows, by its own type."""
    match value:
        case bool():
            return _boolean(value)
        case float():
            return number_text(value)
        case datetime():
            return iso_8601(value)
        case _:
            return escaped(legible(str(value)))


def number_text(value: Any) -> str:
    """A float in the words of XML Schema."""
    number = float(value)
    if isfinite(number):
        return repr(number)
    if isnan(number):
        return "NaN"
    return "Infinity" if number > 0 else "-Infinity"


class Elements:
    """The element writers of one service's shapes."""

    def __init__(self, timestamp: Callable[[datetime], str], names: Mapping[str, ElementNames]) -> None:
        """timestamp: of shapes that name no format. names: what the model does not say, by the shapes' names."""
        self._timestamp = timestamp
        self._names = names
        self._contents: dict[str, Write] = {}

    def element(self, name: str, shape: Shape, attributes: str = "", without: frozenset[str] = frozenset()) -> Write:
        """What writes a value as one element, or as many where the shape is flattened.

        attributes: of the element, as they stand in it, with a space before each.
        without: members of the structure that do not stand in it.
        """
        match shape.type_name:
            case "structure":
                return self._structure(name, shape, attributes, without)
            case "list":
                return self._list(name, shape, attributes)
            case "map":
                return self._map(name, shape, attributes)
            case _:
                return _scalar(name, attributes, self._text(shape))

    def content(self, shape: Shape, without: frozenset[str] = frozenset()) -> Write:
        """What writes the members of a structure, without an element around them."""
        if without:
            return _content([self._member(name, inner) for name, inner in _inside(shape) if name not in without])
        found = self._contents.get(shape.name)
        if found is None:
            # It is known before its members are compiled, since a shape may contain itself.
            members: list[tuple[str, Write]] = []
            found = self._contents[shape.name] = _content(members)
            members.extend(self._member(name, inner) for name, inner in _inside(shape))
        return found

    def _member(self, name: str, shape: Shape) -> tuple[str, Write]:
        known = self._names.get(shape.name)
        if known is not None:
            return name, self.element(known.element, shape)
        element = shape.serialization.get("name", name)
        if shape.type_name == "list" and shape.serialization.get("flattened"):
            element = shape.member.serialization.get("name", element)
        return name, self.element(element, shape)

    def _structure(self, name: str, shape: Shape, attributes: str, without: frozenset[str]) -> Write:
        opening = f"<{name}{attributes}{_namespace(shape)}"
        closing = f"</{name}>"
        content = self.content(shape, without)
        inside_tag = [
            (member, inner.serialization["name"])
            for member, inner in shape.members.items()
            if inner.serialization.get("xmlAttribute")
        ]

        def write(value: Any, parts: list[str]) -> None:
            parts.append(opening)
            for member, attribute in inside_tag:
                if (found := value.get(member)) is not None:
                    parts.append(f' {attribute}="{escaped_in_attribute(found)}"')
            parts.append(">")
            content(value, parts)
            parts.append(closing)

        return write

    def _list(self, name: str, shape: Shape, attributes: str) -> Write:
        if self._is_flattened(shape):
            return _each(self.element(name, shape.member, attributes))
        inner = _each(self.element(shape.member.serialization.get("name", "member"), shape.member))
        return _wrapped(name, attributes, inner)

    def _map(self, name: str, shape: Shape, attributes: str) -> Write:
        known = self._names.get(shape.name)
        key_name = known.key if known else shape.key.serialization.get("name", "key")
        value_name = known.value if known else shape.value.serialization.get("name", "value")
        flattened = self._is_flattened(shape)
        entry = name if flattened else "entry"
        opening = f"<{entry}{attributes if flattened else ''}>"
        closing = f"</{entry}>"
        write_key = self.element(key_name, shape.key)
        write_value = self.element(value_name, shape.value)

        def write(value: Mapping[str, Any], parts: list[str]) -> None:
            for key, inner in value.items():
                if inner is not None:
                    parts.append(opening)
                    write_key(key, parts)
                    write_value(inner, parts)
                    parts.append(closing)

        return write if flattened else _wrapped(name, attributes, write)

    def _is_flattened(self, shape: Shape) -> bool:
        return shape.name in self._names or bool(shape.serialization.get("flattened"))

    def _text(self, shape: Shape) -> Text:
        match shape.type_name:
            case "timestamp":
                return self._moment(shape.serialization.get("timestampFormat"))
            case "boolean":
                return _boolean
            case "integer" | "long":
                return str
            case "float" | "double":
                return number_text
            case "blob":
                return _base64
            case _:
                return escaped

    def _moment(self, named: str | None) -> Text:
        match named:
            case "rfc822":
                return http_date
            case "unixTimestamp":
                return lambda moment: str(epoch_seconds(moment))
            case _:
                return self._timestamp


def _inside(shape: Shape) -> list[tuple[str, Shape]]:
    return [(name, inner) for name, inner in shape.members.items() if not inner.serialization.get("xmlAttribute")]


def _namespace(shape: Shape) -> str:
    namespace = shape.serialization.get("xmlNamespace")
    if not isinstance(namespace, Mapping):
        return ""
    prefix = namespace.get("prefix")
    return f' xmlns{f":{prefix}" if prefix else ""}="{namespace["uri"]}"'


def _content(members: list[tuple[str, Write]]) -> Write:
    def write(value: Mapping[str, Any], parts: list[str]) -> None:
        get = value.get
        for name, inner in members:
            if (found := get(name)) is not None:
                inner(found, parts)

    return write


def _scalar(name: str, attributes: str, text: Text) -> Write:
    opening = f"<{name}{attributes}>"
    closing = f"</{name}>"
    return lambda value, parts: parts.append(f"{opening}{text(value)}{closing}")


def _each(inner: Write) -> Write:
    def write(value: Any, parts: list[str]) -> None:
        for element in value:
            if element is not None:
                inner(element, parts)

    return write


def _wrapped(name: str, attributes: str, inner: Write) -> Write:
    opening = f"<{name}{attributes}>"
    closing = f"</{name}>"

    def write(value: Any, parts: list[str]) -> None:
        parts.append(opening)
        inner(value, parts)
        parts.append(closing)

    return write


def _reference(match: re.Match[str]) -> str:
    character = match[0]
    return _NAMED.get(character) or f"&#x{ord(character):x};"


def _boolean(value: Any) -> str:
    return "true" if value else "false"


def _base64(value: bytes) -> str:
    return b64encode(value).decode()
