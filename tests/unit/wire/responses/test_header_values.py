from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambent.wire.responses.headers import header_text
from unit.wire.responses.written import written

NOON = datetime(2026, 1, 31, 12, 0, 0, 250_000, tzinfo=UTC)


@given(st.text())
def test_no_value_can_end_its_line(text: str) -> None:
    assert not set(header_text(text)) & {0, 10, 13}


def test_line_breaks_in_a_value_become_spaces() -> None:
    answer = written("lambda", "Invoke", {"ExecutedVersion": "1\r\nSet-Cookie: a=b"})
    assert answer.headers["x-amz-executed-version"] == "1  Set-Cookie: a=b"
    assert "set-cookie" not in answer.headers


def test_metadata_whose_key_cannot_name_a_header_is_left_out() -> None:
    answer = written("s3", "HeadObject", {"Metadata": {"a b": "1", "x:y": "2", "": "3", "é": "4", "fine": "5"}})
    assert {name for name in answer.headers if name.startswith("x-amz-meta-")} == {"x-amz-meta-fine"}


def test_what_came_in_as_bytes_of_utf_8_goes_out_as_the_same_bytes() -> None:
    assert header_text("é".encode().decode("latin-1")) == "é".encode()


def test_what_latin_1_does_not_have_is_sent_in_utf_8() -> None:
    assert header_text("€") == "€".encode()
    assert header_text("\ud800") == b"?"


@pytest.mark.parametrize(
    ("member", "value", "header", "text"),
    [
        ("LastModified", NOON, "last-modified", "Sat, 31 Jan 2026 12:00:00 GMT"),
        ("ObjectLockRetainUntilDate", NOON, "x-amz-object-lock-retain-until-date", "2026-01-31T12:00:00.250Z"),
        ("Expires", "when it suits me", "expires", "when it suits me"),
        ("DeleteMarker", False, "x-amz-delete-marker", "false"),
        ("MissingMeta", 0, "x-amz-missing-meta", "0"),
        ("ETag", '"e"', "etag", '"e"'),
    ],
)
def test_members_become_headers_in_the_form_of_their_type(member: str, value: object, header: str, text: str) -> None:
    assert written("s3", "HeadObject", {member: value}).headers[header] == text


def test_a_prefix_stands_before_each_key_of_a_map() -> None:
    answer = written("s3", "HeadObject", {"Metadata": {"Colour": "red", "size": "ü"}})
    assert answer.headers["x-amz-meta-colour"] == "red"
    assert answer.headers["x-amz-meta-size"] == "ü"
