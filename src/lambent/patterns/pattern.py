"""Patterns as closures: objects ask their fields, fields ask their leaves.

An event's array matches where any of its members does; of an array of objects one must match everything that the
pattern says below it. What is absent counts as an empty object to an object, and to a leaf as `exists: false` only. A
name with dots is a path, in the pattern as in the event.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambent.patterns.complexity import check_complexity
from lambent.patterns.operators import compile_operator
from lambent.patterns.problems import InvalidPattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from lambent.patterns.dialect import Dialect
    from lambent.patterns.operators import Test

    Dict = dict[str, Any]

_ABSENT: Any = object()
_OR = "$or"
_OPERATORS = frozenset(
    {"prefix", "suffix", "equals-ignore-case", "anything-but", "numeric", "exists", "cidr", "wildcard", "exactly"}
)
_DEEPEST = 100


class Pattern:
    """A compiled pattern."""

    __slots__ = ("_test",)

    def __init__(self, test: Callable[[Mapping[str, Any]], bool]) -> None:
        self._test = test

    def matches(self, event: Mapping[str, Any]) -> bool:
        """Whether an event, as JSON is read, is what the pattern describes."""
        return self._test(event)


def compile_pattern(pattern: Mapping[str, Any], dialect: Dialect) -> Pattern:
    """Compile a pattern. Raises InvalidPattern for what is none in this dialect."""
    if not isinstance(pattern, dict):
        raise InvalidPattern("Filter is not an object")
    if dialect.most_keys is not None and len(pattern) > dialect.most_keys:
        check_complexity(pattern, dialect)
    if not pattern and dialect.most_keys is not None:
        return Pattern(lambda _: True)
    test = _object(pattern, dialect, 0)
    check_complexity(pattern, dialect)
    return Pattern(test)


# --- objects


def _object(pattern: Mapping[str, Any], dialect: Dialect, depth: int) -> Callable[[Mapping[str, Any]], bool]:
    """A test of an event's object."""
    if not pattern:
        raise InvalidPattern("Empty objects are not allowed")
    if depth > _DEEPEST:
        raise InvalidPattern("Pattern is nested too deeply")
    tests = [_member(name, value, dialect, depth) for name, value in pattern.items()]
    if len(tests) == 1:
        return tests[0]

    def test(event: Mapping[str, Any]) -> bool:
        for each in tests:  # noqa: SIM110  a generator would cost more than what it asks
            if not each(event):
                return False
        return True

    return test


def _member(name: str, value: Any, dialect: Dialect, depth: int) -> Callable[[Mapping[str, Any]], bool]:
    if name == _OR and _is_alternatives(value):
        choices = [_object(one, dialect, depth + 1) for one in value]
        return lambda event: any(choice(event) for choice in choices)
    if dialect.is_nested and "." in name.strip("."):
        first, _, rest = name.partition(".")
        if first and rest:
            return _path(first, _member(rest, value, dialect, depth + 1))
    if isinstance(value, dict):
        if not dialect.is_nested:
            raise InvalidPattern("Filter policy scope MessageAttributes does not support nested filter policy")
        return _path(name, _object(value, dialect, depth + 1))
    if not isinstance(value, list):
        raise InvalidPattern(f'"{name}" must be an object or an array')
    leaf = _leaf(value, dialect)
    return lambda event: leaf(event.get(name, _ABSENT))


def _is_alternatives(value: Any) -> bool:
    """Whether it is what `$or` has, and not the leaf of a field with that name."""
    if not isinstance(value, list) or len(value) < 2:
        return False
    return all(isinstance(one, dict) and one and not _OPERATORS & one.keys() for one in value)


def _path(name: str, inner: Callable[[Mapping[str, Any]], bool]) -> Callable[[Mapping[str, Any]], bool]:
    """A test of what stands below `name`."""
    prefix = name + "."

    def test(event: Mapping[str, Any]) -> bool:
        value = event.get(name, _ABSENT)
        if isinstance(value, dict):
            return inner(value)
        if value is _ABSENT:
            return inner({key[len(prefix) :]: found for key, found in event.items() if key.startswith(prefix)})
        if isinstance(value, list):
            objects = [one for one in _flat(value) if isinstance(one, dict)]
            if objects:
                return any(inner(one) for one in objects)
        return inner({})

    return test


# --- leaves


def _leaf(values: list[Any], dialect: Dialect) -> Test:
    """A test of a field's value, which may be absent, an object or an array."""
    if not values:
        raise InvalidPattern("Empty arrays are not allowed")
    exact: list[Any] = []
    tests: list[Test] = []
    takes_absent = False
    for value in values:
        if isinstance(value, dict):
            name, argument = _expression(value)
            if name == "exists":
                takes_absent |= _must_be_absent(argument)
                if argument:
                    tests.append(lambda _: True)
            else:
                tests.append(compile_operator(name, argument, dialect))
        elif isinstance(value, list):
            raise InvalidPattern("Match value must be String, number, true, false, or null")
        else:
            takes_absent |= value is None and dialect.null_is_absent
            exact.append(value)
    return _of_any(_one(exact, tests), takes_absent=takes_absent)


def _expression(value: Dict) -> tuple[str, Any]:
    if not value:
        raise InvalidPattern("Empty objects are not allowed")
    if len(value) > 1:
        raise InvalidPattern("Only one key allowed in match expression")
    ((name, argument),) = value.items()
    return name, argument


def _must_be_absent(argument: Any) -> bool:
    if not isinstance(argument, bool):
        raise InvalidPattern("exists match pattern must be either true or false.")
    return not argument


def _one(exact: list[Any], tests: list[Test]) -> Test:
    """A test of a single value."""
    plain = frozenset(value for value in exact if not isinstance(value, bool))
    truths = frozenset(value for value in exact if isinstance(value, bool))
    if not truths and not tests:
        # True is 1 to Python and not to JSON.
        return lambda value: value in plain and value is not True and value is not False

    def test(value: Any) -> bool:
        if value in (truths if isinstance(value, bool) else plain):
            return True
        return any(each(value) for each in tests)

    return test


def _of_any(one: Test, *, takes_absent: bool) -> Test:
    def test(value: Any) -> bool:
        if value.__class__ is str:
            return one(value)
        if value is _ABSENT or isinstance(value, (dict, bytes)):
            return takes_absent and not isinstance(value, bytes)
        if isinstance(value, list):
            scalars = [each for each in _flat(value) if not isinstance(each, dict)]
            return any(one(each) for each in scalars) if scalars else takes_absent
        return one(value)

    return test


def _flat(values: list[Any]) -> Iterator[Any]:
    """The members of an array, and of the arrays in it."""
    waiting = [iter(values)]
    while waiting:
        for value in waiting[-1]:
            if isinstance(value, list):
                waiting.append(iter(value))
                break
            yield value
        else:
            waiting.pop()
