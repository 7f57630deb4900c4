"""Values as Java prints them."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambent.wire.constraints_values import java_double, member_name, printed
from lambent.wire.model import load_service
from unit.wire.small_model import operation_of

THING = operation_of(
    {
        "Name": {"type": "string"},
        "Data": {"type": "blob"},
        "On": {"type": "boolean"},
        "Rate": {"type": "double"},
        "Count": {"type": "integer"},
        "When": {"type": "timestamp"},
        "Tags": {"type": "map", "key": {"type": "string"}, "value": {"type": "string"}},
        "Parts": {"type": "list", "member": {"shape": "Part"}},
    },
    {"Part": {"type": "structure", "members": {"PartNumber": {"type": "integer"}}}},
).input_shape


@pytest.mark.parametrize(
    ("member", "value", "text"),
    [
        ("Name", "a 'quoted' é", "a 'quoted' é"),
        ("Name", None, "null"),
        ("Data", b"abc", "java.nio.HeapByteBuffer[pos=0 lim=3 cap=3]"),
        ("On", True, "true"),
        ("On", False, "false"),
        ("Rate", 2, "2.0"),
        ("Count", -7, "-7"),
        ("When", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "Fri Jan 02 03:04:05 UTC 2026"),
        ("Tags", {"a": "1", "b": None}, "{a=1, b=null}"),
        ("Tags", {}, "{}"),
        ("Parts", [], "[]"),
        ("Parts", [{"PartNumber": 1}, None, {}], "[Part(partNumber=1), null, Part(partNumber=null)]"),
    ],
)
def test_a_value_looks_as_java_writes_it(member: str, value: Any, text: str) -> None:
    assert printed(value, THING.members[member]) == text


def test_a_structure_shows_every_member_by_its_beans_name() -> None:
    assert printed({"Name": "x", "On": True, "Parts": [{}]}, THING) == (
        "Thing(name=x, data=null, on=true, rate=null, count=null, when=null, tags=null, parts=[Part(partNumber=null)])"
    )


def test_what_a_model_calls_sensitive_is_not_shown() -> None:
    operation = load_service("lambda").operation("CreateFunction")
    assert operation is not None
    environment = operation.input_shape.members["Environment"]
    shown = printed({"Variables": {"PASSWORD": "secret"}}, environment)
    assert "secret" not in shown
    assert shown == "Environment(variables=*** Sensitive Data Redacted ***)"


def test_a_long_list_and_a_large_map_are_cut() -> None:
    assert printed([{}] * 1001, THING.members["Parts"]).endswith("(partNumber=null), ...]")
    assert printed({str(number): "" for number in range(1001)}, THING.members["Tags"]).endswith(", 999=, ...}")
    assert "..." not in printed([{}] * 1000, THING.members["Parts"])


def test_a_value_as_deep_as_requests_can_be_is_printed() -> None:
    operation = load_service("dynamodb").operation("PutItem")
    assert operation is not None
    value: dict[str, Any] = {"S": "bottom"}
    for _ in range(50):
        value = {"L": [{"M": {"k": value}}]}
    shown = printed({"item": value}, operation.input_shape.members["Item"])
    assert shown.count("AttributeValue(") == 101
    assert "s=bottom" in shown


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (1.0, "1.0"),
        (-1.5, "-1.5"),
        (0.1, "0.1"),
        (0.001, "0.001"),
        (0.0001, "1.0E-4"),
        (0.00012345, "1.2345E-4"),
        (9_999_999.0, "9999999.0"),
        (1e7, "1.0E7"),
        (12_345_678.9, "1.23456789E7"),
        (-2.5e-30, "-2.5E-30"),
        (1.7976931348623157e308, "1.7976931348623157E308"),
        (5e-324, "5.0E-324"),
        (math.inf, "Infinity"),
        (-math.inf, "-Infinity"),
        (math.nan, "NaN"),
    ],
)
def test_a_double_looks_as_java_writes_it(number: float, text: str) -> None:
    assert java_double(number) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_printed_double_is_the_same_number(number: float) -> None:
    assert float(java_double(number)) == number


def test_members_are_named_as_beans_name_them() -> None:
    assert [member_name(name) for name in ("FunctionName", "KMSKeyArn", "tags", "")] == [
        "functionName",
        "kMSKeyArn",
        "tags",
        "",
    ]
