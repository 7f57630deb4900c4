"""`&&`, `||` and parentheses around conditions of whatever kind; `&&` binds stronger."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from lambent.services.logs.patterns.problems import InvalidPatternError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lambent.services.logs.patterns.scanner import Scanner

T = TypeVar("T")

_DEEPEST = 32
"""Parentheses in parentheses: nobody writes more, and each takes room on the stack."""


def either(scanner: Scanner, read: Callable[[], Callable[[T], bool]], depth: int = 0) -> Callable[[T], bool]:
    """Read conditions up to where no operator follows. Raises InvalidPatternError, as `read` does.

    read: reads one condition.
    """
    choices = [_both(scanner, read, depth)]
    while scanner.take("||"):
        choices.append(_both(scanner, read, depth))
    return choices[0] if len(choices) == 1 else _any(choices)


def _both(scanner: Scanner, read: Callable[[], Callable[[T], bool]], depth: int) -> Callable[[T], bool]:
    needs = [_one(scanner, read, depth)]
    while scanner.take("&&"):
        needs.append(_one(scanner, read, depth))
    return needs[0] if len(needs) == 1 else _all(needs)


def _one(scanner: Scanner, read: Callable[[], Callable[[T], bool]], depth: int) -> Callable[[T], bool]:
    if not scanner.take("("):
        return read()
    if depth == _DEEPEST:
        raise InvalidPatternError
    inner = either(scanner, read, depth + 1)
    scanner.expect(")")
    return inner


def _any(choices: Sequence[Callable[[T], bool]]) -> Callable[[T], bool]:
    return lambda found: any(choice(found) for choice in choices)


def _all(needs: Sequence[Callable[[T], bool]]) -> Callable[[T], bool]:
    return lambda found: all(need(found) for need in needs)
