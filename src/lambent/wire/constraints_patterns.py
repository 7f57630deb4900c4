"""AWS's patterns, which are Java's, on Python values.

Java's classes are ASCII (`\\d`, `\\w`, `\\s`) while `\\p{L}` is Unicode, its dot stops at every line terminator, a
pattern must match the whole value, and `[\\w-_]` or a pair of surrogates mean what Python refuses. May import nothing of
Lambent.

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
_POSIX = {"Print": r"\x20-\x7E", "Graph": r"\x21-\x7E", "Alpha": "A-Za-z", "Alnum": "A-Za-z0-9", "Digit": "0-9"}
_CLASS_ESCAPES = frozenset("dDwWsSpP")
_TOKENS = regex.compile(
    r"""
      (?P<pair>   \\u[dD][89abAB][0-9a-fA-F]{2} \\u[dD][c-fC-F][0-9a-fA-F]{2} )
    | (?P<posix>  \\p\{ (?P<name> Print | Graph | Alpha | Alnum | Digit ) \} )
    | (?P<escape> \\ (?: [pP]\{\^?\w+\} | [pP]\w | x[0-9a-fA-F]{2} | u[0-9a-fA-F]{4} | . ) )
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
        compiled: Any = regex.compile(translated(pattern), regex.ASCII | regex.VERSION0)
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
        elif token["posix"]:
            text = _POSIX[token["name"]] if inside else f"[{_POSIX[token['name']]}]"
        if inside and text == "]" and not members.is_empty:
            inside = False
        elif inside:
            text = members.written(text)
        elif text == "[":
            inside, members = True, _ClassMembers()
        elif text == "." and not dot_is_all:
            text = _ANY
        out.append(text)
    return "".join(out)


class _ClassMembers:
    """Inside of brackets: tells a dash that makes a range from one that stands for itself."""

    def __init__(self) -> None:
        self.is_empty = True
        self._range_may_start = False
        self._in_range = False

    def written(self, text: str) -> str:
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
        self._range_may_start = len(text) == 1 or (text[0] == "\\" and text[1] not in _CLASS_ESCAPES)
        return "\\[" if text == "[" else text


def _paired(text: str) -> str:
    high, low = int(text[2:6], 16), int(text[8:12], 16)
    return f"\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08X}"
