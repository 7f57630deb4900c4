"""XML as a tree of elements, read by expat. May import nothing of Lambent.

Document types are refused, and with them every entity that could be declared: nothing expands, nothing is fetched.
Depth and number of elements are bounded. Namespaces are not looked at; prefixes are taken off, as clients choose them
freely.
"""

from __future__ import annotations

from typing import Any, NoReturn
from xml.parsers import expat

_MOST_LEVELS = 64
_MOST_ELEMENTS = 100_000
"""More than the 10,000 parts of an upload or the 1,000 keys of a deletion ever need."""


class NotXml(Exception):  # noqa: N818  an answer, not an accident
    """These bytes are no XML that anybody here reads."""


class Element:
    """One element. attributes: by name without prefix, namespace declarations among them."""

    __slots__ = ("attributes", "children", "name", "parts")

    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name = name
        self.attributes = {_local(key): value for key, value in attributes.items()} if attributes else attributes
        self.children: list[Element] = []
        self.parts: list[str] = []

    @property
    def text(self) -> str:
        """All text that stands directly in the element."""
        return "".join(self.parts)


def parse(body: bytes) -> Element:
    """The root element. Raises NotXml."""
    builder = _Builder()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, LookupError, ValueError) as problem:
        # An encoding that Python does not know, or cannot map byte by byte, is a LookupError or a ValueError.
        raise NotXml(str(problem)) from None
    return builder.root


class _Builder:
    """Takes expat's events."""

    def __init__(self) -> None:
        self._document = Element("", {})
        self._open = [self._document]
        self._left = _MOST_ELEMENTS

    @property
    def root(self) -> Element:
        return self._document.children[0]

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._left -= 1
        if len(self._open) > _MOST_LEVELS or self._left < 0:
            raise NotXml("too deep, or too many elements")
        element = Element(_local(name), attributes)
        self._open[-1].children.append(element)
        self._open.append(element)

    def end(self, _name: str) -> None:
        self._open.pop()

    def text(self, data: str) -> None:
        self._open[-1].parts.append(data)


def _refuse(*_declaration: Any) -> NoReturn:
    raise NotXml("document types are not read")


def _local(name: str) -> str:
    return name.rpartition(":")[2]
