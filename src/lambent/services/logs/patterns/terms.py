"""Patterns of terms: `ERROR "out of memory" -retry`, `?WARN ?ERROR`, `%5[0-9]+%`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lambent.services.logs.patterns.problems import InvalidPatternError
from lambent.services.logs.patterns.scanner import Scanner

if TYPE_CHECKING:
    from collections.abc import Callable

    Matches = Callable[[str], bool]

_WORD_END = re.compile(r"\S+")
_WORD = re.compile(r"\w+")


def terms(text: str) -> Matches:
    """What an event must have and must not have. Raises InvalidPatternError.

    Optional terms (`?`) count only where there are no others, as on AWS.
    """
    scanner = Scanner(text)
    needed: list[Matches] = []
    excluded: list[Matches] = []
    optional: list[Matches] = []
    kinds = {None: needed, "-": excluded, "?": optional}
    while not scanner.is_at_end():
        kinds[scanner.take("-", "?")].append(_term(scanner))
    if needed or excluded:
        return lambda event: all(has(event) for has in needed) and not any(has(event) for has in excluded)
    if optional:
        return lambda event: any(has(event) for has in optional)
    return lambda _: True


def _term(scanner: Scanner) -> Matches:
    searches = scanner.expression()
    if searches is None:
        quoted = scanner.quoted()
        wanted = scanner.word(_WORD_END, _WORD) if quoted is None else quoted
        # Blank quotes match everything, whether or not the event has a blank.
        needle = wanted if wanted.strip() else ""
        searches = lambda event: needle in event  # noqa: E731  beside the other way to come by it
    if not scanner.is_at_end() and not scanner.was_space():
        raise InvalidPatternError
    return searches
