"""Times as requests write them. May import nothing of Lambent.

Everything becomes an aware datetime in UTC, of microseconds. What is no time, or one that no datetime can hold, raises
ValueError and nothing else.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{0,20})?([eE][+-]?[0-9]{1,3})?", re.ASCII)
_HTTP_DATE = re.compile(r"[A-Za-z]{3,9}[, ][A-Za-z0-9:.+ -]{10,48}", re.ASCII)


def from_seconds(number: float) -> datetime:
    """Seconds since 1970, with a fraction or without."""
    try:
        return EPOCH + timedelta(seconds=number)
    except OverflowError:
        raise ValueError(number) from None


def from_millis(number: float) -> datetime:
    """Milliseconds since 1970."""
    try:
        return EPOCH + timedelta(milliseconds=number)
    except OverflowError:
        raise ValueError(number) from None


def text_parser(name: str) -> Callable[[str], datetime]:
    """What reads one of the formats that models name: `iso8601`, `unixTimestamp`, `rfc822`. Raises LookupError."""
    return _FORMATS[name.lower()]


def _iso8601(text: str) -> datetime:
    return _in_utc(datetime.fromisoformat(text))


def _unix(text: str) -> datetime:
    if not _NUMBER.fullmatch(text):
        raise ValueError(text)
    return from_seconds(float(text) if any(letter in text for letter in ".eE") else int(text))


def _rfc822(text: str) -> datetime:
    """The formats of dates in HTTP: that of RFC 822, and the two that are older."""
    if not _HTTP_DATE.fullmatch(text):
        raise ValueError(text)
    try:
        return _in_utc(parsedate_to_datetime(text))
    except (IndexError, OverflowError, TypeError):
        raise ValueError(text) from None


def _in_utc(moment: datetime) -> datetime:
    """A time that names no zone is meant in UTC."""
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(moment) from None


_FORMATS: dict[str, Callable[[str], datetime]] = {
    "iso8601": _iso8601,
    "unixtimestamp": _unix,
    "rfc822": _rfc822,
}
