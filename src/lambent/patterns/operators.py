"""What stands in a leaf of a pattern: values and operators, each compiled to a test of one value of the event.

A test is asked about text, numbers, booleans and None, and never about what is absent: `exists` sees to that.
"""

from __future__ import annotations

from functools import partial
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any

from lambent.patterns.numeric import compile_numeric, is_number
from lambent.patterns.problems import InvalidPattern
from lambent.patterns.wildcard import compile_wildcard

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambent.patterns.dialect import Dialect

    Test = Callable[[Any], bool]


def compile_operator(name: str, value: Any, dialect: Dialect) -> Test:
    """The test of `{name: value}`; for all operators but `exists`. Raises InvalidPattern."""
    if name not in dialect.operators:
        raise InvalidPattern(f"Unrecognized match type {name}")
    if name == "numeric":
        return compile_numeric(value)
    if name == "anything-but":
        return _anything_but(value, dialect)
    if name in {"prefix", "suffix"} and isinstance(value, dict) and dialect.affixes_ignore_case:
        return _affix_ignoring_case(name, value)
    return _of_text(_text_test(name, value))


def _text_test(name: str, value: Any) -> Callable[[str], bool]:
    if not isinstance(value, str):
        raise InvalidPattern(f"{name} match pattern must be a string")
    if name == "prefix":
        return lambda text: text.startswith(value)
    if name == "suffix":
        return lambda text: text.endswith(value)
    if name == "equals-ignore-case":
        lower = value.lower()
        return lambda text: text.lower() == lower
    if name == "wildcard":
        return compile_wildcard(value)
    return _cidr(value)


def _of_text(test: Callable[[str], bool]) -> Test:
    return lambda value: isinstance(value, str) and test(value)


def _affix_ignoring_case(name: str, value: dict[str, Any]) -> Test:
    if list(value) != ["equals-ignore-case"]:
        raise InvalidPattern(f"Unsupported {name} pattern: {next(iter(value), '}')}")
    affix = value["equals-ignore-case"]
    if not isinstance(affix, str):
        raise InvalidPattern("equals-ignore-case match pattern must be a string")
    test = _text_test(name, affix.lower())
    return _of_text(lambda text: test(text.lower()))


def _cidr(text: str) -> Callable[[str], bool]:
    address, slash, bits = text.partition("/")
    if not slash:
        raise InvalidPattern("Malformed CIDR, one '/' required")
    if not bits.isdecimal():
        raise InvalidPattern("Malformed CIDR, mask bits must be an integer")
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        raise InvalidPattern(f"Nonstandard IP address: {address}") from None

    def test(value: str) -> bool:
        try:
            return ip_address(value) in network
        except ValueError:
            return False

    return test


def _anything_but(value: Any, dialect: Dialect) -> Test:
    if isinstance(value, dict):
        return _anything_but_operator(value, dialect)
    values = value if isinstance(value, list) else [value]
    if not values:
        raise InvalidPattern("Empty arrays are not allowed")
    for one in values:
        if not isinstance(one, str) and not is_number(one):
            kind = {dict: "start", list: "start", bool: "boolean"}.get(type(one), "null")
            raise InvalidPattern(f"Inside anything but list, {kind} is not supported.")
    without = frozenset(values)
    # True is 1 to Python and not to JSON.
    takes_null = not dialect.null_is_absent
    return lambda found: found is True or found is False or (found not in without and (takes_null or found is not None))


def _anything_but_operator(value: dict[str, Any], dialect: Dialect) -> Test:
    if len(value) != 1:
        raise InvalidPattern("Only one key allowed in match expression")
    ((name, inner),) = value.items()
    if name not in dialect.anything_but:
        raise InvalidPattern(f"Unsupported anything-but pattern: {name}")
    texts = inner if isinstance(inner, list) and dialect.affixes_ignore_case else [inner]
    if not texts:
        raise InvalidPattern("Empty arrays are not allowed")
    if name in {"prefix", "suffix"} and "" in texts:
        raise InvalidPattern(f"Null {name} not allowed")
    tests = [_text_test(name, text) for text in texts]
    takes_null = not dialect.null_is_absent
    return partial(_none_holds, tests, takes_null)


def _none_holds(tests: list[Callable[[str], bool]], takes_null: bool, found: Any) -> bool:
    if isinstance(found, str):
        return not any(test(found) for test in tests)
    return takes_null or found is not None
