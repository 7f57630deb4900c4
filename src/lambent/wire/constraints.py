"""From the shape of an operation's input to one function that finds what violates it.

Compiled once per operation: a shape becomes a closure that knows its members, limits and patterns, so that a check of a
request costs a few look-ups. A violation is a value, a path and a constraint in AWS's words; it is put into a sentence
only when it is told. The order is that of the model's members; of one value first the upper, then the lower limit,
then the pattern or the enum. May import `wire.constraints_*`.

Elements of lists and maps that break their own constraints are reported once, at the list or map, with all that
elements have to satisfy; members of structures in them are reported one by one, as `targets.1.member.id`. null is never
a valid element. Nobody looks further into a list or a map once there is as much to tell as AWS tells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from lambent.wire.constraints_patterns import matcher
from lambent.wire.constraints_recorded import NOTHING, Recorded, Recordings
from lambent.wire.constraints_values import is_sensitive, java_double, member_name, printed

if TYPE_CHECKING:
    from botocore.model import OperationModel, Shape

NOT_NULL = "Member must not be null"
MOST_TOLD = 10
"""AWS lists no more violations than these, and counts no others."""

_LENGTH_TYPES = frozenset(("string", "blob", "list", "map"))
_NUMBER_TYPES = frozenset(("integer", "long", "float", "double"))
_FLOATS = frozenset(("float", "double"))
_LONGEST_FOR_PATTERNS = 10_000
"""A value over its maximum is compared with its pattern as well, unless it is absurdly long."""


class Path(NamedTuple):
    """The path before, and a member, the index of an element from one on, or the key of a map in a tuple."""

    before: Path | None
    step: str | int | tuple[str]


class Violation(NamedTuple):
    """A value that breaks a constraint; it is put into words on demand, since a refusal tells ten at most."""

    value: Any
    shape: Shape
    path: Path | None
    constraint: str

    def told(self) -> str:
        """The violation as one clause of AWS's message."""
        if is_sensitive(self.shape):
            shown = ""
        elif self.value is None:
            shown = " null"
        else:
            shown = f" '{printed(self.value, self.shape)}'"
        return f"Value{shown} at '{_dotted(self.path)}' failed to satisfy constraint: {self.constraint}"


Found = list[Violation]
Holds = Callable[[Any], bool]
Check = Callable[[Any, "Path | None", Found], None]


class _Rules(NamedTuple):
    """The constraints of one value: all at once for the usual case, each with its words for the other."""

    hold: Holds
    each: tuple[tuple[str, Holds], ...]

    @property
    def words(self) -> list[str]:
        return [words for words, _ in self.each]


class _Compiled(NamedTuple):
    """A shape: the constraints of a value itself, and the check of what is inside of it; None where there is none."""

    own: _Rules | None
    inner: Check | None


def checker(operation: OperationModel, recordings: Recordings) -> Callable[[Mapping[str, Any]], Found] | None:
    """The check of an operation's parameters, None where nothing can be wrong with them."""
    shape = operation.input_shape
    if shape is None:
        return None
    check = _Compiler(recordings, operation.name).structure(shape, is_input=True)
    if check is None:
        return None

    def violations(params: Mapping[str, Any]) -> Found:
        found: Found = []
        check(params, None, found)
        return found

    return violations


class _Compiler:
    def __init__(self, recordings: Recordings, operation: str) -> None:
        self._recordings = recordings
        self._operation = operation
        self._structures: dict[str, Check | None] = {}

    def structure(self, shape: Shape, *, is_input: bool = False) -> Check | None:
        if shape.name in self._structures:
            return self._structures[shape.name]
        self._structures[shape.name] = self._later(shape.name)
        required = frozenset(shape.required_members)
        members = []
        for name, inner in shape.members.items():
            compiled = self._member(name, inner, is_input=is_input)
            check = _combined(compiled, inner)
            if check is not None or name in required:
                members.append((name, member_name(name), name in required, inner, check))
        self._structures[shape.name] = _structure_check(tuple(members)) if members else None
        return self._structures[shape.name]

    def _later(self, name: str) -> Check:
        """Stands for a structure inside of itself until it is compiled."""

        def check(value: Any, path: Path | None, found: Found) -> None:
            compiled = self._structures[name]
            if compiled is not None:
                compiled(value, path, found)

        return check

    def _member(self, name: str, shape: Shape, *, is_input: bool) -> _Compiled:
        recorded = self._recordings.members.get((self._operation, name)) if is_input else None
        if recorded is not None and recorded.unchecked:
            return _Compiled(None, None)
        if recorded is not None and shape.type_name == "list":
            return _Compiled(self._own(shape), self._list(shape, recorded))
        return self._shape(shape, recorded)

    def _shape(self, shape: Shape, recorded: Recorded | None = None) -> _Compiled:
        if getattr(shape, "is_document_type", False) or shape.serialization.get("streaming"):
            return _Compiled(None, None)
        match shape.type_name:
            case "structure":
                return _Compiled(None, self.structure(shape))
            case "list":
                return _Compiled(self._own(shape), self._list(shape, None))
            case "map":
                return _Compiled(self._own(shape), self._map(shape))
            case _:
                return _Compiled(self._own(shape, recorded), None)

    def _own(self, shape: Shape, recorded: Recorded | None = None) -> _Rules | None:
        return _rules(shape, recorded or self._recordings.shapes.get(shape.name, NOTHING))

    def _list(self, shape: Shape, recorded: Recorded | None) -> Check:
        element = self._shape(shape.member, recorded)
        alone = recorded is not None and recorded.enum_alone
        words = self._element_words("Member must", element.own, alone=alone)
        broken, inner = _breaks(element.own), element.inner

        def check(value: Sequence[Any], path: Path | None, found: Found) -> None:
            if broken(value):
                found.append(Violation(value, shape, path, words))
            if inner is not None:
                for index, item in enumerate(value, 1):
                    if item is not None:
                        inner(item, Path(path, index), found)
                        if len(found) >= MOST_TOLD:
                            return

        return check

    def _map(self, shape: Shape) -> Check:
        key, element = self._shape(shape.key), self._shape(shape.value)
        key_words = f"Map keys must satisfy constraint: [{', '.join(key.own.words) if key.own else NOT_NULL}]"
        words = self._element_words("Map value must", element.own)
        broken_key, broken, inner = _breaks(key.own), _breaks(element.own), element.inner

        def check(value: Mapping[str, Any], path: Path | None, found: Found) -> None:
            if broken_key(value):
                found.append(Violation(value, shape, path, key_words))
            if broken(value.values()):
                found.append(Violation(value, shape, path, words))
            if inner is not None:
                for name, item in value.items():
                    if item is not None:
                        inner(item, Path(path, (name,)), found)
                        if len(found) >= MOST_TOLD:
                            return

        return check

    def _element_words(self, who: str, rules: _Rules | None, *, alone: bool = False) -> str:
        if alone and rules is not None:
            return ", ".join(rules.words)
        words = rules.words if rules is not None else []
        if self._recordings.lists_not_null or not words:
            words = [*words, NOT_NULL]
        return f"{who} satisfy constraint: [{', '.join(words)}]"


# --- checks ------------------------------------------------------------------------------------------------------


def _structure_check(
    members: tuple[tuple[str, str, bool, Shape, Check | None], ...],
) -> Check:
    def check(value: Mapping[str, Any], path: Path | None, found: Found) -> None:
        get = value.get
        for name, segment, required, shape, inner in members:
            item = get(name)
            if item is None:
                if required:
                    found.append(Violation(None, shape, Path(path, segment), NOT_NULL))
            elif inner is not None:
                inner(item, Path(path, segment), found)

    return check


def _combined(compiled: _Compiled, shape: Shape) -> Check | None:
    """The check of a member: of the value itself, then of what is inside."""
    own, inner = compiled
    if own is None:
        return inner
    hold, each = own

    def check(value: Any, path: Path | None, found: Found) -> None:
        if not hold(value):
            found.extend(Violation(value, shape, path, words) for words, holds in each if not holds(value))
        if inner is not None:
            inner(value, path, found)

    return check


def _breaks(rules: _Rules | None) -> Callable[[Iterable[Any]], bool]:
    """Whether any of several elements is null or breaks the rules."""
    if rules is None:
        return lambda elements: None in elements
    hold = rules.hold
    return lambda elements: any(element is None or not hold(element) for element in elements)


# --- rules -------------------------------------------------------------------------------------------------------


def _rules(shape: Shape, recorded: Recorded) -> _Rules | None:
    """The constraints of a value of the shape itself, None where any will do."""
    if shape.type_name in _NUMBER_TYPES:
        return _range(shape, recorded)
    if shape.type_name not in _LENGTH_TYPES:
        return None
    limits = _limits(shape, recorded)
    each = [(f"Member must have length {words} {limit}", _length(words, limit)) for words, limit in limits]
    if shape.type_name == "string":
        each += _texts(shape, recorded)
    return _together(each)


def _limits(shape: Shape, recorded: Recorded) -> list[tuple[str, Any]]:
    most = recorded.maximum if recorded.maximum is not None else shape.metadata.get("max")
    least = recorded.minimum if recorded.minimum is not None else shape.metadata.get("min")
    limits = (("less than or equal to", most), ("greater than or equal to", least))
    return [(words, limit) for words, limit in limits if limit is not None]


def _length(words: str, limit: int) -> Holds:
    if words.startswith("less"):
        return lambda value: len(value) <= limit
    return lambda value: len(value) >= limit


def _range(shape: Shape, recorded: Recorded) -> _Rules | None:
    each: list[tuple[str, Holds]] = []
    for words, limit in _limits(shape, recorded):
        said = java_double(float(limit)) if shape.type_name in _FLOATS else str(int(limit))
        each.append((f"Member must have value {words} {said}", _bound(words, limit)))
    return _together(each)


def _bound(words: str, limit: float) -> Holds:
    if words.startswith("less"):
        return lambda value: bool(value <= limit)
    return lambda value: bool(value >= limit)


def _texts(shape: Shape, recorded: Recorded) -> list[tuple[str, Holds]]:
    each: list[tuple[str, Holds]] = []
    pattern = recorded.pattern if recorded.pattern is not None else shape.metadata.get("pattern")
    if pattern is not None:
        holds = _unless_absurdly_long(matcher(pattern), _limits(shape, recorded))
        each.append((f"Member must satisfy regular expression pattern: {pattern}", holds))
    modelled = shape.metadata.get("enum")
    if modelled is not None or recorded.enum is not None:
        said = recorded.enum if recorded.enum is not None else tuple(modelled)
        accepted = frozenset(said) if recorded.enum_alone else frozenset((*said, *(modelled or ())))
        each.append((f"Member must satisfy enum value set: [{', '.join(said)}]", accepted.__contains__))
    return each


def _unless_absurdly_long(matches: Holds, limits: list[tuple[str, Any]]) -> Holds:
    """Leaves a value alone that its maximum refuses anyway: nobody reads a second complaint about megabytes."""
    if not any(words.startswith("less") and limit <= _LONGEST_FOR_PATTERNS for words, limit in limits):
        return matches
    return lambda value: len(value) > _LONGEST_FOR_PATTERNS or matches(value)


def _together(each: list[tuple[str, Holds]]) -> _Rules | None:
    """Rules as one, unrolled for the usual numbers of them."""
    match [holds for _, holds in each]:
        case []:
            return None
        case [first]:
            hold = first
        case [first, second]:
            hold = lambda value: first(value) and second(value)  # noqa: E731
        case [first, second, third]:
            hold = lambda value: first(value) and second(value) and third(value)  # noqa: E731
        case all_of_them:
            hold = lambda value: all(holds(value) for holds in all_of_them)  # noqa: E731
    return _Rules(hold, tuple(each))


def _dotted(path: Path | None) -> str:
    """A path as AWS writes it: `targets.1.member.id`, `requestItems.music.member.keys`."""
    steps: list[str] = []
    while path is not None:
        path, step = path
        steps.append(step if isinstance(step, str) else f"{step[0] if isinstance(step, tuple) else step}.member")
    return ".".join(reversed(steps))
