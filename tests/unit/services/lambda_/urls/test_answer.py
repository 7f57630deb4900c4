from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambent.errors import AwsError
from lambent.services.lambda_.urls.answer import answer_of, failed, refused

text = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
)


def answered(value: Any) -> tuple[int, dict[str, str], bytes]:
    response = answer_of(json.dumps(value).encode())
    assert isinstance(response.body, bytes)
    return response.status, {name.decode(): text.decode("latin-1") for name, text in response.headers}, response.body


@pytest.mark.parametrize(
    "value",
    [
        {"statusCode": "nothing"},
        {"statusCode": None},
        {"statusCode": True},
        {"statusCode": 100},
        {"statusCode": 600},
        {"statusCode": 200.5},
        {"statusCode": 200, "headers": ["a"]},
        {"statusCode": 200, "headers": {"a": {"b": 1}}},
        {"statusCode": 200, "headers": {"a": "split\r\nheader: x"}},
        {"statusCode": 200, "headers": {"not a name": "x"}},
        {"statusCode": 200, "headers": {"": "x"}},
        {"statusCode": 200, "cookies": "a=1"},
        {"statusCode": 200, "cookies": [{"a": 1}]},
        {"statusCode": 200, "body": {"a": 1}},
        {"statusCode": 200, "body": "not base64!", "isBase64Encoded": True},
    ],
)
def test_what_cannot_be_a_response_is_an_error_that_tells_nothing(value: Any) -> None:
    status, headers, body = answered(value)
    assert (status, headers, body) == (502, {"content-type": "application/json"}, b"Internal Server Error")


@pytest.mark.parametrize(
    ("payload", "body"),
    [
        (b'{"hello":"world"}', b'{"hello":"world"}'),
        (b'"hello"', b"hello"),
        (b'"gr\\u00fcn \\"x\\""', 'gr\u00fcn "x"'.encode()),
        (b"3", b"3"),
        (b"3.1", b"3.1"),
        (b"true", b"true"),
        (b"null", b"null"),
        (b'["hello",3,true]', b'["hello",3,true]'),
        (b'{"a": NaN}', b'{"a": NaN}'),
        (b"", b""),
    ],
)
def test_what_describes_no_response_is_the_body_of_one(payload: bytes, body: bytes) -> None:
    response = answer_of(payload)
    assert (response.status, response.headers, response.body) == (200, [(b"content-type", b"application/json")], body)


def test_a_description_becomes_the_response_it_describes() -> None:
    response = answer_of(
        json.dumps(
            {
                "statusCode": 201,
                "headers": {"Content-Type": "text/html", "X-Number": 5, "X-Truth": True, "X-None": None},
                "cookies": ["a=1; Secure", "b=2"],
                "body": "<p>gr\u00fcn",
            }
        ).encode()
    )
    assert response.status == 201
    assert response.headers == [
        (b"content-type", b"text/html"),
        (b"x-number", b"5"),
        (b"x-truth", b"true"),
        (b"set-cookie", b"a=1; Secure"),
        (b"set-cookie", b"b=2"),
    ]
    assert response.body == "<p>gr\u00fcn".encode()


def test_a_status_may_be_a_text_of_digits() -> None:
    assert answered({"statusCode": "404", "body": "x"})[::2] == (404, b"x")


def test_a_body_in_base64_is_bytes() -> None:
    encoded = base64.b64encode(b"\x00\xff").decode()
    assert answered({"statusCode": 200, "body": encoded, "isBase64Encoded": True})[2] == b"\x00\xff"


@pytest.mark.parametrize("status", [204, 304])
def test_some_answers_have_no_body(status: int) -> None:
    assert answered({"statusCode": status, "body": "x"})[::2] == (status, b"")


def test_a_function_does_not_speak_for_the_connection() -> None:
    told = {"Content-Length": "1", "Transfer-Encoding": "chunked", "Connection": "close", "Date": "today", "x-own": "1"}
    assert answered({"statusCode": 200, "headers": told})[1] == {"x-own": "1", "content-type": "application/json"}


def test_a_failure_tells_nothing() -> None:
    assert failed().body == b"Internal Server Error"


@pytest.mark.parametrize(
    ("refusal", "status", "body"),
    [
        (AwsError("AccessDeniedException", None, status=403), 403, {"Message": None}),
        (
            AwsError("TooManyRequestsException", "Rate Exceeded.", status=429, fields={"Type": "User", "Reason": "r"}),
            429,
            {"Reason": "r", "Type": "User", "message": "Rate Exceeded."},
        ),
    ],
)
def test_a_refusal_has_the_form_of_the_apis_errors(refusal: AwsError, status: int, body: dict[str, Any]) -> None:
    response = refused(refusal)
    assert isinstance(response.body, bytes)
    assert (response.status, json.loads(response.body)) == (status, body)
    assert (b"x-amzn-errortype", refusal.code.encode()) in response.headers


@given(values)
def test_any_value_is_answered(value: Any) -> None:
    status, _, body = answered(value)
    assert status == 200
    assert body == (value.encode() if isinstance(value, str) else json.dumps(value).encode())


@given(st.fixed_dictionaries({"statusCode": values}, optional={"headers": values, "cookies": values, "body": values}))
def test_any_description_is_answered_with_headers_that_can_be_sent(value: dict[str, Any]) -> None:
    response = answer_of(json.dumps(value).encode())
    assert 200 <= response.status <= 599
    assert isinstance(response.body, bytes)
    for name, told in response.headers:
        assert name.isascii()
        assert name
        assert not {b"\r", b"\n", b"\0"} & {bytes([byte]) for byte in name + told}


@given(st.binary(max_size=40))
def test_any_bytes_of_a_runtime_are_answered(payload: bytes) -> None:
    assert answer_of(payload).status in {200, 502}
