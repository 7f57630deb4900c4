"""Values of botocore's shapes, as far as a place on the wire can carry them.

What cannot be carried is never made: each `Medium` says in one line what it leaves out and why. The same seed makes the
same values.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from conformance.wire import texts

if TYPE_CHECKING:
    from random import Random

    from botocore.model import Shape

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BUDGET = 250
"""Scalars of one value; beyond it only what is required is made, so that deep models stay small."""
_DEEPEST = 8


class Fill(Enum):
    """How much of what is optional is there."""

    LEAST = "required only"
    MOST = "everything"
    SOME = "random"


class _Nothing:
    def __repr__(self) -> str:
        return "NOTHING"


NOTHING: Final = _Nothing()
"""No value of the shape can be carried here: whoever holds it goes without."""


def _always(shape: Shape) -> bool:
    return True


def _never(shape: Shape) -> bool:
    return False


def _unless_flattened(shape: Shape) -> bool:
    return not shape.serialization.get("flattened")


@dataclass(frozen=True)
class Medium:
    """What a place on the wire carries.

    text: makes a string. empty: whether an empty list, map or structure of a shape arrives. special_floats: whether NaN
    and the infinities do. milliseconds: whether timestamps keep them. key: makes a map's key, None for `text`.
    """

    text: Callable[[Random], str]
    empty: Callable[[Shape], bool] = _always
    special_floats: bool = True
    milliseconds: bool = True
    key: Callable[[Random], str] | None = None


CBOR = Medium(texts.any_text)
JSON = Medium(texts.any_text)
# botocore leaves "NaN" in the answers of plain JSON as the string that it is.
JSON_ANSWER = Medium(texts.any_text, special_floats=False)
# A form has no word for an empty list, map or structure: the parameter is not there.
FORM = Medium(texts.any_text, empty=_never)
# A flattened list has no element of its own that could be there and empty.
XML = Medium(texts.xml_text_as_botocore_writes_it, empty=_unless_flattened)
XML_ANSWER = Medium(texts.xml_text, empty=_unless_flattened)

LABEL = Medium(texts.label_text, empty=_never, special_floats=False)
GREEDY_LABEL = Medium(texts.greedy_text, empty=_never, special_floats=False)
# A query has no word for an empty list. HTTP dates have no milliseconds.
QUERY_STRING = Medium(texts.any_text, empty=_never, key=texts.parameter_name)
# Clients send dates in headers in whole seconds, and no header for an empty list.
HEADER = Medium(texts.header_text, empty=_never, milliseconds=False, key=texts.token)
HEADER_LIST = Medium(texts.header_list_text, empty=_never, milliseconds=False)
ANSWERED_HEADER_LIST = Medium(texts.answered_header_list_text, empty=_never, milliseconds=False)


class Values:
    """Makes values of shapes for one medium."""

    def __init__(self, random: Random, medium: Medium, fill: Fill) -> None:
        self._random = random
        self._medium = medium
        self._fill = fill
        self._left = _BUDGET

    def of(self, shape: Shape, above: tuple[str, ...] = ()) -> Any:
        """A value; NOTHING where the medium carries none."""
        match shape.type_name:
            case "structure":
                return self._structure(shape, above)
            case "list":
                return self._list(shape, above)
            case "map":
                return self._map(shape, above)
            case _:
                self._left -= 1
                return self._scalar(shape)

    def _wants(self, inner: Shape, above: tuple[str, ...]) -> bool:
        """Whether an optional member is made."""
        if inner.name in above or len(above) > _DEEPEST:
            # A shape inside of itself: once more at times, never for long.
            return self._left > 0 and len(above) <= _DEEPEST and self._random.random() < 0.2
        match self._fill:
            case Fill.LEAST:
                return False
            case Fill.MOST:
                return self._left > 0
            case Fill.SOME:
                return self._left > 0 and self._random.random() < 0.5

    def _structure(self, shape: Shape, above: tuple[str, ...]) -> Any:
        here = (*above, shape.name)
        made: dict[str, Any] = {}
        members = list(shape.members.items())
        required = set(shape.required_members)
        if shape.is_tagged_union:
            members = [self._random.choice(members)]
            required = {members[0][0]}
        for name, inner in members:
            if name in required or self._wants(inner, here):
                value = self.of(inner, here)
                if value is not NOTHING:
                    made[name] = value
        if not made and not self._medium.empty(shape):
            return NOTHING
        return made

    def _count(self, shape: Shape, above: tuple[str, ...]) -> int:
        least = 0 if self._medium.empty(shape) else 1
        if self._left <= 0 or len(above) > _DEEPEST or self._fill is Fill.LEAST:
            return least
        if self._fill is Fill.MOST:
            return 2
        return self._random.choice((least, 1, 1, 2, 3))

    def _list(self, shape: Shape, above: tuple[str, ...]) -> Any:
        here = (*above, shape.name)
        made = [self.of(shape.member, here) for _ in range(self._count(shape, above))]
        made = [value for value in made if value is not NOTHING]
        return made if made or self._medium.empty(shape) else NOTHING

    def _map(self, shape: Shape, above: tuple[str, ...]) -> Any:
        here = (*above, shape.name)
        made: dict[str, Any] = {}
        for _ in range(self._count(shape, above)):
            value = self.of(shape.value, here)
            if value is not NOTHING:
                made[self._key(shape.key)] = value
        return made if made or self._medium.empty(shape) else NOTHING

    def _key(self, shape: Shape) -> str:
        if self._medium.key is not None:
            return self._medium.key(self._random)
        return self._text(shape)

    def _text(self, shape: Shape) -> str:
        enum = shape.metadata.get("enum")
        if enum and self._random.random() < 0.5:
            return str(self._random.choice(enum))
        return self._medium.text(self._random)

    def _scalar(self, shape: Shape) -> Any:
        match shape.type_name:
            case "string" | "character":
                return self._text(shape)
            case "blob":
                return self._random.choice((b"", b"a", b"\x00\xff\xfe\r\n", b"<xml/>", self._random.randbytes(40)))
            case "boolean":
                return self._random.random() < 0.5
            case "integer":
                return self._integer(31)
            case "long":
                return self._integer(63)
            case "float" | "double":
                return self._float(shape)
            case "timestamp":
                return self._timestamp(shape)
            case unknown:
                raise AssertionError(f"a type that no model had so far: {unknown}")

    def _integer(self, bits: int) -> int:
        extremes = (0, 1, -1, 23, 24, 255, 256, 65_535, 65_536, 2**bits - 1, -(2**bits))
        return self._random.choice((*extremes, self._random.randint(-(2**bits), 2**bits - 1)))

    def _float(self, shape: Shape) -> float:
        numbers = [0.0, 1.0, -1.5, 0.1, 1e-7, 1e21, 123456789.125, -2.5e-30, self._random.uniform(-1e6, 1e6)]
        if shape.type_name == "double":
            numbers += [1.7976931348623157e308, 5e-324, 0.30000000000000004]
        if self._medium.special_floats:
            numbers += [math.nan, math.inf, -math.inf]
        number = self._random.choice(numbers)
        if shape.type_name == "float":
            number = float(struct.unpack(">f", struct.pack(">f", number))[0])
        return number

    def _timestamp(self, shape: Shape) -> datetime:
        # Clients count in floats of seconds: a millisecond is exact in this millennium, a microsecond is not.
        seconds = (0, 1, -86_400, 951_782_400, 1_767_225_599, 2**31, 4_102_444_800, self._random.randrange(2**31))
        moment = _EPOCH + timedelta(seconds=self._random.choice(seconds))
        if not self._medium.milliseconds or shape.serialization.get("timestampFormat") == "rfc822":
            return moment
        return moment + timedelta(milliseconds=self._random.choice((0, 0, 1, 5, 100, 250, 999)))


# --- comparison --------------------------------------------------------------------------------------------------


def difference(expected: Any, found: Any, path: str = "") -> str | None:
    """Where two values differ first, in words; None where they are the same, types included."""
    if isinstance(expected, Mapping):
        return _mapping_difference(expected, found, path)
    if isinstance(expected, list):
        return _list_difference(expected, found, path)
    if _same(expected, found):
        return None
    return f"at {path or 'the top'}: expected {_short(expected)}, found {_short(found)}"


def _mapping_difference(expected: Mapping[str, Any], found: Any, path: str) -> str | None:
    if not isinstance(found, Mapping):
        return f"at {path or 'the top'}: expected {_short(expected)}, found {_short(found)}"
    for name, value in expected.items():
        if name not in found:
            return f"at {path}.{name}: expected {_short(value)}, found nothing (beside it: {_short(sorted(found))})"
        if (told := difference(value, found[name], f"{path}.{name}")) is not None:
            return told
    for name, value in found.items():
        if name not in expected:
            return f"at {path}.{name}: expected nothing, found {_short(value)}"
    return None


def _list_difference(expected: list[Any], found: Any, path: str) -> str | None:
    if not isinstance(found, list) or len(found) != len(expected):
        return f"at {path}: expected {_short(expected)}, found {_short(found)}"
    for index, (one, other) in enumerate(zip(expected, found, strict=True)):
        if (told := difference(one, other, f"{path}[{index}]")) is not None:
            return told
    return None


def _same(expected: Any, found: Any) -> bool:
    match expected:
        case float():
            numeric = isinstance(found, float | int) and not isinstance(found, bool)
            return numeric and (expected == found or (math.isnan(expected) and math.isnan(found)))
        case datetime():
            return isinstance(found, datetime) and found.tzinfo is not None and found == expected
        case _:
            return type(found) is type(expected) and bool(found == expected)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:120]} … {text[-60:]}"
