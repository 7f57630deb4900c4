"""What an expression of metric math comes to. Pure; may import expression, series and math_functions."""

from __future__ import annotations

import operator
from functools import reduce
from typing import TYPE_CHECKING

from lambent.services.cloudwatch.expression import (
    Array,
    Call,
    Chain,
    ExpressionError,
    Name,
    Negative,
    Node,
    Number,
    Text,
)
from lambent.services.cloudwatch.math_functions import FUNCTIONS
from lambent.services.cloudwatch.series import Series, combined, mapped, truth

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambent.services.cloudwatch.math_functions import Argument, Setting
    from lambent.services.cloudwatch.series import Binary, Value

_OPERATORS: dict[str, Binary] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "^": operator.pow,
    "==": truth(operator.eq),
    "!=": truth(operator.ne),
    "<": truth(operator.lt),
    "<=": truth(operator.le),
    ">": truth(operator.gt),
    ">=": truth(operator.ge),
    "&&": truth(lambda left, right: bool(left and right)),
    "||": truth(lambda left, right: bool(left or right)),
}
WORDS = frozenset(("REPEAT", "LINEAR", "AVG", "MIN", "MAX", "SUM", "ASC", "DESC"))
"""What functions take beside values, and no id can be: ids begin with a small letter."""


def evaluate(node: Node, known: Mapping[str, Value], setting: Setting) -> Value:
    """The value of an expression. known: by id. Raises ExpressionError."""
    value = _evaluated(node, known, setting)
    setting.budget.spend(value)
    return value


def _evaluated(node: Node, known: Mapping[str, Value], setting: Setting) -> Value:
    match node:
        case Number(value):
            return value
        case Name(name) if name in known:
            return known[name]
        case Name(name):
            raise ExpressionError(f"Unknown identifier '{name}'")
        case Text():
            raise ExpressionError("A text can only be an argument of METRICS")
        case Negative(operand):
            return mapped(evaluate(operand, known, setting), operator.neg)
        case Array(items):
            return _array([evaluate(item, known, setting) for item in items])
        case Chain():
            return _chain(node, known, setting)
        case Call():
            return _call(node, known, setting)


def _array(items: list[Value]) -> Value:
    found: list[Series] = []
    for item in items:
        if isinstance(item, tuple):
            found.extend(item)
        elif isinstance(item, Series):
            found.append(item)
        else:
            raise ExpressionError("An array holds time series only")
    return tuple(found)


def _chain(node: Chain, known: Mapping[str, Value], setting: Setting) -> Value:
    values = [evaluate(node.first, known, setting)]
    values += [evaluate(operand, known, setting) for _, operand in node.rest]
    signs = [sign for sign, _ in node.rest]
    if signs[0] == "^":
        return reduce(lambda power, base: combined(base, power, operator.pow), reversed(values))
    pairs = zip(signs, values[1:], strict=True)
    return reduce(lambda left, pair: combined(left, pair[1], _OPERATORS[pair[0]]), pairs, values[0])


def _call(node: Call, known: Mapping[str, Value], setting: Setting) -> Value:
    entry = FUNCTIONS.get(node.function)
    if entry is None:
        raise ExpressionError(f"Unknown function '{node.function}'")
    if not entry.least <= len(node.arguments) <= entry.most:
        raise ExpressionError(f"{node.function} takes another number of arguments")
    return entry.apply(setting, [_argument(argument, known, setting) for argument in node.arguments])


def _argument(node: Node, known: Mapping[str, Value], setting: Setting) -> Argument:
    match node:
        case Text(value):
            return value
        case Name(name) if name in WORDS:
            return name
        case _:
            return evaluate(node, known, setting)
