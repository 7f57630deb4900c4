from __future__ import annotations

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambent.services.cloudwatch.expression import (
    Array,
    Call,
    Chain,
    ExpressionError,
    Name,
    Negative,
    Number,
    Text,
    names,
    parse,
)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "Unexpected end"),
        ("m1 +", "Unexpected end"),
        ("(m1", "Unexpected end"),
        ("m1)", r"Unexpected '\)'"),
        ("m1 m2", "Unexpected 'm2'"),
        ("SUM(m1,)", r"Unexpected '\)'"),
        ("m1 $ 2", "Unexpected character at position 3"),
        ("'open", "Unexpected character"),
        ("* 2", r"Unexpected '\*'"),
        ("[m1", "Unexpected end"),
        ("(" * 2000, "nested"),
        ("ABS(" * 500, "nested"),
    ],
)
def test_what_is_no_expression_is_refused(text: str, why: str) -> None:
    with pytest.raises(ExpressionError, match=why):
        parse(text)


def test_operators_bind_as_in_mathematics() -> None:
    one, two, three = Number(1), Number(2), Number(3)
    assert parse("1 + 2 * 3") == Chain(one, (("+", Chain(two, (("*", three),))),))
    assert parse("(1 + 2) * 3") == Chain(Chain(one, (("+", two),)), (("*", three),))
    assert parse("-1 ^ 2") == Negative(Chain(one, (("^", two),)))
    assert parse("1 > 2 AND 3") == Chain(Chain(one, ((">", two),)), (("&&", three),))
    assert parse("1 || 2 && 3") == Chain(one, (("||", Chain(two, (("&&", three),))),))
    assert parse("--1") == one


def test_names_texts_arrays_and_calls() -> None:
    assert parse('sum(METRICS("err"))') == Call("SUM", (Call("METRICS", (Text("err"),)),))
    assert parse("[m1, m2]") == Array((Name("m1"), Name("m2")))
    assert parse("FILL(m1, REPEAT)") == Call("FILL", (Name("m1"), Name("REPEAT")))
    assert parse("1.5e3") == Number(1500.0)
    assert names(parse("IF(m1 > -m2, [m3, m1], METRICS('x'))")) == {"m1", "m2", "m3"}


def test_long_chains_are_no_deeper_than_short_ones() -> None:
    assert parse("+".join(["1"] * 1000))
    assert parse("^".join(["1"] * 1000))
    assert parse("-" * 2000 + "1") == Number(1.0)


@given(st.text(alphabet="m1()[]+-*/^<>=&|,.\"' eANDORSUM", max_size=80))
def test_any_text_is_a_tree_or_refused(text: str) -> None:
    with suppress(ExpressionError):
        assert names(parse(text)) <= set(re.findall(r"[A-Za-z_]\w*", text))
