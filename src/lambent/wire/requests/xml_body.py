"""XML bodies of REST services. May import `wire.requests`.

Shapes become closures that read elements. The depth of what they read is bounded by `wire.requests.elements`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lambent.wire.requests.elements import Element, NotXml, parse
from lambent.wire.requests.texts import as_is, text_reader

if TYPE_CHECKING:
    from collections.abc import Collection

    from botocore.model import Shape

    from lambent.call import Params
    from lambent.errors import AwsError
    from lambent.wire.requests.refusals import XmlRefusals

Read = Callable[[Element], Any]
Put = Callable[["Params", Element], None]


def members_reader(shape: Shape, names: Collection[str], refusals: XmlRefusals) -> Callable[[bytes], Params]:
    """The reader of a body that is an element with some members of a structure; no root has to be there by name."""
    return _body(_Compiler(refusals).members(shape, names), shape.serialization.get("name"), refusals)


def value_reader(shape: Shape, member: str, refusals: XmlRefusals) -> Callable[[bytes], Any]:
    """The reader of a body that is one member, whose name the root has."""
    return _body(_Compiler(refusals).value(shape), shape.serialization.get("name", member), refusals)


def _body(read: Read, root_name: str | None, refusals: XmlRefusals) -> Callable[[bytes], Any]:
    def read_body(body: bytes) -> Any:
        try:
            root = parse(body)
        except NotXml:
            raise refusals.body() from None
        if root_name is not None and root.name != root_name:
            raise refusals.body()
        return read(root)

    return read_body


class _Compiler:
    def __init__(self, refusals: XmlRefusals) -> None:
        self._refusals = refusals
        self._structures: dict[str, Read] = {}

    def value(self, shape: Shape) -> Read:
        match shape.type_name:
            case "structure":
                return self._structure(shape)
            case "list":
                return _list(shape.member.serialization.get("name", "member"), self.value(shape.member))
            case "map":
                return _map(self._entry(shape))
            case _:
                return self._scalar(shape)

    def members(self, shape: Shape, names: Collection[str]) -> Read:
        """The reader of some members of a structure."""
        elements: dict[str, Put] = {}
        attributes: dict[str, tuple[str, Callable[[str], Any]]] = {}
        for name in names:
            inner = shape.members[name]
            said = inner.serialization.get("name", name).rpartition(":")[2]
            if inner.serialization.get("xmlAttribute"):
                attributes[said] = (name, text_reader(inner, "iso8601", self._refuse))
            else:
                elements[said] = self._put(name, inner)
        return _structure(elements, attributes)

    def _structure(self, shape: Shape) -> Read:
        if shape.name not in self._structures:
            self._structures[shape.name] = self._later(shape.name)
            self._structures[shape.name] = self.members(shape, shape.members)
        return self._structures[shape.name]

    def _later(self, name: str) -> Read:
        """Stands for a structure inside of itself."""

        def read(element: Element) -> Any:
            return self._structures[name](element)

        return read

    def _put(self, name: str, shape: Shape) -> Put:
        """What an element with a member's name does to the parameters."""
        flattened = shape.serialization.get("flattened")
        if flattened and shape.type_name == "list":
            read_item = self.value(shape.member)
            return lambda params, element: params.setdefault(name, []).append(read_item(element))
        if flattened and shape.type_name == "map":
            read_entry = self._entry(shape)
            return lambda params, element: params.setdefault(name, {}).update([read_entry(element)])
        read = self.value(shape)

        def put(params: Params, element: Element) -> None:
            params[name] = read(element)

        return put

    def _entry(self, shape: Shape) -> Callable[[Element], tuple[Any, Any]]:
        """The reader of an element that holds the key and the value of a map's entry."""
        key_name = shape.key.serialization.get("name", "key")
        value_name = shape.value.serialization.get("name", "value")
        read_key, read_value = self.value(shape.key), self.value(shape.value)

        def read(element: Element) -> tuple[Any, Any]:
            found = {child.name: child for child in element.children}
            if key_name not in found or value_name not in found:
                raise self._refusals.body()
            return read_key(found[key_name]), read_value(found[value_name])

        return read

    def _scalar(self, shape: Shape) -> Read:
        convert = text_reader(shape, "iso8601", self._refuse)
        if convert is as_is:
            return lambda element: element.text
        return lambda element: convert(element.text.strip())

    def _refuse(self, _text: str, _kind: str) -> AwsError:
        return self._refusals.body()


def _structure(elements: dict[str, Put], attributes: dict[str, tuple[str, Callable[[str], Any]]]) -> Read:
    def read(element: Element) -> Params:
        params: Params = {}
        for name, (member, convert) in attributes.items():
            if (text := element.attributes.get(name)) is not None:
                params[member] = convert(text)
        for child in element.children:
            if (put := elements.get(child.name)) is not None:
                put(params, child)
        return params

    return read


def _list(element_name: str, read_item: Read) -> Read:
    return lambda element: [read_item(child) for child in element.children if child.name == element_name]


def _map(read_entry: Callable[[Element], tuple[Any, Any]]) -> Read:
    return lambda element: dict(read_entry(child) for child in element.children if child.name == "entry")
