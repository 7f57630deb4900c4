from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from botocore.utils import parse_timestamp
from hypothesis import given
from hypothesis import strategies as st

from lambent.wire.responses.timestamps import epoch_millis, epoch_seconds, http_date, iso_8601, iso_8601_millis

NOON = datetime(2026, 1, 31, 12, 0, 0, tzinfo=UTC)
moments = st.datetimes(datetime(1970, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  hypothesis's way


@pytest.mark.parametrize("write", [iso_8601, iso_8601_millis, http_date])
def test_a_moment_without_a_zone_is_nobodys_local_time(write: object) -> None:
    assert callable(write)
    with pytest.raises(ValueError, match="without a time zone"):
        write(NOON.replace(tzinfo=None))


def test_a_moment_without_a_zone_has_no_epoch() -> None:
    with pytest.raises(TypeError):
        epoch_seconds(NOON.replace(tzinfo=None))


def test_whole_seconds_have_no_fraction() -> None:
    assert repr(epoch_seconds(NOON)) == "1769860800"
    assert iso_8601(NOON) == "2026-01-31T12:00:00Z"


def test_a_fraction_is_as_long_as_it_must_be() -> None:
    assert epoch_seconds(NOON.replace(microsecond=250_000)) == 1769860800.25
    assert iso_8601(NOON.replace(microsecond=250_000)) == "2026-01-31T12:00:00.250Z"
    assert iso_8601(NOON.replace(microsecond=250_001)) == "2026-01-31T12:00:00.250001Z"


def test_s3_always_writes_milliseconds() -> None:
    assert iso_8601_millis(NOON) == "2026-01-31T12:00:00.000Z"


def test_other_zones_are_written_in_utc() -> None:
    elsewhere = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert iso_8601(elsewhere) == "2026-01-31T12:00:00Z"
    assert http_date(elsewhere) == "Sat, 31 Jan 2026 12:00:00 GMT"
    assert epoch_millis(elsewhere) == 1769860800000


@given(moments)
def test_clients_read_the_moment_that_was_written(moment: datetime) -> None:
    assert parse_timestamp(iso_8601(moment)) == moment
    assert parse_timestamp(iso_8601_millis(moment)) == moment
    assert abs(parse_timestamp(epoch_seconds(moment)) - moment) <= timedelta(microseconds=1)
    assert parse_timestamp(http_date(moment)) == moment.replace(microsecond=0)
