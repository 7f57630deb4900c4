"""What is wrong with a filter pattern."""

from __future__ import annotations


class InvalidPatternError(ValueError):
    """The pattern cannot be read, or cannot be used; the text is AWS's where it is known."""

    def __init__(self, text: str = "Invalid filter pattern") -> None:
        super().__init__(text)


class InvalidTermError(InvalidPatternError):
    """A term has characters that only quotes would allow."""

    def __init__(self, term: str) -> None:
        super().__init__(f"Invalid character(s) in term '{term}'")
