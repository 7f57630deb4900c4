"""Java's patterns on Python values, and no value that makes a match run away."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambent.wire.constraints_patterns import matcher, translated
from lambent.wire.model import load_service

SERVICES = "lambda sqs sns kinesis dynamodb dynamodbstreams s3 events apigateway apigatewayv2 logs iam sts".split()
RUNAWAYS = [
    (r"^[a-z0-9A-Z]+[\.\-\w]*[a-z0-9A-Z]+$", "a" * 20_000 + "!"),
    (r"^[ \t]*[\x20-\x7E]+([ \t]+[\x20-\x7E]+)*[ \t]*$", " " * 5_000 + "\n"),
    (r"(a+)+b", "a" * 5_000),
    (r"(a|aa)+", "a" * 200 + "b"),
]


# --- refused -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("pattern", "value"), RUNAWAYS)
def test_a_value_that_would_take_forever_does_not_match(pattern: str, value: str) -> None:
    assert not matcher(pattern)(value)


def test_a_pattern_that_cannot_be_read_is_told() -> None:
    with pytest.raises(ValueError, match="a pattern that cannot be read"):
        matcher(r"[a-z")


@pytest.mark.parametrize(
    ("pattern", "accepted", "refused"),
    [
        # A pattern is for the whole value.
        (r"[a-z]+", ["abc"], ["abc!", "1abc", "", "abc\n"]),
        (r"^[a-z]+$", ["abc"], ["abc\n", "a\nb"]),
        (r"a|ab", ["a", "ab"], ["abc"]),
        # Java's classes are ASCII, its properties are not.
        (r"\d+", ["12"], ["٣", "1 "]),
        (r"\w+", ["aZ_9"], ["é", "-"]),
        (r"[\w]+", ["aZ_9"], ["é"]),
        (r"\s*", [" \t\n\x0b\f\r"], ["\u00a0", "\u2003"]),
        (r"\D+", ["é٣x"], ["1", "x1"]),
        (r"\W+", ["é-"], ["_", "a"]),
        (r"\S+", ["é\u00a0"], [" ", "\t"]),
        (r"[\D]+", ["é٣x"], ["x1"]),
        (r"[\S]+", ["é\u00a0"], ["a b"]),
        (r"[^\d]+", ["é٣"], ["1"]),
        (r"[\s\S]*", ["", "a\né\u2028"], []),
        (r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", ["Größe 漢字", "a-b", "\u00a0"], ["a!", "\t", "🎉"]),
        (r"\p{L}\P{L}", ["é1"], ["éé", "1é"]),
        (r"\p{Alpha}+", ["aZ"], ["é", "1"]),
        (r"[\p{Alnum}_-]+", ["aZ1_-"], ["é", "+"]),
        (r"\p{Print}+", ["a ~"], ["\x7f", "é", "\t"]),
        (r"[\p{Graph}\x20]*", ["a b"], ["\n", "é"]),
        (r"\p{ASCII}+", ["\x00\x7f"], ["\x80"]),
        (r"\p{XDigit}{2}", ["fF"], ["gg"]),
        (r"[\p{Upper}\p{Digit}]+", ["A1"], ["a", "É"]),
        # The dot stops at every line terminator.
        (r".*", ["a\tb é"], ["a\nb", "a\rb", "a\u0085b", "a\u2028b", "a\u2029b"]),
        (r"(?s).*", ["a\nb\u2028"], []),
        (r"[.]", ["."], ["a"]),
        (r"\.", ["."], ["a"]),
        # A dash that makes no range stands for itself.
        (r"[\w-_]+", ["a-_"], ["+"]),
        (r"[a-zA-Z0-9-_]+", ["a-_9"], ["+", "."]),
        (r"[a-z0-9-.]+", ["a-."], ["/", "_"]),
        (r"[-a-z]+", ["-a"], ["+"]),
        (r"[a-z-]+", ["-a"], ["+"]),
        (r"[+--]+", ["+,-"], [".", "*"]),
        (r"[\--\.]+", ["-."], ["/", ","]),
        (r"[\p{Print}-é]+", ["a-é"], ["ê"]),
        # Brackets in brackets.
        (r"[]a]+", ["]a"], ["[", "b"]),
        (r"[^]a]+", ["b"], ["]", "a"]),
        (r"[[a]+", ["[a"], ["]", "b"]),
        (r"[\[\]]+", ["[]"], ["a"]),
        (r"[^^]+", ["a"], ["^"]),
        (r"[a^]+", ["a^"], ["b"]),
        # Characters that Java counts as two.
        (
            "[\\u0020-\\uD7FF\\uE000-\\uFFFD\\uD800\\uDC00-\\uDBFF\\uDFFF\\r\\n\\t]*",
            ["a🎉\U0010ffff\r\n"],
            ["\x00", "\uffff"],
        ),
        (r"[^\x00-\x1F\x7F]+", ["é a"], ["\x1f", "\x7f"]),
        (r"(?!^[0-9]+$)([a-zA-Z0-9-_]+)", ["a1", "1-"], ["2024"]),
    ],
)
def test_what_a_pattern_accepts_and_refuses(pattern: str, accepted: list[str], refused: list[str]) -> None:
    matches = matcher(pattern)
    assert [value for value in accepted if not matches(value)] == []
    assert [value for value in refused if matches(value)] == []


# --- models ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SERVICES)
def test_every_pattern_of_a_service_can_be_read(name: str) -> None:
    service = load_service(name).botocore
    patterns = {service.shape_for(shape).metadata.get("pattern") for shape in service.shape_names} - {None}
    for pattern in patterns:
        matcher(str(pattern))("a")


# --- properties --------------------------------------------------------------------------------------------------


@given(
    st.sampled_from([r"[a-z]{2,4}", r"(a|b)*c?", r"[^abc]+", r"\d{3}-[A-F]+", r"x(?:y|z){1,2}", r"(?=a)\w*", r"a+?b"]),
    st.text("abcxyzA1-", max_size=6),
)
def test_what_both_languages_mean_alike_is_left_alone(pattern: str, value: str) -> None:
    assert matcher(pattern)(value) == (re.fullmatch(pattern, value, re.ASCII) is not None)


@settings(deadline=None)
@given(st.text("[]-^\\wdpab{L}.(?*+|)1", max_size=12))
def test_any_pattern_is_read_or_refused(pattern: str) -> None:
    try:
        matches = matcher(pattern)
    except ValueError:
        return
    assert matches("ab1-") in {True, False}


def test_a_pattern_without_javas_own_words_is_not_touched() -> None:
    assert translated(r"arn:aws:[a-z]+(:x)?\.[0-9]{2}$") == r"arn:aws:[a-z]+(:x)?\.[0-9]{2}$"
