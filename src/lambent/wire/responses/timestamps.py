"""Moments as AWS writes them: seconds, milliseconds, ISO 8601, HTTP dates.

Takes aware datetimes only: a naive one is a mistake of ours and raises TypeError or ValueError. May import nothing of
Lambent.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def epoch_seconds(moment: datetime) -> int | float:
    """Seconds since 1970: an int where they are whole, else with the fraction."""
    since = moment - _EPOCH
    seconds = since.days * 86_400 + since.seconds
    return seconds + since.microseconds / 1_000_000 if since.microseconds else seconds


def epoch_millis(moment: datetime) -> int:
    """Whole milliseconds since 1970, in integers so that no float rounds them."""
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000


def iso_8601(moment: datetime) -> str:
    """`2026-01-31T10:00:00Z`, with milliseconds or microseconds where they are not zero."""
    return _iso(moment, "seconds")


def iso_8601_millis(moment: datetime) -> str:
    """`2026-01-31T10:00:00.000Z`: as S3 writes it, never without milliseconds."""
    return _iso(moment, "milliseconds")


def http_date(moment: datetime) -> str:
    """`Sat, 31 Jan 2026 10:00:00 GMT`; what is below a second is lost."""
    return format_datetime(_utc(moment), usegmt=True)


def _iso(moment: datetime, least: str) -> str:
    utc = _utc(moment)
    if utc.microsecond % 1000:
        least = "microseconds"
    elif utc.microsecond:
        least = "milliseconds"
    return utc.replace(tzinfo=None).isoformat(timespec=least) + "Z"


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"a moment without a time zone: {moment}")
    return moment.astimezone(UTC)
