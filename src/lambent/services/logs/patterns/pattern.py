"""From a filter pattern's text to what it does with an event: three forms, told apart by their first character."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lambent.services.logs.patterns.columns import columns
from lambent.services.logs.patterns.documents import documents
from lambent.services.logs.patterns.problems import InvalidPatternError
from lambent.services.logs.patterns.terms import terms

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Pattern(NamedTuple):
    """A compiled pattern. Both functions raise InvalidPatternError for an expression that runs away."""

    matches: Callable[[str], bool]
    extract: Callable[[str], Mapping[str, str]]
    """The fields of an event that matched, by `$name` or `$number`; empty for all but space-delimited patterns."""


def compile_pattern(text: str) -> Pattern:
    """Compile a pattern; the empty one matches everything. Raises InvalidPatternError."""
    trimmed = text.strip()
    for opening, closing in ("{}", "[]"):
        if trimmed.startswith(opening) and not (len(trimmed) > 1 and trimmed.endswith(closing)):
            raise InvalidPatternError(f"If a filter pattern starts with '{opening}' it must end with '{closing}'")
    if trimmed.startswith("{"):
        return Pattern(documents(trimmed[1:-1]), _nothing)
    if trimmed.startswith("["):
        fields = columns(trimmed[1:-1])
        return Pattern(fields.matches, fields.extract)
    return Pattern(terms(trimmed), _nothing)


def _nothing(_: str) -> Mapping[str, str]:
    return {}


EVERYTHING = compile_pattern("")
"""The pattern of who names none."""
