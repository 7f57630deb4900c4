"""Patterns of space-delimited events: `[ip, user, ..., status = 5* || status = 404, bytes > 1000]`.

Brackets and double quotes in an event hold a field together. Without an ellipsis the last field takes all that is left.
Source: CloudWatch Logs user guide, "Using filter patterns to match terms in space-delimited log events".
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from lambent.services.logs.patterns.conditions import OPERATORS, condition, to_number
from lambent.services.logs.patterns.logic import either
from lambent.services.logs.patterns.problems import InvalidPatternError
from lambent.services.logs.patterns.scanner import Scanner

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lambent.services.logs.patterns.conditions import Holds, Scalar

_NAME = re.compile(r"[\w@-]+")
_BEGIN = re.compile(r"\S")
_PLAIN = re.compile(r"\S+")
_CLOSING = {"[": "]", '"': '"'}


class Column(NamedTuple):
    """A field of a pattern."""

    name: str | None
    holds: Holds | None
    """None where any value will do."""


class Columns:
    """The fields of a pattern, before and behind an ellipsis."""

    def __init__(self, before: Sequence[Column], behind: Sequence[Column] | None) -> None:
        """`behind`: None where there is no ellipsis."""
        self._before, self._behind = before, behind

    def matches(self, event: str) -> bool:
        """Whether an event has these fields, and each fits."""
        values = self._values(event)
        if values is None:
            return False
        columns = self._columns(len(values))
        return all(
            column.holds(value) for column, value in zip(columns, values, strict=True) if column and column.holds
        )

    def extract(self, event: str) -> dict[str, str]:
        """An event's fields by `$name`, those without a name by `$number`; empty where it does not have them."""
        values = self._values(event)
        if values is None:
            return {}
        columns = self._columns(len(values))
        return {
            f"${column.name if column and column.name else number}": value
            for number, (column, value) in enumerate(zip(columns, values, strict=True), 1)
        }

    def _columns(self, count: int) -> list[Column | None]:
        """The fields of a pattern for so many values; None for what an ellipsis covers."""
        behind = self._behind or ()
        return [*self._before, *[None] * (count - len(self._before) - len(behind)), *behind]

    def _values(self, event: str) -> list[str] | None:
        """An event's fields; None where it has too few."""
        if self._behind is not None:
            values = [field.value for field in _fields(event)]
            return values if len(values) >= len(self._before) + len(self._behind) else None
        found = list(islice(_fields(event), len(self._before) + 1))
        if len(found) < len(self._before):
            return None
        values = [field.value for field in found[: len(self._before)]]
        if len(found) > len(self._before):
            values[-1] = event[found[-2].start :].rstrip()
        return values


def columns(text: str) -> Columns:
    """Read a pattern. Raises InvalidPatternError.

    text: without the brackets.
    """
    scanner = Scanner(text)
    before: list[Column] = []
    behind: list[Column] | None = None
    while True:
        if scanner.take("...", "…"):
            if behind is not None:
                raise InvalidPatternError
            behind = []
        else:
            (before if behind is None else behind).append(_column(scanner))
        if not scanner.take(","):
            break
    if not scanner.is_at_end():
        raise InvalidPatternError
    return Columns(before, behind)


def _column(scanner: Scanner) -> Column:
    scanner.skip_space()
    if scanner.is_at_end() or scanner.sees(","):
        return Column(None, None)
    names: list[str | None] = []

    def read() -> Holds:
        names.append(scanner.match(_NAME))
        return condition(scanner, scanner.expect(*OPERATORS), _number_of)

    place = scanner.place
    name = scanner.match(_NAME)
    if name is not None and (scanner.is_at_end() or scanner.sees(",")):
        return Column(name, None)
    scanner.place = place
    holds = either(scanner, read)
    if len(set(names)) != 1:
        # A condition speaks of its own field.
        raise InvalidPatternError
    return Column(names[0], holds)


class _Field(NamedTuple):
    start: int
    value: str


def _fields(event: str) -> Iterator[_Field]:
    """An event's fields, in time that grows with its length only."""
    at = 0
    unclosed: set[str] = set()
    while begin := _BEGIN.search(event, at):
        start, opening = begin.start(), begin[0]
        if opening in _CLOSING and opening not in unclosed:
            end = event.find(_CLOSING[opening], start + 1)
            if end >= 0:
                yield _Field(start, event[start + 1 : end])
                at = end + 1
                continue
            # Nor will any that comes later be closed: looking again for each would take for ever.
            unclosed.add(opening)
        plain = _PLAIN.match(event, start)
        at = plain.end() if plain else len(event)
        yield _Field(start, event[start:at])


def _number_of(field: Scalar) -> float | None:
    return to_number(str(field))
