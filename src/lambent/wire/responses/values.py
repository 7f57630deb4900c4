"""From an output to plain values, as JSON and CBOR hold them: compiled once from shapes.

A structure becomes a dict of the members that the model names, in the model's order, under the names that the wire
uses; None is absent. What needs no change costs nothing: lists and maps of strings and numbers are handed on as they
are. May import nothing of Lambent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.model import Shape

Encode = Callable[[Any], Any]
_Member = tuple[str, str, "Encode | None"]


@dataclass(frozen=True, slots=True)
class Leaves:
    """What differs between formats: the leaves, and whether members may have other names on the wire."""

    timestamp: Callable[[str | None], Encode]
    """By the shape's own format (`iso8601`), None where it has none."""
    blob: Encode | None
    float: Encode
    renamed: bool


class Values:
    """The encoders of one service's shapes in one format."""

    def __init__(self, leaves: Leaves) -> None:
        self._leaves = leaves
        self._structures: dict[str, Encode] = {}

    def encoder(self, shape: Shape) -> Encode | None:
        """From a value of the shape to a plain one; None where both are the same."""
        match shape.type_name:
            case "structure":
                return None if shape.is_document_type else self._structure(shape)
            case "list":
                return _list(self.encoder(shape.member))
            case "map":
                return _map(self.encoder(shape.value))
            case "timestamp":
                return self._leaves.timestamp(shape.serialization.get("timestampFormat"))
            case "blob":
                return self._leaves.blob
            case "float" | "double":
                return self._leaves.float
            case _:
                return None

    def members(self, shape: Shape, without: frozenset[str] = frozenset()) -> Encode:
        """From a structure's members to a dict, without those that stand elsewhere."""
        return _structure([self.member(name, inner) for name, inner in shape.members.items() if name not in without])

    def member(self, name: str, shape: Shape) -> _Member:
        """A member's name, its name on the wire, and its encoder."""
        wire_name = shape.serialization.get("name", name) if self._leaves.renamed else name
        return name, wire_name, self.encoder(shape)

    def _structure(self, shape: Shape) -> Encode:
        found = self._structures.get(shape.name)
        if found is None:
            # It is known before its members are compiled, since a shape may contain itself.
            members: list[_Member] = []
            found = self._structures[shape.name] = _structure(members)
            members.extend(self.member(name, inner) for name, inner in shape.members.items())
        return found


def _structure(members: list[_Member]) -> Encode:
    def encode(value: Mapping[str, Any]) -> dict[str, Any]:
        get = value.get
        return {
            wire_name: found if inner is None else inner(found)
            for name, wire_name, inner in members
            if (found := get(name)) is not None
        }

    return encode


def _list(inner: Encode | None) -> Encode | None:
    if inner is None:
        return None
    return lambda value: [None if element is None else inner(element) for element in value]


def _map(inner: Encode | None) -> Encode | None:
    if inner is None:
        return None
    return lambda value: {key: None if element is None else inner(element) for key, element in value.items()}
