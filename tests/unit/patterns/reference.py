"""The language of patterns as plainly as it can be said: slow, and written without a look at the compiled matcher."""

from __future__ import annotations

import operator
import re
from ipaddress import ip_address, ip_network
from typing import Any

MISSING: Any = object()
COMPARE: dict[str, Any] = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    ">": operator.gt,
    ">=": operator.ge,
}


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def holds(pattern: dict[str, Any], event: Any) -> bool:
    """Whether an event matches; a list matches where one of its objects does."""
    if isinstance(event, list):
        objects = [one for one in flattened(event) if isinstance(one, dict)]
        return any(holds(pattern, one) for one in objects) if objects else holds(pattern, {})
    found = event if isinstance(event, dict) else {}
    for name, rule in pattern.items():
        if name == "$or":
            if not any(holds(choice, found) for choice in rule):
                return False
        elif isinstance(rule, dict):
            if not holds(rule, found.get(name)):
                return False
        elif not any(_value_holds(one, found.get(name, MISSING)) for one in rule):
            return False
    return True


def flattened(values: list[Any]) -> list[Any]:
    return [inner for one in values for inner in (flattened(one) if isinstance(one, list) else [one])]


def _value_holds(rule: Any, value: Any) -> bool:
    if isinstance(value, list):
        scalars = [one for one in flattened(value) if not isinstance(one, dict)]
        return any(_value_holds(rule, one) for one in scalars) if scalars else _value_holds(rule, MISSING)
    if isinstance(value, dict):
        value = MISSING
    if not isinstance(rule, dict):
        return value is not MISSING and same(rule, value)
    ((name, argument),) = rule.items()
    if name == "exists":
        return bool(argument is (value is not MISSING))
    return value is not MISSING and _operator_holds(name, argument, value)


def same(one: Any, other: Any) -> bool:
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)


def _operator_holds(name: str, argument: Any, value: Any) -> bool:
    if name == "anything-but":
        if isinstance(argument, dict):
            ((inner, texts),) = argument.items()
            return not any(
                _operator_holds(inner, text, value) for text in (texts if isinstance(texts, list) else [texts])
            )
        return not any(same(one, value) for one in listed(argument))
    if name == "numeric":
        if isinstance(value, (bool, str)) or value is None:
            return False
        pairs = zip(argument[::2], argument[1::2], strict=True)
        return all(
            {"<": value < bound, "<=": value <= bound, "=": value == bound, ">": value > bound, ">=": value >= bound}[
                sign
            ]
            for sign, bound in pairs
        )
    if not isinstance(value, str):
        return False
    if isinstance(argument, dict):
        return _operator_holds(name, argument["equals-ignore-case"].lower(), value.lower())
    if name == "wildcard":
        return re.fullmatch(".*".join(map(re.escape, argument.split("*"))), value, re.DOTALL) is not None
    if name == "cidr":
        try:
            return ip_address(value) in ip_network(argument, strict=False)
        except ValueError:
            return False
    tests = {
        "prefix": value.startswith(argument),
        "suffix": value.endswith(argument),
        "equals-ignore-case": value.lower() == argument.lower(),
    }
    return bool(tests[name])
