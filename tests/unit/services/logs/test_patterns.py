from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambent.services.logs.patterns import InvalidPatternError, compile_pattern

# The examples of AWS's user guide, "Filter pattern syntax".
TRAIL = json.dumps(
    {
        "eventType": "UpdateTrail",
        "sourceIPAddress": "111.111.111.111",
        "arrayKey": ["value", "another value"],
        "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
        "SomeObject": None,
        "cluster.name": "c",
        "flag": True,
        "latency": 55.5,
        "big": 12345678901234567,
        "text": '400"\\',
    }
)
PEOPLE = json.dumps(
    {
        "user": {"id": 1, "email": "John.Stiles@example.com"},
        "users": [{"id": 2, "email": "John.Doe@example.com"}, {"id": 3, "email": "Jane.Doe@example.com"}],
        "actions": ["GET", "PUT", "DELETE"],
        "coordinates": [[0, 1, 2], [4, 5, 6], [7, 8, 9]],
    }
)
REQUEST = '127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534'
ERROR = "ERROR 09/25/2014 12:00:02 Failed to process request"


def matches(pattern: str, event: str) -> bool:
    return compile_pattern(pattern).matches(event)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("{", "If a filter pattern starts with '{' it must end with '}'"),
        ("{ $.a = 1", "If a filter pattern starts with '{' it must end with '}'"),
        ("[a, b", "If a filter pattern starts with '[' it must end with ']'"),
        ("me@example.com", "Invalid character(s) in term 'me@example.com'"),
        ("{ $.a = “x” }", "Invalid character(s) in term '“x”'"),
        ("%something!%", "Invalid character(s) in term '%something!%'"),
        ("%a(b)%", "Invalid character(s) in term '%a(b)%'"),
        ("%é%", "Invalid character(s) in term '%é%'"),
        (r"%\bword%", r"Invalid character(s) in term '%\bword%'"),
        *[
            (pattern, "Invalid filter pattern")
            for pattern in (
                '"no end',
                '"a""b"',
                "-",
                "?",
                "%no end",
                "%[a%",
                "%a% %b% %c%",
                "{}",
                "{ $ = 1 }",
                "{ $.a }",
                "{ $.a = }",
                "{ $.a < text }",
                '{ $.a < "1" }',
                "{ $.a > %1% }",
                "{ $.a EXISTS }",
                "{ $.a IS NOT NULL }",
                "{ $.a IS NOTHING }",
                "{ $.a NOT NULL }",
                "{ $.a = 1 && }",
                "{ $.a = 1 & $.b = 2 }",
                "{ ($.a = 1 }",
                "{ $.a = 1) }",
                "{ $.a = 1 $.b = 2 }",
                '{ $.["a"] = 1 }',
                "{ $.*.b.* = 1 }",
                "{ $.*=1 && $.a[*]=1 && $.b[*]=1 && $.c[*]=1 }",
                "{ " + "(" * 400 + "$.a = 1" + ")" * 400 + " }",
                "[..., a, ...]",
                "[a = 1 && b = 2]",
                "[a b]",
                "[a = 1 2]",
            )
        ],
    ],
)
def test_a_pattern_that_cannot_be_read_says_so(pattern: str, text: str) -> None:
    with pytest.raises(InvalidPatternError) as problem:
        compile_pattern(pattern)
    assert str(problem.value) == text


@pytest.mark.parametrize(
    ("pattern", "event", "expected"),
    [
        ("", "anything", True),
        (" ", "anything", True),
        ('" "', "anything", True),
        ('""', "", True),
        ("ERROR", "[ERROR 401] UNAUTHORIZED REQUEST", True),
        ("ERROR", "Exiting with ERRORCODE: -1", True),
        ("ERROR", "error", False),
        ("ERROR ARGUMENTS", "[ERROR 419] MISSING ARGUMENTS", True),
        ("ERROR ARGUMENTS", "[ERROR 400] BAD REQUEST", False),
        ("?ERROR ?ARGUMENTS", "MISSING ARGUMENTS", True),
        ("?ERROR ?ARGUMENTS", "FINE", False),
        ("?ERROR ?ARGUMENTS REQUEST", "[INFO] REQUEST FAILED", True),
        ("?ERROR ?ARGUMENTS REQUEST", "[ERROR] 400", False),
        ('"INTERNAL SERVER ERROR"', "[ERROR 500] INTERNAL SERVER ERROR", True),
        ('"INTERNAL SERVER ERROR"', "INTERNAL ERROR SERVER", False),
        (r'"say \"no\" \\"', r'say "no" \ x', True),
        ("ERROR -ARGUMENTS", "[ERROR 400] BAD REQUEST", True),
        ("ERROR -ARGUMENTS", "[ERROR 419] MISSING ARGUMENTS", False),
        ('"ERROR" - "Exiting"', "Exiting with ERRORCODE: -1", False),
        ("-ERROR", "fine", True),
        ("-ERROR", "ERROR", False),
        ("%AUTHORIZED%", "[ERROR 401] UNAUTHORIZED REQUEST", True),
        ("ERROR -%4[0-9]+%", "[ERROR 404]", False),
        (r"%10\.10\.0\.1%", "10010,0.1", False),
        (r"%\x28[ab]{1,2}\x29$%", "x(ab)", True),
        ("%^starting|^shutting down%", "shutting down ...", True),
        ("%^starting|^shutting down%", "not starting", False),
        ("größe", "Die größer ist", True),
    ],
)
def test_terms(pattern: str, event: str, expected: bool) -> None:
    assert matches(pattern, event) is expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ('{ $.eventType = "UpdateTrail" }', True),
        ("{$.eventType=UpdateTrail}", True),
        ('{ $.eventType = "updatetrail" }', False),
        ("{ $.sourceIPAddress != 123.123.* }", True),
        ("{ $.sourceIPAddress != 111.111.* }", False),
        ('{ $.eventType = "*Trail" }', True),
        ('{ $.eventType = "Update*" }', True),
        ('{ $.eventType = "*ateT*" }', True),
        ('{ $.eventType = "Upd*rail" }', False),
        ('{ $.arrayKey[0] = "value" }', True),
        ('{ $.arrayKey[9] = "value" }', False),
        ("{ $.eventType = %Trail% }", True),
        ("{ $.eventType != %Trail% }", False),
        ("{ $.arrayKey[*] = %val.{2}% }", True),
        (r"{ $.* = %111\.111\.111\.1[0-9]{1,2}% }", True),
        ("{ $.['cluster.name'] = \"c\" }", True),
        ("{ $.SomeObject IS NULL }", True),
        ("{ $.eventType IS NULL }", False),
        ("{ $.flag IS TRUE }", True),
        ("{ $.flag is false }", False),
        ("{ $.SomeOtherObject NOT EXISTS }", True),
        ("{ $.SomeObject NOT EXISTS }", False),
        ("{ $.objectList[1].id = 2 }", True),
        ("{ $.objectList[*].id = 2 }", True),
        ("{ $.objectList[*].id = 3 }", False),
        ("{ $.arrayKey = * }", False),
        ("{ $.arrayKey != x }", False),
        ("{ $.nobody = * }", False),
        ("{ $.nobody != x }", False),
        ("{ $.latency = * }", True),
        ("{ $.latency >= 55.5 }", True),
        ("{ $.latency < 5.55e1 }", False),
        ("{ $.latency > +55 && $.latency <= 56 }", True),
        ("{ $.latency = 55* }", True),
        ("{ $.big = 12345678901234567 }", True),
        ("{ $.big = 12345678901234568 }", False),
        ("{ $.eventType > 1 }", False),
        (r'{ $.text = "400\"\\" }', True),
        ("{ $.text = 400 }", False),
    ],
)
def test_json(pattern: str, expected: bool) -> None:
    assert matches(pattern, TRAIL) is expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ('{ ($.user.id = 1) && ($.users[0].email = "John.Doe@example.com") }', True),
        (
            '{ $.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = "no" && $.actions[2] = "no" }',
            True,
        ),
        (
            '{ ($.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = "no") && $.actions[2] = "no" }',
            False,
        ),
        ('{ ($.user.id = 2 && $.users[0].email = "no") || $.actions[2] = "GET" }', False),
        ("{ $.coordinates[2][1] = 8 }", True),
    ],
)
def test_compound_expressions(pattern: str, expected: bool) -> None:
    assert matches(pattern, PEOPLE) is expected


@pytest.mark.parametrize("event", ["", "text", '"text"', "1", "{", "[" * 5000, '{"a": NaN}'])
def test_what_is_no_json_document_matches_no_json_pattern(event: str) -> None:
    assert not matches("{ $.a NOT EXISTS }", event)


@pytest.mark.parametrize(
    ("pattern", "event", "expected"),
    [
        (
            r"[ip=%127\.0\.0\.[1-9]%, user, username, timestamp, request =*.html*, status_code = 4*, bytes]",
            REQUEST,
            True,
        ),
        ("[..., request =*.html*, status_code = 4*, bytes]", REQUEST, True),
        ("[..., request=*.html*, status_code=4*,]", REQUEST, True),
        ("[ip, ..., bytes > 1534]", REQUEST, False),
        ("[ip, ..., bytes >= 1534]", REQUEST, True),
        ("[ip, user, ...]", REQUEST, True),
        ("[ip, user, username, timestamp, request, status_code = 404 || status_code = 410, bytes]", REQUEST, True),
        ("[ip, user, username, timestamp, request, status = 4* && status != 404, bytes]", REQUEST, False),
        ("[a, b, c, d, e, f, g, h]", REQUEST, False),
        ("[..., =1534]", REQUEST, True),
        ("[w1=ERROR, w2]", ERROR, True),
        ("[w1=ERROR || w1=WARNING, w2]", ERROR, True),
        ("[w1!=ERROR && w1!=WARNING, w2]", ERROR, False),
        ("[w1=ERROR, w2]", "ERROR", False),
        ('[w1, rest="*to process*"]', ERROR, True),
        ("[level, rest]", "[no end of brackets", True),
        ("[status > 5]", "high", False),
    ],
)
def test_space_delimited_fields(pattern: str, event: str, expected: bool) -> None:
    assert matches(pattern, event) is expected


def test_fields_are_extracted_by_name_and_number() -> None:
    assert compile_pattern("[..., request=*.html*, status_code=4*,]").extract(REQUEST) == {
        "$1": "127.0.0.1",
        "$2": "Prod",
        "$3": "frank",
        "$4": "10/Oct/2000:13:25:15 -0700",
        "$request": "GET /index.html HTTP/1.0",
        "$status_code": "404",
        "$7": "1534",
    }
    assert compile_pattern("[level, rest]").extract("WARN  low [on] memory\n") == {
        "$level": "WARN",
        "$rest": "low [on] memory",
    }
    assert compile_pattern("[a, b]").extract("one") == {}
    assert compile_pattern("ERROR").extract("ERROR") == {}


def test_time_grows_with_the_length_of_an_event_only() -> None:
    pattern = compile_pattern("[..., a=1]")
    began = time.perf_counter()
    for opening in ('[ "', "[ ", '" '):
        pattern.matches(opening * 200_000)
    assert time.perf_counter() - began < 10


# --- properties

LINES = st.text(alphabet='ab1 "[]%-?{}$.=', max_size=20)


@given(st.text(alphabet='ab1 "[]%-?{}$.=&|()<>*!,\\éN', max_size=25) | st.text(max_size=10), LINES)
def test_whatever_comes_as_a_pattern_is_compiled_or_refused(pattern: str, event: str) -> None:
    try:
        compiled = compile_pattern(pattern)
    except InvalidPatternError:
        return
    fields = compiled.extract(event)
    if pattern.strip().startswith("[") and compiled.matches(event):
        assert fields


@given(
    st.lists(st.text("abc", min_size=1, max_size=3), max_size=3),
    st.lists(st.text("abc", min_size=1), max_size=2),
    LINES,
)
def test_terms_are_there_and_excluded_ones_are_not(needed: list[str], excluded: list[str], event: str) -> None:
    pattern = " ".join([*needed, *(f'-"{term}"' for term in excluded)])
    expected = all(term in event for term in needed) and not any(term in event for term in excluded)
    assert matches(pattern, event) is expected


@given(st.text("abc", max_size=4), st.text("abc", max_size=4), st.sampled_from(["", "*"]), st.sampled_from(["", "*"]))
def test_asterisks_at_both_ends_stand_for_anything(wanted: str, value: str, before: str, behind: str) -> None:
    expected = {
        ("", ""): value == wanted,
        ("*", ""): value.endswith(wanted),
        ("", "*"): value.startswith(wanted),
        ("*", "*"): wanted in value,
    }[before, behind]
    assert matches(f'{{ $.a = "{before}{wanted}{behind}" }}', json.dumps({"a": value})) is expected
    assert matches(f'{{ $.a != "{before}{wanted}{behind}" }}', json.dumps({"a": value})) is not expected


@given(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9))
def test_numbers_are_compared_as_numbers(value: int, other: int) -> None:
    event, field = json.dumps({"a": value}), str(value)
    expected = {
        "=": value == other,
        "!=": value != other,
        "<": value < other,
        "<=": value <= other,
        ">": value > other,
        ">=": value >= other,
    }
    for sign, holds in expected.items():
        assert matches(f"{{ $.a {sign} {other} }}", event) is holds
        assert matches(f"[a {sign} {other}]", field) is holds


CONDITIONS: Any = st.recursive(
    st.tuples(st.sampled_from("abcd"), st.booleans()),
    lambda inner: st.tuples(st.sampled_from(["&&", "||"]), inner, inner),
    max_leaves=8,
)


@given(CONDITIONS)
def test_and_binds_stronger_than_or_and_parentheses_than_both(condition: Any) -> None:
    facts = {"a": True, "b": True, "c": False, "d": False}

    def written(node: Any) -> str:
        if len(node) == 2:
            name, wanted = node
            return f"$.{name} IS {str(wanted).upper()}"
        sign, left, right = node
        # Only what needs parentheses gets them, so that precedence itself is tried.
        sides = [f"({written(side)})" if sign == "&&" and side[0] == "||" else written(side) for side in (left, right)]
        return f" {sign} ".join(sides)

    def true(node: Any) -> bool:
        if len(node) == 2:
            return facts[node[0]] is node[1]
        sign, left, right = node
        return true(left) and true(right) if sign == "&&" else true(left) or true(right)

    assert matches(f"{{ {written(condition)} }}", json.dumps(facts)) is true(condition)


@given(st.lists(st.text("ab:/1", min_size=1, max_size=4), min_size=1, max_size=6), st.integers(1, 6))
def test_an_event_has_the_fields_of_a_pattern_or_more(words: list[str], count: int) -> None:
    pattern = compile_pattern(f"[{', '.join(f'f{number}' for number in range(count))}]")
    event = " ".join(words)
    assert pattern.matches(event) is (len(words) >= count)
    if len(words) >= count:
        assert list(pattern.extract(event).values()) == [*words[: count - 1], " ".join(words[count - 1 :])]
