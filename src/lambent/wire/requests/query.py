"""The query protocol: parameters as `Tags.member.1.Key=a`, in a form or in a query string. May import `wire.requests`.

Names are taken apart at their dots into a tree, which shapes then read. A name has at most so many parts, so that
nothing nests further than that. As AWS does, a flattened list or map that has one entry may leave out its number.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from lambent.wire.requests.query_names import Names, further_names
from lambent.wire.requests.refusals import FormRefusals
from lambent.wire.requests.texts import text_reader

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from botocore.model import OperationModel, Shape

    from lambent.call import Params
    from lambent.wire.message import WireRequest
    from lambent.wire.model import ServiceModel
    from lambent.wire.requests import Parser

_MOST_PARTS = 32
_MOST_DIGITS = 9
_QUEUE_URL = "QueueUrl"

_refusals = FormRefusals()


class _Node:
    """What stands under one name: a value, further names, or both."""

    __slots__ = ("children", "value")

    def __init__(self) -> None:
        self.value: str | None = None
        self.children: dict[str, _Node] = {}


Read = Callable[[_Node], Any]
Find = Callable[[_Node], "_Node | None"]


def query_parser(service: ServiceModel, operation: OperationModel) -> Parser:
    """The parser of requests that are forms; what the query string says counts as well."""
    shape = operation.input_shape
    if shape is None or not shape.members:
        return lambda _request: {}
    read = _Compiler(further_names(service.name)).structure(shape)
    asked_at_queue = service.name == "sqs" and _QUEUE_URL in shape.members

    def parse(request: WireRequest) -> Params:
        params: Params = read(_tree(request))
        if asked_at_queue and _QUEUE_URL not in params and request.path.strip("/"):
            # SQS' actions on a queue may be sent to the queue's own URL, which then names it.
            params[_QUEUE_URL] = f"http://{request.headers.get('host', '')}{request.path}"
        return params

    return parse


def _tree(request: WireRequest) -> _Node:
    root = _Node()
    try:
        body = request.body.decode()
        pairs = parse_qsl(f"{request.query}&{body}" if request.query else body, keep_blank_values=True, errors="strict")
    except ValueError:
        raise _refusals.unreadable() from None
    for name, value in pairs:
        parts = name.split(".", _MOST_PARTS)
        if len(parts) > _MOST_PARTS:
            raise _refusals.form("Nesting too deep")
        node = root
        for part in parts:
            node = node.children.setdefault(part, _Node())
        node.value = value
    return root


class _Compiler:
    def __init__(self, further: Mapping[str, Names]) -> None:
        self._further = further
        self._structures: dict[str, Read] = {}

    def structure(self, shape: Shape) -> Read:
        if shape.name not in self._structures:
            self._structures[shape.name] = self._later(shape.name)
            members = tuple((name, *self._member(name, inner)) for name, inner in shape.members.items())
            self._structures[shape.name] = _structure(members)
        return self._structures[shape.name]

    def _later(self, name: str) -> Read:
        """Stands for a structure inside of itself."""

        def read(node: _Node) -> Any:
            return self._structures[name](node)

        return read

    def _member(self, name: str, shape: Shape) -> tuple[Find, Read]:
        """Where a member of a structure is, and how it is read."""
        modelled = shape.serialization.get("name", name)
        further = self._further.get(name)
        if shape.type_name == "list" and shape.serialization.get("flattened"):
            further = further or self._further.get(shape.member.name)
            element_name = shape.member.serialization.get("name", modelled)
            names = (element_name, modelled, *([further.name] if further else ()))
            return _finder(names), _flat_list(self._value(shape.member))
        if shape.type_name == "map" and shape.serialization.get("flattened"):
            names = (modelled, *([further.name] if further else ()))
            return _finder(names), _map(*self._entry(shape, further), flattened=True)
        return _finder((modelled,)), self._value(shape)

    def _value(self, shape: Shape) -> Read:
        match shape.type_name:
            case "structure":
                return self.structure(shape)
            case "list" if shape.serialization.get("flattened"):
                return _flat_list(self._value(shape.member))
            case "list":
                return _list(shape.member.serialization.get("name", "member"), self._value(shape.member))
            case "map":
                return _map(*self._entry(shape, None), flattened=bool(shape.serialization.get("flattened")))
            case _:
                return _scalar(shape)

    def _entry(self, shape: Shape, further: Names | None) -> tuple[Find, Find, Read, Read]:
        """Where the key and the value of a map's entry are, and how they are read."""
        key = shape.key.serialization.get("name", "key")
        value = shape.value.serialization.get("name", "value")
        keys, values = ((key, further.key), (value, further.value)) if further else ((key,), (value,))
        return _finder(keys), _finder(values), self._value(shape.key), self._value(shape.value)


def _structure(members: tuple[tuple[str, Find, Read], ...]) -> Read:
    def read(node: _Node) -> Params:
        if node.value and not node.children:
            raise _refusals.form("Expected a structure")
        params: Params = {}
        for name, find, inner in members:
            found = find(node)
            if found is not None:
                params[name] = inner(found)
        return params

    return read


def _finder(names: Iterable[str]) -> Find:
    """The first of several names that is there."""
    first, *others = dict.fromkeys(names)

    def find_one(node: _Node) -> _Node | None:
        return node.children.get(first)

    def find(node: _Node) -> _Node | None:
        found = (node.children.get(name) for name in (first, *others))
        return next((child for child in found if child is not None), None)

    return find if others else find_one


def _list(element_name: str, element: Read) -> Read:
    """An empty list is an empty value under its name."""

    def read(node: _Node) -> list[Any]:
        child = node.children.get(element_name)
        if child is None:
            if node.value or node.children:
                raise _refusals.form("Expected a list")
            return []
        return [element(item) for item in _numbered(child)]

    return read


def _flat_list(element: Read) -> Read:
    def read(node: _Node) -> list[Any]:
        items = _numbered(node)
        if not items and (node.value or node.children):
            items = [node]
        return [element(item) for item in items]

    return read


def _map(find_key: Find, find_value: Find, key: Read, value: Read, *, flattened: bool) -> Read:
    def read(node: _Node) -> dict[Any, Any]:
        items = _numbered(node if flattened else node.children.get("entry", _Node()))
        if not items and (node.value or node.children):
            items = [node]
        found: dict[Any, Any] = {}
        for item in items:
            key_node, value_node = find_key(item), find_value(item)
            if key_node is None or value_node is None:
                raise _refusals.form("Expected a key and a value")
            found[key(key_node)] = value(value_node)
        return found

    return read


def _numbered(node: _Node) -> list[_Node]:
    """The children that have a number, in the order of their numbers; there may be gaps."""
    numbers = [name for name in node.children if name.isascii() and name.isdecimal() and len(name) <= _MOST_DIGITS]
    return [node.children[name] for name in sorted(numbers, key=int)]


def _scalar(shape: Shape) -> Read:
    convert = text_reader(shape, "iso8601", partial(_refusals.text, ""))

    def read(node: _Node) -> Any:
        if node.value is None:
            raise _refusals.form("Start of structure or map found where not expected.")
        return convert(node.value)

    return read
