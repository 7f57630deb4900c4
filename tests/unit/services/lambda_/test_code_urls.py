from __future__ import annotations

import asyncio
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambent.clock import VirtualClock
from lambent.services.lambda_.code_urls import LIFETIME_S, PATH, CodeUrls

BLOB = "ab" * 32


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def urls(clock: VirtualClock) -> CodeUrls:
    return CodeUrls(clock)


def signed(urls: CodeUrls, blob: str = BLOB) -> dict[str, str]:
    """The query of a link."""
    return dict(parse_qsl(urlsplit(urls.sign("http://localhost:4566", blob)).query))


@pytest.mark.parametrize(
    "query", [{}, {"Expires": "99999999999"}, {"Signature": "00"}, {"Expires": "é", "Signature": "é"}]
)
def test_what_nobody_signed_is_not_allowed(urls: CodeUrls, query: dict[str, str]) -> None:
    assert not urls.allows(BLOB, query)


@given(name=st.sampled_from(["Expires", "Signature"]), place=st.integers(0, 63), character=st.characters(codec="utf-8"))
def test_a_link_that_was_changed_is_not_allowed(name: str, place: int, character: str) -> None:
    urls = CodeUrls(VirtualClock())
    query = signed(urls)
    value = query[name]
    place %= len(value)
    changed = value[:place] + character + value[place + 1 :]
    assert urls.allows(BLOB, query | {name: changed}) == (changed == value)


def test_a_link_is_good_for_its_blob_only(urls: CodeUrls) -> None:
    assert not urls.allows("cd" * 32, signed(urls))


def test_a_link_of_an_earlier_start_is_not_allowed(clock: VirtualClock) -> None:
    assert not CodeUrls(clock).allows(BLOB, signed(CodeUrls(clock)))


def test_a_link_is_good_for_ten_minutes(urls: CodeUrls, clock: VirtualClock) -> None:
    query = signed(urls)
    asyncio.run(clock.advance(LIFETIME_S))
    assert urls.allows(BLOB, query)
    asyncio.run(clock.advance(0.1))
    assert not urls.allows(BLOB, query)


def test_a_link_leads_to_the_server_that_was_called(urls: CodeUrls) -> None:
    link = urlsplit(urls.sign("http://localhost:4566", BLOB))
    assert (link.scheme, link.netloc, link.path) == ("http", "localhost:4566", f"{PATH}{BLOB}")
    assert urls.allows(BLOB, dict(parse_qsl(link.query)))
