r"""The operator `wildcard`: `*` is any run of characters, `\*` an asterisk, `\\` a backslash."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambent.patterns.problems import InvalidPattern

if TYPE_CHECKING:
    from collections.abc import Callable


def compile_wildcard(text: str) -> Callable[[str], bool]:
    """A test of texts, in time proportional to the text and to the number of asterisks. Raises InvalidPattern."""
    first, *others = _pieces(text)
    if not others:
        return first.__eq__
    *middle, last = others

    def test(value: str) -> bool:
        if len(value) < len(first) + len(last) or not (value.startswith(first) and value.endswith(last)):
            return False
        at, end = len(first), len(value) - len(last)
        for piece in middle:
            found = value.find(piece, at, end)
            if found < 0:
                return False
            at = found + len(piece)
        return True

    return test


def _pieces(text: str) -> list[str]:
    """The literal texts around the asterisks."""
    pieces = [""]
    at = 0
    while at < len(text):
        letter = text[at]
        if letter == "\\":
            at += 1
            if at >= len(text) or text[at] not in "*\\":
                raise InvalidPattern(f"Invalid escape character at pos {at - 1}")
            pieces[-1] += text[at]
        elif letter != "*":
            pieces[-1] += letter
        elif text[at + 1 : at + 2] == "*":
            raise InvalidPattern(f"Consecutive wildcard characters at pos {at}")
        else:
            pieces.append("")
        at += 1
    return pieces
