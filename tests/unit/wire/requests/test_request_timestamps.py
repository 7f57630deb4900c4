"""Times in text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from botocore.serialize import create_serializer
from hypothesis import given
from hypothesis import strategies as st

from lambent.wire.requests.timestamps import from_millis, from_seconds, text_parser

FORMATS = ["iso8601", "unixTimestamp", "rfc822"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("iso8601", ""),
        ("iso8601", "monday"),
        ("iso8601", "2026-13-01T00:00:00Z"),
        ("iso8601", "0001-01-01T00:00:00+23:00"),
        ("unixTimestamp", "1e400"),
        ("unixTimestamp", "1_0"),
        ("unixTimestamp", "nan"),
        ("unixTimestamp", "9" * 20),
        ("rfc822", "Sun, 06 Nov 1994"),
        ("rfc822", "Sun, 99 Nov 1994 08:49:37 GMT"),
        ("rfc822", "Sun, 06 Nov 99999999999999999999 08:49:37 GMT"),
        ("rfc822", "Sun, 06 Nov 1994 08:49:37 +999999"),
    ],
)
def test_what_is_no_time_is_a_value_error(name: str, text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  what it says is not told to anybody
        text_parser(name)(text)


@pytest.mark.parametrize("number", [1e300, -1e300, float("nan"), float("inf"), 2**63])
def test_a_number_that_no_time_can_hold_is_a_value_error(number: float) -> None:
    for convert in (from_seconds, from_millis):
        with pytest.raises(ValueError):  # noqa: PT011  what it says is not told to anybody
            convert(number)


@given(st.sampled_from(FORMATS), st.text(max_size=80))
def test_any_text_is_a_time_in_utc_or_a_value_error(name: str, text: str) -> None:
    try:
        moment = text_parser(name)(text)
    except ValueError:
        return
    assert moment.utcoffset() == timedelta(0)


@given(st.sampled_from(FORMATS), st.datetimes(datetime(1902, 1, 1), datetime(2900, 1, 1)))  # noqa: DTZ001  given a zone below
def test_what_botocore_writes_is_read(name: str, naive: datetime) -> None:
    moment = naive.replace(microsecond=0, tzinfo=UTC)
    text = create_serializer("query", include_validation=False)._convert_timestamp_to_str(moment, name)
    assert text_parser(name)(str(text)) == moment


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("iso8601", "1994-11-06T08:49:37Z"),
        ("iso8601", "1994-11-06T08:49:37.000Z"),
        ("iso8601", "1994-11-06T09:49:37+01:00"),
        ("iso8601", "1994-11-06T08:49:37"),
        ("unixTimestamp", "784111777"),
        ("unixTimestamp", "784111777.0"),
        ("unixTimestamp", "7.84111777E8"),
        ("rfc822", "Sun, 06 Nov 1994 08:49:37 GMT"),
        ("rfc822", "Sunday, 06-Nov-94 08:49:37 GMT"),
        ("rfc822", "Sun Nov  6 08:49:37 1994"),
    ],
)
def test_a_time_can_be_written_in_many_ways(name: str, text: str) -> None:
    assert text_parser(name)(text) == datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)
