"""From decoded JSON or CBOR, which are the same tree, to parameters.

A shape becomes a closure that takes a value and the number of recursions that are left: only shapes that contain
themselves can nest without end, and only they count. Values other than null are checked against the type of their
shape; a null member is absent, a null element stays for the operation's checks to refuse. May import `wire.requests`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from lambent.wire.requests.refusals import too_deep
from lambent.wire.requests.texts import in_range, special_float

if TYPE_CHECKING:
    from collections.abc import Collection

    from botocore.model import Shape

    from lambent.call import Params
    from lambent.wire.requests.refusals import Dialect

Read = Callable[[Any, int], Any]

MOST_RECURSIONS = 64
"""Levels of shapes that contain themselves. DynamoDB refuses 33 levels of attributes in its own words."""
_MOST_LEVELS = 200
"""Levels of documents, which no shape describes."""


class Form(NamedTuple):
    """What JSON and CBOR write differently."""

    blob: Callable[[Dialect], Read]
    timestamp: Callable[[Shape, Dialect], Read]


class TreeCompiler:
    """Makes readers for the shapes of one operation."""

    def __init__(self, form: Form, dialect: Dialect) -> None:
        self._form = form
        self._dialect = dialect
        self._structures: dict[str, Read] = {}

    def request(self, shape: Shape, members: Collection[str] | None = None) -> Callable[[Any], Params]:
        """The reader of a whole body that is known to be an object.

        members: those that stand in the body; None for all.
        """
        read = self._members(shape, shape.members if members is None else members)
        return lambda value: read(value, MOST_RECURSIONS)

    def value(self, shape: Shape) -> Callable[[Any], Any]:
        """The reader of a body that is one value."""
        read = self._shape(shape)
        return lambda value: read(value, MOST_RECURSIONS)

    def _shape(self, shape: Shape) -> Read:
        match shape.type_name:
            case "structure" if shape.is_document_type:
                return _document
            case "structure":
                return self._structure(shape)
            case "list":
                return _list(self._shape(shape.member), self._dialect)
            case "map":
                return _map(self._shape(shape.value), self._dialect)
            case "blob":
                return self._form.blob(self._dialect)
            case "timestamp":
                return self._form.timestamp(shape, self._dialect)
            case kind:
                return _SCALARS[kind](kind, self._dialect)

    def _structure(self, shape: Shape) -> Read:
        if shape.name not in self._structures:
            self._structures[shape.name] = self._later(shape.name)
            self._structures[shape.name] = self._members(shape, shape.members)
        return self._structures[shape.name]

    def _later(self, name: str) -> Read:
        """Stands for a structure inside of itself."""

        def read(value: Any, left: int) -> Any:
            if not left:
                raise too_deep()
            return self._structures[name](value, left - 1)

        return read

    def _members(self, shape: Shape, names: Collection[str]) -> Read:
        shapes = {name: shape.members[name] for name in names}
        members = {inner.serialization.get("name", name): (name, self._shape(inner)) for name, inner in shapes.items()}
        find, dialect = members.get, self._dialect

        def read(value: Any, left: int) -> Params:
            if type(value) is not dict:
                raise dialect.container(value, "structure")
            params: Params = {}
            for key, item in value.items():
                if item is not None and (member := find(key)) is not None:
                    params[member[0]] = member[1](item, left)
            return params

        return read


def _list(element: Read, dialect: Dialect) -> Read:
    def read(value: Any, left: int) -> list[Any]:
        if type(value) is not list:
            raise dialect.container(value, "list")
        return [None if item is None else element(item, left) for item in value]

    return read


def _map(element: Read, dialect: Dialect) -> Read:
    def read(value: Any, left: int) -> dict[str, Any]:
        if type(value) is not dict:
            raise dialect.container(value, "map")
        found: dict[str, Any] = {}
        for key, item in value.items():
            if type(key) is not str:
                raise dialect.scalar(key, "string")
            found[key] = None if item is None else element(item, left)
        return found

    return read


def _document(value: Any, _left: int) -> Any:
    """A document is taken as it is, unless it nests so deeply that nobody could write it again."""
    level, levels = [value], 0
    while level:
        if levels == _MOST_LEVELS:
            raise too_deep()
        levels += 1
        deeper: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                deeper.extend(item.values())
            elif isinstance(item, list):
                deeper.extend(item)
        level = deeper
    return value


# --- scalars -----------------------------------------------------------------------------------------------------


def _string(_kind: str, dialect: Dialect) -> Read:
    def read(value: Any, _left: int) -> str:
        if type(value) is str:
            return value
        raise dialect.scalar(value, "string")

    return read


def _boolean(_kind: str, dialect: Dialect) -> Read:
    """AWS takes the words for it as well."""

    def read(value: Any, _left: int) -> bool:
        if value is True or value is False:
            return value
        if type(value) is str and value.lower() in {"true", "false"}:
            return value.lower() == "true"
        raise dialect.scalar(value, "boolean")

    return read


def _integer(kind: str, dialect: Dialect) -> Read:
    """A fraction is cut off, as AWS does."""

    def read(value: Any, _left: int) -> int:
        if type(value) is int and in_range(value, kind):
            return value
        if type(value) is float and abs(value) < 2.0**63 and in_range(int(value), kind):
            return int(value)
        raise dialect.scalar(value, kind)

    return read


def _float(kind: str, dialect: Dialect) -> Read:
    def read(value: Any, _left: int) -> float:
        if type(value) is float or type(value) is int:
            return float(value)
        if type(value) is str and (special := special_float(value)) is not None:
            return special
        raise dialect.scalar(value, kind)

    return read


_SCALARS: dict[str, Callable[[str, Dialect], Read]] = {
    "boolean": _boolean,
    "character": _string,
    "double": _float,
    "float": _float,
    "integer": _integer,
    "long": _integer,
    "string": _string,
}
