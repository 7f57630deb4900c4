"""AWS's cron expressions: minutes, hours, days of the month, months, days of the week (1 is Sunday), years. Pure.

One of the two days is `?`. Beside `*`, `,`, `-` and `/` there are `L` (the last), `W` (the nearest weekday) and `#`
(the nth such day of the month). Times have no zone here: whoever asks says what they mean.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_MONTHS = {name: number for number, name in enumerate("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(), 1)}
_DAYS = {name: number for number, name in enumerate("SUN MON TUE WED THU FRI SAT".split(), 1)}
_YEARS = range(1970, 2200)
_PART = re.compile(r"(\*|[A-Z0-9]+)(?:-([A-Z0-9]+))?(?:/([0-9]{1,4}))?", re.ASCII)
_SATURDAY, _SUNDAY = 7, 1


class InvalidCron(ValueError):  # noqa: N818  an answer, not an accident
    """The text is no cron expression."""


@dataclass(frozen=True, slots=True)
class Cron:
    """When something is due."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    month_days: str
    months: frozenset[int]
    week_days: str
    years: frozenset[int]

    def after(self, moment: datetime) -> datetime | None:
        """The first time that is later than `moment`; None where there is none."""
        start = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
        for year in range(start.year, _YEARS.stop):
            if year not in self.years:
                continue
            for month in sorted(self.months):
                if (year, month) < (start.year, start.month):
                    continue
                for due in self._of_month(year, month, start):
                    return due
        return None

    def _of_month(self, year: int, month: int, start: datetime) -> Iterator[datetime]:
        for day in sorted(self.days(year, month)):
            for hour in self.hours:
                for minute in self.minutes:
                    due = datetime(year, month, day, hour, minute, tzinfo=start.tzinfo)
                    if due >= start:
                        yield due

    def days(self, year: int, month: int) -> set[int]:
        """The days of a month on which something is due."""
        last = calendar.monthrange(year, month)[1]
        if self.month_days != "?":
            return {day for part in self.month_days.split(",") for day in _month_days(part, year, month, last)}
        return {day for part in self.week_days.split(",") for day in _week_days(part, year, month, last)}


def parse_cron(text: str) -> Cron:
    """The expression within `cron(…)`. Raises InvalidCron."""
    fields = text.upper().split()
    if len(fields) != 6:
        raise InvalidCron(text)
    minutes, hours, month_days, months, week_days, years = fields
    if (month_days == "?") is (week_days == "?"):
        raise InvalidCron(text)
    found = Cron(
        minutes=tuple(sorted(_values(minutes, range(60)))),
        hours=tuple(sorted(_values(hours, range(24)))),
        month_days=month_days,
        months=frozenset(_values(months, range(1, 13), _MONTHS)),
        week_days=week_days,
        years=frozenset(_values(years, _YEARS)),
    )
    # All forms are looked at here, so that nothing is found out when it is due.
    found.days(2024, 1)
    return found


def _values(text: str, among: range, names: dict[str, int] | None = None) -> set[int]:
    return {value for part in text.split(",") for value in _part(part, among, names or {})}


def _part(text: str, among: range, names: dict[str, int]) -> range:
    found = _PART.fullmatch(text)
    if found is None:
        raise InvalidCron(text)
    first, last, step = found.groups()
    start = among.start if first == "*" else _number(first, among, names)
    if last is not None and first == "*":
        raise InvalidCron(text)
    end = among.stop - 1 if first == "*" or (step and last is None) else start
    if last is not None:
        end = _number(last, among, names)
    if end < start or (step is not None and int(step) == 0):
        raise InvalidCron(text)
    return range(start, end + 1, int(step or 1))


def _number(text: str, among: range, names: dict[str, int]) -> int:
    value = names.get(text)
    if value is None:
        if not text.isdecimal() or int(text) not in among:
            raise InvalidCron(text)
        value = int(text)
    return value


def _month_days(part: str, year: int, month: int, last: int) -> set[int]:
    if part == "L":
        return {last}
    if part == "LW":
        return {_nearest_weekday(last, year, month, last)}
    if re.fullmatch(r"[0-9]{1,2}W", part):
        day = _number(part[:-1], range(1, 32), {})
        return {_nearest_weekday(day, year, month, last)} if day <= last else set()
    return {day for day in _part(part, range(1, 32), {}) if day <= last}


def _week_days(part: str, year: int, month: int, last: int) -> set[int]:
    if part == "L":
        part = str(_SATURDAY)
    if found := re.fullmatch(r"([A-Z0-9]+)#([1-5])", part):
        days = _named_days(found[1], year, month, last)
        return set(days[int(found[2]) - 1 : int(found[2])])
    if len(part) > 1 and part.endswith("L"):
        return {_named_days(part[:-1], year, month, last)[-1]}
    wanted = set(_part(part, range(1, 8), _DAYS))
    return {day for day in range(1, last + 1) if _week_day(year, month, day) in wanted}


def _named_days(name: str, year: int, month: int, last: int) -> list[int]:
    wanted = _number(name, range(1, 8), _DAYS)
    return [day for day in range(1, last + 1) if _week_day(year, month, day) == wanted]


def _week_day(year: int, month: int, day: int) -> int:
    """1 is Sunday."""
    return (calendar.weekday(year, month, day) + 1) % 7 + 1


def _nearest_weekday(day: int, year: int, month: int, last: int) -> int:
    """Within the same month."""
    found = _week_day(year, month, day)
    if found == _SATURDAY:
        return day - 1 if day > 1 else day + 2
    if found == _SUNDAY:
        return day + 1 if day < last else day - 2
    return day
