"""Patterns of JSON events: `{ $.level = "error" && ($.latency > 500 || $.user NOT EXISTS) }`.

A selector that finds an object, a list or nothing fits neither `=` nor `!=`. With a wildcard, any of what it finds
may fit. Source: CloudWatch Logs user guide, "Using filter patterns to match terms in JSON log events".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson

from lambent.services.logs.patterns.conditions import OPERATORS, condition
from lambent.services.logs.patterns.logic import either
from lambent.services.logs.patterns.problems import InvalidPatternError
from lambent.services.logs.patterns.scanner import Scanner

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambent.services.logs.patterns.conditions import Scalar

    Step = str | int | None
    """A member, an element, or None for all of them."""
    Test = Callable[[Any], bool]

_MEMBER = re.compile(r"\.([\w-]+|\*)")
_ELEMENT = re.compile(r"\[(\d{1,9}|\*)\]", re.ASCII)
_KEY = re.compile(r"\.?\['([^']+)'\]")
_KEYWORD = re.compile(r"[A-Za-z]+")
_CONSTANTS = {"NULL": None, "TRUE": True, "FALSE": False}
_MOST_WILDCARDS = 3


def documents(text: str) -> Callable[[str], bool]:
    """Whether an event is JSON and fits. Raises InvalidPatternError.

    text: without the braces.
    """
    reader = _Reader(Scanner(text))
    fits = either(reader.scanner, reader.condition)
    if not reader.scanner.is_at_end():
        raise InvalidPatternError

    def matches(event: str) -> bool:
        try:
            document = orjson.loads(event)
        except ValueError:
            return False
        return isinstance(document, dict | list) and fits(document)

    return matches


class _Reader:
    """Reads conditions, and counts what a pattern may have only so often."""

    def __init__(self, scanner: Scanner) -> None:
        self.scanner = scanner
        self._wildcards = 0

    def condition(self) -> Test:
        """One selector and what it has to fit."""
        scanner = self.scanner
        scanner.expect("$")
        steps = self._steps()
        keyword = scanner.match(_KEYWORD)
        match None if keyword is None else keyword.upper():
            case None:
                holds = condition(scanner, scanner.expect(*OPERATORS), _number_of)
                return lambda document: any(_is_scalar(node) and holds(node) for node in _find(document, steps))
            case "IS":
                constant = (scanner.match(_KEYWORD) or "").upper()
                if constant not in _CONSTANTS:
                    raise InvalidPatternError
                wanted = _CONSTANTS[constant]
                return lambda document: any(node is wanted for node in _find(document, steps))
            case "NOT" if (scanner.match(_KEYWORD) or "").upper() == "EXISTS":
                return lambda document: not _find(document, steps)
            case _:
                raise InvalidPatternError

    def _steps(self) -> list[Step]:
        steps: list[Step] = []
        while True:
            if key := self.scanner.match_here(_KEY):
                steps.append(key[key.index("'") + 1 : -2])
            elif member := self.scanner.match_here(_MEMBER):
                steps.append(None if member == ".*" else member[1:])
            elif element := self.scanner.match_here(_ELEMENT):
                steps.append(None if element == "[*]" else int(element[1:-1]))
            else:
                break
        wildcards = steps.count(None)
        self._wildcards += wildcards
        if not steps or wildcards > 1 or self._wildcards > _MOST_WILDCARDS:
            raise InvalidPatternError
        return steps


def _find(document: Any, steps: list[Step]) -> list[Any]:
    """What a selector finds; more than one thing with a wildcard only."""
    found = [document]
    for step in steps:
        if step is None:
            found = [inner for node in found for inner in _all_of(node)]
        elif isinstance(step, str):
            found = [node[step] for node in found if isinstance(node, dict) and step in node]
        else:
            found = [node[step] for node in found if isinstance(node, list) and step < len(node)]
        if not found:
            break
    return found


def _all_of(node: Any) -> list[Any]:
    if isinstance(node, dict):
        return list(node.values())
    return node if isinstance(node, list) else []


def _is_scalar(node: Any) -> bool:
    return isinstance(node, str | int | float)


def _number_of(field: Scalar) -> float | None:
    return None if isinstance(field, str | bool) else field
