from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote_plus

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambent.services.lambda_.urls.event import Caller, event_of
from unit.services.lambda_.urls.requests import HOST, ID, request

TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0"
NOW_MS = 1_583_348_638_390
JSON = [("content-type", "application/json")]
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def event(body: bytes = b"", caller: Caller | None = None, **parts: Any) -> dict[str, Any]:
    made: dict[str, Any] = orjson.loads(event_of(request(**parts), body, caller=caller, now_ms=NOW_MS, trace=TRACE))
    return made


def test_an_event_is_of_payload_format_2() -> None:
    headers = [("user-agent", "agent"), ("extra-headers", "With WeiRd CapS"), *JSON]
    made = event(b'{"foo": "bar"}', method="POST", path="/pa2%Fth/1", query="q=query&a=1&a=%2Fb", headers=headers)
    assert made == {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/pa2%Fth/1",
        "rawQueryString": "q=query&a=1&a=%2Fb",
        "headers": {
            "host": HOST,
            "user-agent": "agent",
            "extra-headers": "With WeiRd CapS",
            "content-type": "application/json",
            "x-amzn-trace-id": "Root=1-5759e988-bd862e3fe1be46a994272793",
            "x-forwarded-for": "127.0.0.1",
            "x-forwarded-port": "4566",
            "x-forwarded-proto": "http",
        },
        "queryStringParameters": {"q": "query", "a": "1,/b"},
        "requestContext": {
            "accountId": "anonymous",
            "apiId": ID,
            "domainName": HOST.partition(":")[0],
            "domainPrefix": ID,
            "http": {
                "method": "POST",
                "path": "/pa2%Fth/1",
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "agent",
            },
            "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            "routeKey": "$default",
            "stage": "$default",
            "time": "04/Mar/2020:19:03:58 +0000",
            "timeEpoch": NOW_MS,
        },
        "body": '{"foo": "bar"}',
        "isBase64Encoded": False,
    }


def test_what_a_request_does_not_have_its_event_has_not_either() -> None:
    made = event()
    assert made.keys().isdisjoint({"cookies", "queryStringParameters", "body"})
    assert (made["rawQueryString"], made["isBase64Encoded"]) == ("", False)
    assert "userAgent" not in made["requestContext"]["http"]
    assert "authorizer" not in made["requestContext"]


@pytest.mark.parametrize("kind", ["text/plain; charset=utf-8", "APPLICATION/JSON", "application/problem+json"])
def test_a_body_that_is_said_to_be_text_arrives_as_text(kind: str) -> None:
    made = event("gr\u00fcn".encode(), headers=[("content-type", kind)])
    assert (made["body"], made["isBase64Encoded"]) == ("gr\u00fcn", False)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"a=b", [("content-type", "application/x-www-form-urlencoded")]),
        (b"--x--", [("content-type", "multipart/form-data; boundary=x")]),
        (b"text", []),
        (b"\xff", [("content-type", "text/plain")]),
        (b"packed", [("content-type", "text/plain"), ("content-encoding", "gzip")]),
    ],
)
def test_every_other_body_arrives_in_base64(body: bytes, headers: list[tuple[str, str]]) -> None:
    made = event(body, headers=headers)
    assert (base64.b64decode(made["body"]), made["isBase64Encoded"]) == (body, True)


def test_cookies_are_a_list_and_no_header() -> None:
    made = event(headers=[("cookie", "a=1; b=2;"), ("cookie", "c=3")])
    assert made["cookies"] == ["a=1", "b=2", "c=3"]
    assert "cookie" not in made["headers"]


def test_repeated_headers_are_joined_and_those_of_the_connection_left_out() -> None:
    headers = [("accept", "a"), ("accept", "b"), ("connection", "keep-alive"), ("transfer-encoding", "chunked")]
    shown = event(headers=headers)["headers"]
    assert shown["accept"] == "a,b"
    assert shown.keys().isdisjoint({"connection", "transfer-encoding"})


def test_a_proxy_before_us_is_named_before_who_connected() -> None:
    shown = event(headers=[("x-forwarded-for", "192.0.2.1")])["headers"]
    assert shown["x-forwarded-for"] == "192.0.2.1, 127.0.0.1"


@pytest.mark.parametrize(
    ("host", "domain", "port"), [("a.example", "a.example", "80"), ("[::1]:9", "[::1]", "9"), ("", "", "80")]
)
def test_the_domain_is_the_host_without_its_port(host: str, domain: str, port: str) -> None:
    made = event(host=host)
    assert made["requestContext"]["domainName"] == domain
    assert made["headers"]["x-forwarded-port"] == port


def test_who_signed_stands_in_the_context() -> None:
    caller = Caller("111122223333", "AKIAIOSFODNN7EXAMPLE", "AIDACKCEVSQ6C2EXAMPLE", "arn:aws:iam::111122223333:user/u")
    context = event(caller=caller)["requestContext"]
    assert context["accountId"] == "111122223333"
    assert context["authorizer"]["iam"] == {
        "accessKey": caller.access_key,
        "accountId": caller.account,
        "callerId": caller.user_id,
        "cognitoIdentity": None,
        "principalOrgId": None,
        "userArn": caller.arn,
        "userId": caller.user_id,
    }


@given(st.lists(st.tuples(text, text), max_size=6))
def test_any_query_is_kept_raw_and_decoded_beside_it(pairs: list[tuple[str, str]]) -> None:
    query = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs)
    made = event(query=query)
    wanted: dict[str, list[str]] = {}
    for name, value in pairs:
        wanted.setdefault(name, []).append(value)
    assert made["rawQueryString"] == query
    assert made.get("queryStringParameters", {}) == {name: ",".join(values) for name, values in wanted.items()}


@given(st.binary(max_size=40), st.sampled_from(["", "text/plain", "application/json", "image/png"]))
def test_any_body_can_be_had_back(body: bytes, kind: str) -> None:
    made = event(body, headers=[("content-type", kind)])
    sent = made.get("body", "")
    assert (base64.b64decode(sent) if made["isBase64Encoded"] else sent.encode()) == body


@given(
    st.text(st.characters(max_codepoint=255), max_size=30),
    st.text(st.characters(max_codepoint=255), max_size=30),
    st.lists(st.tuples(st.text(st.characters(max_codepoint=255)), st.text(st.characters(max_codepoint=255)))),
)
def test_any_bytes_make_an_event(path: str, query: str, headers: list[tuple[str, str]]) -> None:
    made = event(path=path, query=query, headers=headers)
    assert (made["rawPath"], made["rawQueryString"]) == (path, query)
