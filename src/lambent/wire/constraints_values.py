"""Values as AWS's refusals print them: in the way that Java writes objects.

`[a, b]`, `{a=b}`, `Name(first=1, second=null)`; a blob shows its size and what a model calls sensitive shows nothing.
A shape becomes a closure, made when a value of it is first refused: botocore would make new shapes at every level of a
value and keep them. May import nothing of Lambent.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.model import Shape

Printer = Callable[[Any], str]

_REDACTED = "*** Sensitive Data Redacted ***"
_MOST_SHOWN = 1000
"""Elements of a list or map. The rest is three dots, so that a refusal does not outgrow its request a hundred times."""


def member_name(name: str) -> str:
    """A member as Java's beans name it: `FunctionName` is `functionName`, `KMSKeyArn` is `kMSKeyArn`."""
    return name[:1].lower() + name[1:]


def is_sensitive(shape: Shape) -> bool:
    """Whether the model forbids to show the shape's values."""
    return bool(shape.metadata.get("sensitive"))


def printed(value: Any, shape: Shape) -> str:
    """A value of a parsed request; None is `null`."""
    return "null" if value is None else _printer(shape)(value)


@cache
def _printer(shape: Shape) -> Printer:
    """Shapes are told apart by identity: those that a checker was compiled from, and no others."""
    return _made(shape, {})


def _made(shape: Shape, structures: dict[str, Printer]) -> Printer:
    """The printer of values that are there."""
    if is_sensitive(shape):
        return lambda _: _REDACTED
    match shape.type_name:
        case "structure":
            return _structure(shape, structures)
        case "list":
            return _list(_made(shape.member, structures))
        case "map":
            return _map(_made(shape.value, structures))
        case "blob":
            return lambda value: f"java.nio.HeapByteBuffer[pos=0 lim={len(value)} cap={len(value)}]"
        case "boolean":
            return lambda value: "true" if value else "false"
        case "float" | "double":
            return lambda value: java_double(float(value))
        case "timestamp":
            return lambda value: str(value.strftime("%a %b %d %H:%M:%S UTC %Y"))
        case _:
            return str


def _structure(shape: Shape, structures: dict[str, Printer]) -> Printer:
    if shape.name in structures:
        return structures[shape.name]
    members: list[tuple[str, str, Printer]] = []

    def show(value: Any) -> str:
        found = [(said, inner, value.get(name)) for name, said, inner in members]
        parts = [f"{said}={'null' if item is None else inner(item)}" for said, inner, item in found]
        return f"{shape.name}({', '.join(parts)})"

    structures[shape.name] = show
    members += [(name, member_name(name), _made(inner, structures)) for name, inner in shape.members.items()]
    return show


def _list(element: Printer) -> Printer:
    def show(value: Any) -> str:
        parts = ["null" if item is None else element(item) for item in value[:_MOST_SHOWN]]
        return f"[{', '.join(_cut(parts, value))}]"

    return show


def _map(element: Printer) -> Printer:
    def show(value: Any) -> str:
        entries = islice(value.items(), _MOST_SHOWN)
        parts = [f"{key}={'null' if item is None else element(item)}" for key, item in entries]
        return f"{{{', '.join(_cut(parts, value))}}}"

    return show


def _cut(parts: list[str], value: Any) -> list[str]:
    return parts if len(parts) == len(value) else [*parts, "..."]


def java_double(number: float) -> str:
    """A double as Java writes it: decimal from 10^-3 up to 10^7, in scientific notation beyond."""
    if number != number or number in {float("inf"), float("-inf")}:  # noqa: PLR0124  NaN alone differs from itself
        return "NaN" if number != number else ("Infinity" if number > 0 else "-Infinity")  # noqa: PLR0124
    if number == 0 or 1e-3 <= abs(number) < 1e7:
        return repr(number)
    sign, digits, exponent = Decimal(repr(number)).normalize().as_tuple()
    fraction = "".join(map(str, digits[1:])) or "0"
    return f"{'-' if sign else ''}{digits[0]}.{fraction}E{int(exponent) + len(digits) - 1}"
