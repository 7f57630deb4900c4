from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambent.edge import EdgeResponse
from lambent.errors import AwsError
from lambent.services.lambda_.urls import cors

ORIGIN = "https://www.example.com"
ASKED = {"origin": ORIGIN, "access-control-request-method": "PUT", "access-control-request-headers": "x-a"}


def encoded(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in headers.items()]


def preflight(settings: dict[str, Any], **changed: str) -> dict[str, str]:
    asked = {name: value for name, value in (ASKED | changed).items() if value}
    return told(cors.preflight_answer(settings, encoded(asked)))


def told(response: EdgeResponse) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in response.headers}


@pytest.mark.parametrize("values", [["x\r\ny"], ["gr\u00fcn"], ["\0"]])
def test_settings_that_cannot_stand_in_a_header_are_refused(values: list[str]) -> None:
    with pytest.raises(AwsError, match=r"'cors\.AllowHeaders' cannot stand in an HTTP header"):
        cors.check({"AllowHeaders": values})


@pytest.mark.parametrize(
    ("settings", "method", "headers"),
    [
        (None, "OPTIONS", ASKED),
        ({}, "GET", ASKED),
        ({}, "OPTIONS", {"origin": ORIGIN}),
        ({}, "OPTIONS", {"access-control-request-method": "PUT"}),
    ],
)
def test_everything_else_is_for_the_function(
    settings: dict[str, Any] | None, method: str, headers: dict[str, str]
) -> None:
    assert not cors.preflight(settings, method, encoded(headers))


def test_a_preflight_is_known_by_its_headers() -> None:
    assert cors.preflight({"AllowOrigins": ["*"]}, "OPTIONS", encoded(ASKED))


def test_a_strange_origin_is_told_nothing() -> None:
    assert preflight({"AllowOrigins": ["https://other"], "AllowMethods": ["*"], "MaxAge": 5}) == {}
    assert preflight({}) == {}


def test_everybody_is_told_what_is_allowed() -> None:
    settings = {"AllowOrigins": ["*"], "AllowMethods": ["GET", "PUT"], "AllowHeaders": ["*"], "MaxAge": 0}
    assert preflight(settings) == {
        "access-control-allow-origin": "*",
        "access-control-allow-methods": "GET,PUT",
        "access-control-allow-headers": "*",
        "access-control-max-age": "0",
    }


def test_with_credentials_nothing_is_said_with_a_star() -> None:
    settings = {"AllowOrigins": ["*"], "AllowMethods": ["*"], "AllowHeaders": ["*"], "AllowCredentials": True}
    assert preflight(settings) == {
        "access-control-allow-origin": ORIGIN,
        "access-control-allow-credentials": "true",
        "vary": "Origin",
        "access-control-allow-methods": "PUT",
        "access-control-allow-headers": "x-a",
    }


def test_an_answer_carries_the_configured_headers_in_the_place_of_the_functions() -> None:
    own = encoded(
        {"access-control-allow-origin": "*", "access-control-allow-methods": "DELETE", "x-own": "1", "vary": "Accept"}
    )
    settings = {"AllowOrigins": [ORIGIN], "ExposeHeaders": ["x-own", "date"], "AllowMethods": ["GET"]}
    response = cors.applied(settings, encoded({"origin": ORIGIN}), EdgeResponse(200, own, b"body"))
    assert response.headers == [
        (b"x-own", b"1"),
        (b"vary", b"Accept"),
        (b"access-control-allow-origin", ORIGIN.encode()),
        (b"vary", b"Origin"),
        (b"access-control-expose-headers", b"x-own,date"),
    ]
    assert response.body == b"body"


@pytest.mark.parametrize("headers", [{}, {"origin": "https://strange"}])
def test_an_answer_to_anybody_else_says_nothing_of_origins(headers: dict[str, str]) -> None:
    own = encoded({"access-control-allow-origin": "*"})
    response = cors.applied({"AllowOrigins": [ORIGIN]}, encoded(headers), EdgeResponse(200, own, b""))
    assert response.headers == []


def test_without_settings_the_functions_headers_stand() -> None:
    own = EdgeResponse(200, encoded({"access-control-allow-origin": "*"}), b"")
    assert cors.applied(None, encoded({"origin": ORIGIN}), own) is own


@pytest.mark.parametrize(
    ("allowed", "origin", "matches"),
    [
        ("https://*", "https://a.b", True),
        ("https://*", "http://a.b", False),
        ("https://*.example.com", "https://a.example.com", True),
        ("https://*.example.com", "https://.example.co", False),
        ("HTTPS://A", "https://a", True),
        ("https://a", "https://a.b", False),
    ],
)
def test_origins_match_as_they_are_or_with_one_star(allowed: str, origin: str, matches: bool) -> None:
    assert (preflight({"AllowOrigins": [allowed]}, origin=origin) != {}) is matches


@given(st.lists(st.text(max_size=8), max_size=3), st.text(st.characters(max_codepoint=255), min_size=1, max_size=12))
def test_only_an_origin_that_is_listed_is_ever_allowed(allowed: list[str], origin: str) -> None:
    listed = [one.replace("*", "x") for one in allowed]
    answer = cors.preflight_answer({"AllowOrigins": listed}, [(b"origin", origin.encode("latin-1"))])
    assert bool(answer.headers) == (origin.lower() in [one.lower() for one in listed])
