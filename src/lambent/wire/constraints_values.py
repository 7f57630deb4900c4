"""Values as AWS's refusals print them: in the way that Java writes objects.

`[a, b]`, `{a=b}`, `Name(first=1, second=null)`; a blob shows its size and what a model calls sensitive shows nothing.
May import nothing of Lambent.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.model import Shape

_REDACTED = "*** Sensitive Data Redacted ***"


def member_name(name: str) -> str:
    """A member as Java's beans name it: `FunctionName` is `functionName`, `KMSKeyArn` is `kMSKeyArn`."""
    return name[:1].lower() + name[1:]


def is_sensitive(shape: Shape) -> bool:
    """Whether the model forbids to show the shape's values."""
    return bool(shape.metadata.get("sensitive"))


def printed(value: Any, shape: Shape) -> str:
    """A value of a parsed request; None is `null`."""
    if value is None:
        return "null"
    if is_sensitive(shape):
        return _REDACTED
    match shape.type_name:
        case "structure":
            parts = (f"{member_name(name)}={printed(value.get(name), inner)}" for name, inner in shape.members.items())
            return f"{shape.name}({', '.join(parts)})"
        case "list":
            return f"[{', '.join(printed(item, shape.member) for item in value)}]"
        case "map":
            return f"{{{', '.join(f'{key}={printed(item, shape.value)}' for key, item in value.items())}}}"
        case "blob":
            return f"java.nio.HeapByteBuffer[pos=0 lim={len(value)} cap={len(value)}]"
        case "boolean":
            return "true" if value else "false"
        case "float" | "double":
            return java_double(float(value))
        case "timestamp" if hasattr(value, "strftime"):
            return str(value.strftime("%a %b %d %H:%M:%S UTC %Y"))
        case _:
            return str(value)


def java_double(number: float) -> str:
    """A double as Java writes it: decimal from 10^-3 up to 10^7, in scientific notation beyond."""
    if number != number or number in {float("inf"), float("-inf")}:  # noqa: PLR0124  NaN alone differs from itself
        return "NaN" if number != number else ("Infinity" if number > 0 else "-Infinity")  # noqa: PLR0124
    if number == 0 or 1e-3 <= abs(number) < 1e7:
        return repr(number)
    sign, digits, exponent = Decimal(repr(number)).normalize().as_tuple()
    fraction = "".join(map(str, digits[1:])) or "0"
    return f"{'-' if sign else ''}{digits[0]}.{fraction}E{int(exponent) + len(digits) - 1}"
