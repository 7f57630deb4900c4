from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambent.patterns import EVENTS, SNS_ATTRIBUTES, SNS_BODY, Dialect, InvalidPattern, compile_pattern
from unit.patterns import reference


def matches(pattern: dict[str, Any], event: dict[str, Any], dialect: Dialect = EVENTS) -> bool:
    return compile_pattern(pattern, dialect).matches(event)


def refusal(pattern: Any, dialect: Dialect = EVENTS) -> str:
    with pytest.raises(InvalidPattern) as found:
        compile_pattern(pattern, dialect)
    return found.value.text


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ([], "Filter is not an object"),
        ({}, "Empty objects are not allowed"),
        ({"a": {}}, "Empty objects are not allowed"),
        ({"a": "b"}, '"a" must be an object or an array'),
        ({"a": None}, '"a" must be an object or an array'),
        ({"a": {"b": 1}}, '"b" must be an object or an array'),
        ({"a": []}, "Empty arrays are not allowed"),
        ({"a": [["b"]]}, "Match value must be String, number, true, false, or null"),
        ({"a": [{}]}, "Empty objects are not allowed"),
        ({"a": [{"like": "x"}]}, "Unrecognized match type like"),
        ({"a": [{"prefix": "x", "suffix": "y"}]}, "Only one key allowed in match expression"),
        ({"a": [{"prefix": 1}]}, "prefix match pattern must be a string"),
        ({"a": [{"suffix": ["x"]}]}, "suffix match pattern must be a string"),
        ({"a": [{"exists": "yes"}]}, "exists match pattern must be either true or false."),
        ({"a": [{"anything-but": []}]}, "Empty arrays are not allowed"),
        ({"a": [{"anything-but": [True]}]}, "Inside anything but list, boolean is not supported."),
        ({"a": [{"anything-but": {"numeric": ["=", 1]}}]}, "Unsupported anything-but pattern: numeric"),
        ({"a": [{"anything-but": {"prefix": ""}}]}, "Null prefix not allowed"),
        ({"a": [{"wildcard": "a**b"}]}, "Consecutive wildcard characters at pos 1"),
        ({"a": [{"wildcard": "a\\b"}]}, "Invalid escape character at pos 1"),
        ({"a": [{"cidr": "10.0.0.0"}]}, "Malformed CIDR, one '/' required"),
        ({"a": [{"cidr": "10.0.0.0/x"}]}, "Malformed CIDR, mask bits must be an integer"),
        ({"a": [{"cidr": "300.0.0.0/8"}]}, "Nonstandard IP address: 300.0.0.0"),
        ({"a": [{"numeric": 5}]}, "Value of numeric must be an array."),
        ({"a": [{"numeric": []}]}, "Invalid member in numeric match: ]"),
        ({"a": [{"numeric": ["!=", 5]}]}, "Unrecognized numeric range operator: !="),
        ({"a": [{"numeric": ["=", "5"]}]}, "Value of equals must be numeric"),
        ({"a": [{"numeric": ["<", 5, ">", 1]}]}, "Too many elements in numeric expression"),
        ({"a": [{"numeric": [">", 5, ">", 6]}]}, "Bad numeric range operator: >"),
        ({"a": [{"numeric": [">", 5, "<", 5]}]}, "Bottom must be less than top"),
        ({"a": [{"numeric": [">", 5e10]}]}, "Value must be between -5.0E9 and 5.0E9, inclusive"),
        ({"$or": [{"a": [1]}]}, "Unrecognized match type a"),
        ({"$or": [{"a": [1]}, {"b": 2}]}, '"b" must be an object or an array'),
    ],
)
def test_what_is_no_pattern_is_refused_in_words(pattern: Any, text: str) -> None:
    assert refusal(pattern) == text


@pytest.mark.parametrize(
    ("leaf", "taken", "left"),
    [
        (
            ["b", 300, True, None, ""],
            ["b", 300, 300.0, True, None, "", ["x", "b"], [["b"]]],
            ["B", 1, False, {}, [], "300"],
        ),
        ([1], [1, 1.0], [True, "1", None]),
        ([{"prefix": "ab"}], ["ab", "abc"], ["a", "AB", 1, None]),
        ([{"prefix": ""}], ["", "x"], [1, None]),
        ([{"prefix": {"equals-ignore-case": "aB"}}], ["ABc"], ["xab"]),
        ([{"suffix": {"equals-ignore-case": "aB"}}], ["xAb"], ["abx"]),
        ([{"suffix": ".png"}], ["a.png"], ["a.PNG"]),
        ([{"equals-ignore-case": "Ab"}], ["aB"], ["abc", 1]),
        ([{"wildcard": "a*c*e"}], ["ace", "abcde", "accce"], ["ac", "xace", "acex"]),
        ([{"wildcard": ""}], [""], ["a"]),
        ([{"wildcard": "a\\*b\\\\*"}], ["a*b\\", "a*b\\x"], ["axb\\"]),
        ([{"wildcard": "ab*ba"}], ["abba", "abxba"], ["aba"]),
        ([{"numeric": [">", 0, "<=", 5]}], [5, 0.1], [0, 5.1, "3", None, True]),
        ([{"numeric": ["=", 300]}], [300, 300.0, 3.0e2], [301]),
        ([{"cidr": "10.0.0.0/24"}], ["10.0.0.255"], ["10.0.1.0", "x", 1]),
        ([{"cidr": "2001:db8::/32"}], ["2001:db8::1"], ["10.0.0.1"]),
        ([{"anything-but": "a"}], ["b", 1, None, True, ["a", "b"]], ["a", ["a"], {}]),
        ([{"anything-but": ["a", 1]}], ["b", 2, True], ["a", 1]),
        ([{"anything-but": {"prefix": ["a", "b"]}}], ["c", None, 1], ["ax", "bx"]),
        ([{"anything-but": {"suffix": "a"}}], ["ab"], ["ba"]),
        ([{"anything-but": {"wildcard": "*a*"}}], ["b"], ["bab"]),
        ([{"anything-but": {"equals-ignore-case": ["A", "b"]}}], ["c"], ["a", "B"]),
        ([{"exists": True}], ["", None, 0, [1]], [{}, {"x": 1}, []]),
        ([{"exists": False}], [{}, {"x": 1}, []], ["", None, 0]),
    ],
)
def test_operators_take_what_they_name(leaf: list[Any], taken: list[Any], left: list[Any]) -> None:
    for value in taken:
        assert matches({"a": leaf}, {"a": value}), value
    for value in left:
        assert not matches({"a": leaf}, {"a": value}), value


@pytest.mark.parametrize(
    ("pattern", "event", "expected"),
    [
        ({"a": [{"exists": False}]}, {}, True),
        ({"a": {"b": [{"exists": False}]}}, {}, True),
        ({"a": {"b": [{"exists": False}]}}, {"a": 1}, True),
        ({"a": [{"anything-but": "x"}]}, {}, False),
        ({"a": [None]}, {}, False),
        ({"a": {"b": [1]}}, {"a.b": 1}, True),
        ({"a.b": [1]}, {"a": {"b": 1}}, True),
        ({"a.b": [1]}, {"a.b": 1}, True),
        ({"a": {"b": {"c": [1]}}}, {"a.b": {"c": 1}}, True),
        ({"a": {"b": [1]}}, {"a": '{"b": 1}'}, False),
        ({"a": {"b": [1], "c": [2]}}, {"a": [{"b": 1}, {"c": 2}]}, False),
        ({"a": {"b": [1], "c": [2]}}, {"a": [{"b": 1, "c": 3}, {"b": 1, "c": 2}]}, True),
        ({"a": [1], "b": [2]}, {"a": 1, "b": 3}, False),
        ({"a": [1], "$or": [{"b": [2]}, {"c": [3]}]}, {"a": 1, "c": 3}, True),
        ({"a": [1], "$or": [{"b": [2]}, {"c": [3]}]}, {"a": 1}, False),
        ({"d": {"$or": [{"b": [2]}, {"c": [3]}]}}, {"d": {"b": 2}}, True),
    ],
)
def test_objects_match_by_their_paths(pattern: dict[str, Any], event: dict[str, Any], expected: bool) -> None:
    assert matches(pattern, event) is expected


# --- dialects


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ({key: ["v"] for key in "abcdef"}, "Filter policy can not have more than 5 keys"),
        ({"a": list("12345678901"), "b": list("12345678901234")}, "Filter policy is too complex"),
        ({"a": [{"anything-but": {"suffix": "x"}}]}, "Unsupported anything-but pattern: suffix"),
        ({"a": [{"wildcard": "x"}]}, "Unrecognized match type wildcard"),
        ({"a": []}, "Empty arrays are not allowed"),
    ],
)
@pytest.mark.parametrize("dialect", [SNS_ATTRIBUTES, SNS_BODY])
def test_filter_policies_have_limits(pattern: dict[str, Any], text: str, dialect: Dialect) -> None:
    assert refusal(pattern, dialect) == text


def test_policies_on_attributes_are_flat() -> None:
    assert (
        refusal({"a": {"b": ["c"]}}, SNS_ATTRIBUTES)
        == "Filter policy scope MessageAttributes does not support nested filter policy"
    )
    assert matches({"a.b": ["c"]}, {"a.b": "c"}, SNS_ATTRIBUTES)
    assert not matches({"a": ["c"]}, {"a": b"c"}, SNS_ATTRIBUTES)
    assert matches({"a": ["c"]}, {"a": ["x", "c"]}, SNS_ATTRIBUTES)


def test_nested_leaves_count_by_their_level() -> None:
    nested = {"a": {"b": {"c": list("1234"), "d": list("1234")}}}
    assert matches(nested, {"a": {"b": {"c": "1", "d": "2"}}}, SNS_BODY)
    nested["a"]["b"]["e"] = ["1"]
    assert refusal(nested, SNS_BODY) == "Filter policy is too complex"


def test_alternatives_are_added_up() -> None:
    either = {"$or": [{"a": list("x" * 75)}, {"b": list("x" * 75)}]}
    assert matches(either, {"b": "x"}, SNS_BODY)
    assert refusal({"c": ["1", "2"], **either}, SNS_BODY) == "Filter policy is too complex"


def test_null_in_a_policy_is_also_an_absent_key() -> None:
    assert matches({"a": [None]}, {}, SNS_BODY)
    assert matches({"a": [None]}, {"a": None}, SNS_BODY)
    assert not matches({"a": [{"anything-but": "x"}]}, {"a": None}, SNS_BODY)
    assert matches({}, {"anything": "x"}, SNS_ATTRIBUTES)


# --- the compiled matcher against the plain one

KEYS = st.sampled_from("abc")
TEXTS = st.sampled_from(["", "a", "A", "ab", "aB", "ba", "aba", "abba", "10.0.0.1", "1"])
NUMBERS = st.integers(-3, 3) | st.sampled_from([0.5, 1.0, -2.5])
SCALARS = TEXTS | NUMBERS | st.booleans() | st.none()
EVENTS_ = st.dictionaries(
    KEYS,
    st.recursive(
        SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=8
    ),
)
AFFIX = TEXTS.filter(bool)
COMPARISONS = st.tuples(st.sampled_from(["<", "<=", "=", ">", ">="]), NUMBERS).map(list)
RANGES = st.tuples(NUMBERS, NUMBERS).filter(lambda two: two[0] < two[1]).map(lambda two: [">=", two[0], "<", two[1]])
OPERATORS = st.one_of(
    st.fixed_dictionaries({"prefix": TEXTS | st.fixed_dictionaries({"equals-ignore-case": TEXTS})}),
    st.fixed_dictionaries({"suffix": TEXTS | st.fixed_dictionaries({"equals-ignore-case": TEXTS})}),
    st.fixed_dictionaries({"equals-ignore-case": TEXTS}),
    st.fixed_dictionaries({"wildcard": st.sampled_from(["", "*", "a*", "*a", "a*a", "*b*", "ab*ba", "a*b*a"])}),
    st.fixed_dictionaries({"numeric": RANGES | COMPARISONS}),
    st.fixed_dictionaries({"cidr": st.sampled_from(["10.0.0.0/24", "10.0.0.2/32"])}),
    st.fixed_dictionaries({"exists": st.booleans()}),
    st.fixed_dictionaries({"anything-but": TEXTS | NUMBERS | st.lists(TEXTS | NUMBERS, min_size=1, max_size=3)}),
    st.fixed_dictionaries(
        {
            "anything-but": st.one_of(
                st.fixed_dictionaries({"prefix": AFFIX | st.lists(AFFIX, min_size=1)}),
                st.fixed_dictionaries({"suffix": AFFIX}),
                st.fixed_dictionaries({"equals-ignore-case": st.lists(TEXTS, min_size=1)}),
                st.fixed_dictionaries({"wildcard": st.sampled_from(["a*", "*b*"])}),
            )
        }
    ),
)
LEAVES = st.lists(SCALARS | OPERATORS, min_size=1, max_size=3)
PATTERNS = st.recursive(
    st.dictionaries(KEYS, LEAVES, min_size=1, max_size=3),
    lambda inner: (
        st.dictionaries(KEYS, inner | LEAVES, min_size=1, max_size=3)
        | st.lists(inner, min_size=2, max_size=3).map(lambda choices: {"$or": choices})
    ),
    max_leaves=5,
)


@given(PATTERNS, EVENTS_)
def test_compiled_and_plain_agree(pattern: dict[str, Any], event: dict[str, Any]) -> None:
    assert matches(pattern, event) is reference.holds(pattern, event)


@given(st.text(alphabet="ab", max_size=12), st.lists(st.text(alphabet="ab", max_size=3), max_size=4))
def test_wildcards_agree_with_regular_expressions(text: str, pieces: list[str]) -> None:
    wildcard = "*".join(piece for piece in pieces if piece)
    assert matches({"k": [{"wildcard": wildcard}]}, {"k": text}) is reference.holds(
        {"k": [{"wildcard": wildcard}]}, {"k": text}
    )


@given(st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS | KEYS, inner), max_leaves=10))
def test_whatever_json_is_given_is_compiled_or_refused(document: Any) -> None:
    for dialect in (EVENTS, SNS_ATTRIBUTES, SNS_BODY):
        with suppress(InvalidPattern):
            assert compile_pattern(document, dialect).matches({}) in {True, False}
