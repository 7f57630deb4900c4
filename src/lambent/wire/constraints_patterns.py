r"""AWS's patterns, which are Java's, on Python values.

Java's classes are ASCII (`\d`, `\w`, `\s`, `\p{Alpha}`) while `\p{L}` is Unicode, its dot stops at every line
terminator, a pattern must match the whole value, and `[\w-_]` or a pair of surrogates mean what Python refuses. May
import nothing of Lambent.

No value can make a match run away: the engine gives up at a deadline, and what could not be matched by then does not
match. Verdicts on short values are kept, since the same names come with every request.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import regex

if TYPE_CHECKING:
    from collections.abc import Callable

_DEADLINE_S = 0.05
_DEADLINE_S_PER_CHARACTER = 2e-7
_KEPT_LENGTH = 256
_KEPT = 1024

_ANY = r"[^\n\r\u0085\u2028\u2029]"
_SETS = {
    r"\d": r"0-9",
    r"\w": r"0-9A-Z_a-z",
    r"\s": r"\x09-\x0D\x20",
    r"\p{Alnum}": r"0-9A-Za-z",
    r"\p{Alpha}": r"A-Za-z",
    r"\p{ASCII}": r"\x00-\x7F",
    r"\p{Blank}": r"\x09\x20",
    r"\p{Cntrl}": r"\x00-\x1F\x7F",
    r"\p{Digit}": r"0-9",
    r"\p{Graph}": r"\x21-\x7E",
    r"\p{Lower}": r"a-z",
    r"\p{Print}": r"\x20-\x7E",
    r"\p{Punct}": r"\x21-\x2F\x3A-\x40\x5B-\x60\x7B-\x7E",
    r"\p{Space}": r"\x09-\x0D\x20",
    r"\p{Upper}": r"A-Z",
    r"\p{XDigit}": r"0-9A-Fa-f",
    r"\D": r"\x00-\x2F\x3A-\U0010FFFF",
    r"\W": r"\x00-\x2F\x3A-\x40\x5B-\x5E\x60\x7B-\U0010FFFF",
    r"\S": r"\x00-\x08\x0E-\x1F\x21-\U0010FFFF",
}
"""Java's ASCII classes as they stand inside of brackets."""
_TOKENS = regex.compile(
    r"""
      (?P<pair>   \\u[dD][89abAB][0-9a-fA-F]{2} \\u[dD][c-fC-F][0-9a-fA-F]{2} )
    | (?P<class>  \\[pP]\{\^?\w+\} | \\[pP]\w | \\[dDwWsS] )
    | (?P<escape> \\ (?: x[0-9a-fA-F]{2} | u[0-9a-fA-F]{4} | . ) )
    | (?P<plain>  . )
    """,
    regex.VERBOSE | regex.DOTALL,
)


@cache
def matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a value as a whole satisfies one of AWS's patterns.

    Raises ValueError for a pattern that cannot be read, which only a new model could bring.
    """
    try:
        compiled: Any = regex.compile(translated(pattern), regex.VERSION0)
    except regex.error as broken:
        raise ValueError(f"a pattern that cannot be read: {pattern}") from broken

    def matches(value: str) -> bool:
        deadline_s = _DEADLINE_S + _DEADLINE_S_PER_CHARACTER * len(value)
        try:
            return compiled.fullmatch(value, timeout=deadline_s) is not None
        except TimeoutError:
            return False

    kept = lru_cache(_KEPT)(matches)

    def verdict(value: str) -> bool:
        return kept(value) if len(value) <= _KEPT_LENGTH else matches(value)

    return verdict


def translated(pattern: str) -> str:
    """A pattern of Java's in the dialect of the `regex` module."""
    out: list[str] = []
    dot_is_all = pattern.startswith("(?s)")
    members = _ClassMembers()
    inside = False
    for token in _TOKENS.finditer(pattern):
        text = token[0]
        if token["pair"]:
            text = _paired(text)
        if inside and text == "]" and not members.is_empty:
            inside = False
        elif inside:
            text = members.written(text, is_class=token["class"] is not None)
        elif text == "[":
            inside, members = True, _ClassMembers()
        elif text == "." and not dot_is_all:
            text = _ANY
        elif text in _SETS:
            text = f"[{_SETS[text]}]"
        out.append(text)
    return "".join(out)


class _ClassMembers:
    """Inside of brackets: tells a dash that makes a range from one that stands for itself."""

    def __init__(self) -> None:
        self.is_empty = True
        self._range_may_start = False
        self._in_range = False

    def written(self, text: str, *, is_class: bool) -> str:
        if text == "^" and self.is_empty:
            return text
        self.is_empty = False
        if self._in_range:
            self._in_range = self._range_may_start = False
            return "\\[" if text == "[" else text
        if text == "-":
            if self._range_may_start:
                self._in_range = True
                return text
            return "\\-"
        self._range_may_start = not is_class
        if is_class:
            return _SETS.get(text, text)
        return "\\[" if text == "[" else text


def _paired(text: str) -> str:
    high, low = int(text[2:6], 16), int(text[8:12], 16)
    return f"\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08X}"
