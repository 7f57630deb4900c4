"""What is wrong with a pattern."""

from __future__ import annotations


class InvalidPattern(Exception):  # noqa: N818  an answer, not an accident
    """The pattern is not one of its dialect.

    text: the bare reason in AWS's words, to which each service puts its own beginning.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text
