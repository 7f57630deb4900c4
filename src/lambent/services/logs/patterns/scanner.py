"""Reads a filter pattern from left to right: what the three forms of patterns have in common."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lambent.services.logs.patterns.expressions import expression
from lambent.services.logs.patterns.problems import InvalidPatternError, InvalidTermError

if TYPE_CHECKING:
    from re import Pattern

    from lambent.services.logs.patterns.expressions import Searches

_SPACE = re.compile(r"\s*")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPED = re.compile(r'\\(["\\])')
_EXPRESSION = re.compile(r"%((?:[^%\\]|\\.)*)%", re.DOTALL)
_MOST_EXPRESSIONS = 2


class Scanner:
    """A place in a pattern."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.place = 0
        """How far it has come."""
        self._expressions = 0

    def skip_space(self) -> None:
        """Go on to what is not blank."""
        found = _SPACE.match(self._text, self.place)
        self.place = found.end() if found else self.place

    def is_at_end(self) -> bool:
        """Whether nothing but space is left."""
        self.skip_space()
        return self.place == len(self._text)

    def was_space(self) -> bool:
        """Whether it stands behind space."""
        return self._text[: self.place][-1:].isspace()

    def sees(self, text: str) -> bool:
        """Whether this comes next."""
        return self._text.startswith(text, self.place)

    def take(self, *texts: str) -> str | None:
        """Go over the first of these that comes next, and over space before it."""
        self.skip_space()
        for text in texts:
            if self.sees(text):
                self.place += len(text)
                return text
        return None

    def match(self, form: Pattern[str]) -> str | None:
        """Go over what has this form, and over space before it."""
        self.skip_space()
        return self.match_here(form)

    def match_here(self, form: Pattern[str]) -> str | None:
        """Go over what has this form and begins right here."""
        found = form.match(self._text, self.place)
        if found is None:
            return None
        self.place = found.end()
        return found[0]

    def expect(self, *texts: str) -> str:
        """As `take`. Raises InvalidPatternError where none of them comes."""
        found = self.take(*texts)
        if found is None:
            raise InvalidPatternError
        return found

    def quoted(self) -> str | None:
        """A text in double quotes, None where there is none. Raises InvalidPatternError for one without an end."""
        self.skip_space()
        if not self.sees('"'):
            return None
        found = _QUOTED.match(self._text, self.place)
        if found is None:
            raise InvalidPatternError
        self.place = found.end()
        return _ESCAPED.sub(r"\1", found[1])

    def expression(self) -> Searches | None:
        """A regular expression between percent signs, None where there is none.

        Raises InvalidPatternError for one that is not allowed, and for the third of a pattern.
        """
        self.skip_space()
        if not self.sees("%"):
            return None
        found = _EXPRESSION.match(self._text, self.place)
        self._expressions += 1
        if found is None or self._expressions > _MOST_EXPRESSIONS:
            raise InvalidPatternError
        self.place = found.end()
        return expression(found[1])

    def word(self, until: Pattern[str], allowed: Pattern[str]) -> str:
        """A text without quotes. Raises InvalidPatternError where there is none, InvalidTermError for what it has.

        until: a text of characters that a word ends before.
        """
        found = self.match(until)
        if not found:
            raise InvalidPatternError
        if allowed.fullmatch(found) is None:
            raise InvalidTermError(found)
        return found
