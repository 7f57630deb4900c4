"""Comparisons of a field with a value, as JSON and space-delimited patterns have them.

An asterisk at the beginning or the end of a text stands for anything; elsewhere it is itself.
"""

from __future__ import annotations

import operator
import re
from typing import TYPE_CHECKING, Any

from lambent.services.logs.patterns.problems import InvalidPatternError

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambent.services.logs.patterns.scanner import Scanner

    Scalar = str | int | float | bool
    Holds = Callable[[Scalar], bool]

OPERATORS = ("!=", "<=", ">=", "=", "<", ">")
_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?", re.ASCII)
_WORD_END = re.compile(r"""[^\s,()\[\]{}"'%&|=<>!]+""")
_WORD = re.compile(r"[\w.*+\-/:@#$]+", re.ASCII)


def condition(scanner: Scanner, sign: str, number_of: Callable[[Scalar], float | None]) -> Holds:
    """Read the value behind an operator; what tests a field against it. Raises InvalidPatternError.

    number_of: a field as a number, None where it is none.
    """
    searches = scanner.expression()
    if searches is not None:
        return _equality(sign, lambda field: searches(text_of(field)))
    quoted = scanner.quoted()
    if quoted is not None:
        return _equality(sign, _text(quoted))
    word = scanner.word(_WORD_END, _WORD)
    number = to_number(word)
    if sign in _ORDERS:
        return _order(sign, number, number_of)
    if number is None:
        return _equality(sign, _text(word))
    return _equality(sign, _number(word, number, number_of))


def to_number(text: str) -> float | None:
    """A text as a number, None where it is none. Whole numbers are exact."""
    if len(text) > 40 or _NUMBER.fullmatch(text) is None:
        return None
    return int(text) if text.lstrip("+-").isdigit() else float(text)


def text_of(field: Scalar) -> str:
    """A field as it stands in JSON, a text without its quotes."""
    if isinstance(field, str):
        return field
    if isinstance(field, bool):
        return "true" if field else "false"
    return str(field)


def _equality(sign: str, equals: Holds) -> Holds:
    if sign == "=":
        return equals
    if sign == "!=":
        return lambda field: not equals(field)
    raise InvalidPatternError


def _order(sign: str, number: float | None, number_of: Callable[[Scalar], float | None]) -> Holds:
    if number is None:
        raise InvalidPatternError
    holds = _ORDERS[sign]

    def test(field: Scalar) -> bool:
        found = number_of(field)
        return found is not None and holds(found, number)

    return test


def _number(word: str, number: float, number_of: Callable[[Scalar], float | None]) -> Holds:
    def test(field: Scalar) -> bool:
        found = number_of(field)
        return text_of(field) == word if found is None else found == number

    return test


def _text(wanted: str) -> Holds:
    if wanted == "*":
        return lambda _: True
    if len(wanted) > 1 and wanted.startswith("*") and wanted.endswith("*"):
        middle = wanted[1:-1]
        return lambda field: middle in text_of(field)
    if wanted.startswith("*"):
        end = wanted[1:]
        return lambda field: text_of(field).endswith(end)
    if wanted.endswith("*"):
        start = wanted[:-1]
        return lambda field: text_of(field).startswith(start)
    return lambda field: text_of(field) == wanted
