"""The operator `numeric`: one comparison, or a range of two."""

from __future__ import annotations

import operator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from lambent.patterns.problems import InvalidPattern

if TYPE_CHECKING:
    from collections.abc import Callable

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    ">": operator.gt,
    ">=": operator.ge,
}
_LIMIT = 5_000_000_000


def is_number(value: Any) -> bool:
    """Whether it is a number, which true and false are not."""
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def compile_numeric(terms: Any) -> Callable[[Any], bool]:
    """A test of numbers from `["<", 5]` or `[">", 0, "<=", 5]`. Raises InvalidPattern."""
    if not isinstance(terms, list):
        raise InvalidPattern("Value of numeric must be an array.")
    sign = _sign(terms)
    bound = _bound(terms, 1, "equals" if sign == "=" else sign)
    compare = _COMPARE[sign]
    if len(terms) == 2:
        return lambda value: is_number(value) and compare(value, bound)
    if sign not in {">", ">="}:
        raise InvalidPattern("Too many elements in numeric expression")
    above = terms[2]
    if not isinstance(above, str):
        raise InvalidPattern(f"Bad value in numeric range: {above}")
    if above not in {"<", "<="}:
        raise InvalidPattern(f"Bad numeric range operator: {above}")
    top = _bound(terms, 3, above)
    if top <= bound:
        raise InvalidPattern("Bottom must be less than top")
    if len(terms) > 4:
        raise InvalidPattern("Too many terms in numeric range expression")
    compare_top = _COMPARE[above]
    return lambda value: is_number(value) and compare(value, bound) and compare_top(value, top)


def _sign(terms: list[Any]) -> str:
    if not terms:
        raise InvalidPattern("Invalid member in numeric match: ]")
    sign = terms[0]
    if not isinstance(sign, str):
        raise InvalidPattern(f"Invalid member in numeric match: {sign}")
    if sign not in _COMPARE:
        raise InvalidPattern(f"Unrecognized numeric range operator: {sign}")
    return sign


def _bound(terms: list[Any], index: int, name: str) -> Any:
    value: Any = terms[index] if len(terms) > index else None
    if not is_number(value):
        raise InvalidPattern(f"Value of {name} must be numeric")
    if not -_LIMIT <= value <= _LIMIT:
        raise InvalidPattern("Value must be between -5.0E9 and 5.0E9, inclusive")
    return value
