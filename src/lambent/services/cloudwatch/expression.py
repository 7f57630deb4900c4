"""Expressions of metric math, from text to a tree. Pure.

Grammar, from weak to strong: `||` and OR, `&&` and AND, comparisons, `+ -`, `* /`, a sign, `^` (from the right).
Operators of one strength are one node, so that a tree is as deep as its parentheses and no deeper.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NoReturn

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<text>"[^"]*"|'[^']*')
    |(?P<sign>\|\||&&|==|!=|<=|>=|[-+*/^<>(),\[\]])
    )""",
    re.VERBOSE | re.ASCII,
)
_WORDS = {"AND": "&&", "OR": "||"}
_LEVELS = (("||",), ("&&",), ("==", "!=", "<=", ">=", "<", ">"), ("+", "-"), ("*", "/"))
_DEEPEST = 32


class ExpressionError(Exception):
    """An expression is not well-formed, or cannot be worked out; the text says why."""


@dataclass(frozen=True, slots=True)
class Number:
    """`3.5`."""

    value: float


@dataclass(frozen=True, slots=True)
class Text:
    """A text between quotes."""

    value: str


@dataclass(frozen=True, slots=True)
class Name:
    """The id of a metric or an expression, or a word such as REPEAT."""

    name: str


@dataclass(frozen=True, slots=True)
class Array:
    """`[m1, m2]`."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """`SUM(METRICS())`."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Negative:
    """`-m1`."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Chain:
    """Operators of one strength: applied from the left, but powers from the right."""

    first: Node
    rest: tuple[tuple[str, Node], ...]


Node = Number | Text | Name | Array | Call | Negative | Chain


def parse(text: str) -> Node:
    """The tree of an expression. Raises ExpressionError."""
    parser = _Parser(_tokens(text))
    node = parser.level(0)
    parser.end()
    return node


def names(node: Node) -> set[str]:
    """Every name that an expression uses, words such as REPEAT included."""
    found: set[str] = set()
    waiting = [node]
    while waiting:
        match waiting.pop():
            case Name(name):
                found.add(name)
            case Array(items) | Call(_, items):
                waiting.extend(items)
            case Negative(operand):
                waiting.append(operand)
            case Chain(first, rest):
                waiting.append(first)
                waiting.extend(operand for _, operand in rest)
            case Number() | Text():
                pass
    return found


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    position, text = 0, text.rstrip()
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise ExpressionError(f"Unexpected character at position {position + 1}")
        kind = str(found.lastgroup)
        token = found[kind]
        if kind == "name" and token.upper() in _WORDS:
            kind, token = "sign", _WORDS[token.upper()]
        tokens.append((kind, token))
        position = found.end()
    return tokens


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def level(self, level: int) -> Node:
        """Operators of this strength and of all stronger ones."""
        if level == len(_LEVELS):
            return self._signed()
        first = self.level(level + 1)
        rest = []
        while (sign := self._take(*_LEVELS[level])) is not None:
            rest.append((sign, self.level(level + 1)))
        return Chain(first, tuple(rest)) if rest else first

    def end(self) -> None:
        """Nothing comes any more."""
        if self._at < len(self._tokens):
            self._unexpected()

    def _signed(self) -> Node:
        negative = False
        while (sign := self._take("-", "+")) is not None:
            negative ^= sign == "-"
        power = self._power()
        return Negative(power) if negative else power

    def _power(self) -> Node:
        first = self._operand()
        rest = []
        while self._take("^") is not None:
            negative = self._take("-") is not None
            operand = self._operand()
            rest.append(("^", Negative(operand) if negative else operand))
        return Chain(first, tuple(rest)) if rest else first

    def _operand(self) -> Node:
        if self._at == len(self._tokens):
            raise ExpressionError("Unexpected end of the expression")
        kind, token = self._tokens[self._at]
        self._at += 1
        match kind, token:
            case "number", _:
                return Number(float(token))
            case "text", _:
                return Text(token[1:-1])
            case "name", _:
                return Name(token) if self._take("(") is None else Call(token.upper(), self._items(")"))
            case "sign", "[":
                return Array(self._items("]"))
            case "sign", "(":
                node = self._nested()
                self._expect(")")
                return node
        self._at -= 1
        return self._unexpected()

    def _items(self, end: str) -> tuple[Node, ...]:
        if self._take(end) is not None:
            return ()
        items = [self._nested()]
        while self._take(",") is not None:
            items.append(self._nested())
        self._expect(end)
        return tuple(items)

    def _nested(self) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ExpressionError(f"Expressions may not be nested more than {_DEEPEST} levels deep")
        node = self.level(0)
        self._depth -= 1
        return node

    def _take(self, *signs: str) -> str | None:
        if self._at < len(self._tokens):
            kind, token = self._tokens[self._at]
            if kind == "sign" and token in signs:
                self._at += 1
                return token
        return None

    def _expect(self, sign: str) -> None:
        if self._take(sign) is None:
            self._unexpected()

    def _unexpected(self) -> NoReturn:
        if self._at == len(self._tokens):
            raise ExpressionError("Unexpected end of the expression")
        raise ExpressionError(f"Unexpected '{self._tokens[self._at][1]}'")
