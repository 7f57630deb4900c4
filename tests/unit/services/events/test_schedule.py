from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambent.errors import AwsError
from lambent.services.events.cron import parse_cron
from lambent.services.events.schedule import parse_schedule
from lambent.services.events.timetable import next_ms

START = datetime(2026, 1, 1, tzinfo=UTC)
MINUTE_MS = 60_000


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rate(1 minutes)",
        "rate(5 minute)",
        "rate(0 minutes)",
        "rate(-1 minutes)",
        "rate(10 seconds)",
        "rate(1.5 hours)",
        "rate(5  minutes)",
        "rate (5 minutes)",
        "Rate(5 minutes)",
        "cron(0 12 * * *)",
        "cron(0 12 * * * *)",
        "cron(0 12 ? * ? *)",
        "cron(60 12 * * ? *)",
        "cron(0 24 * * ? *)",
        "cron(0 12 0 * ? *)",
        "cron(0 12 * 13 ? *)",
        "cron(0 12 ? * 8 *)",
        "cron(0 12 ? * MON#6 *)",
        "cron(0 12 * * ? 1969)",
        "cron(0/0 12 * * ? *)",
        "cron(5-1 12 * * ? *)",
        "cron(dummylambda)",
        "at(2026-01-01T00:00:00)",
    ],
)
def test_what_is_no_schedule_is_refused(text: str) -> None:
    with pytest.raises(AwsError) as refusal:
        parse_schedule(text)
    assert (refusal.value.code, refusal.value.message) == (
        "ValidationException",
        "Parameter ScheduleExpression is not valid.",
    )


@pytest.mark.parametrize(
    ("text", "minutes"), [("rate(1 minute)", 1), ("rate(5 minutes)", 5), ("rate(2 hours)", 120), ("rate(1 day)", 1440)]
)
def test_rates_are_pauses(text: str, minutes: int) -> None:
    assert parse_schedule(text).after_ms(7) == 7 + minutes * MINUTE_MS


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("0 12 * * ? *", ["2026-01-01T12:00", "2026-01-02T12:00"]),
        ("0/15 8-9 ? * MON-FRI *", ["2026-01-01T08:00", "2026-01-01T08:15"]),
        ("15 10 ? * 6L 2026-2027", ["2026-01-30T10:15", "2026-02-27T10:15"]),
        ("0 0 L * ? *", ["2026-01-31T00:00", "2026-02-28T00:00"]),
        ("0 9 ? * 2#1 *", ["2026-01-05T09:00", "2026-02-02T09:00"]),
        ("0 9 ? * TUE#5 *", ["2026-03-31T09:00", "2026-06-30T09:00"]),
        ("0 0 15W * ? *", ["2026-01-15T00:00", "2026-02-16T00:00"]),
        ("0 0 1W * ? *", ["2026-02-02T00:00", "2026-03-02T00:00"]),
        ("0 0 LW * ? *", ["2026-01-30T00:00", "2026-02-27T00:00"]),
        ("0 0 29 2 ? *", ["2028-02-29T00:00", "2032-02-29T00:00"]),
        ("5,35 14 * JUL,9 ? *", ["2026-07-01T14:05", "2026-07-01T14:35"]),
        ("0 0 ? * 1 *", ["2026-01-04T00:00", "2026-01-11T00:00"]),
        ("59 23 31 12 ? 2026", ["2026-12-31T23:59"]),
        ("0 0 1 1 ? 2020", []),
    ],
)
def test_cron_has_the_times_that_aws_documents(text: str, times: list[str]) -> None:
    found: list[str] = []
    cron, at = parse_cron(text), START
    while len(found) < 2 and (due := cron.after(at)) is not None:
        found.append(due.strftime("%Y-%m-%dT%H:%M"))
        at = due
    assert found == times


FIELDS = st.tuples(
    st.sampled_from(["*", "0", "0/7", "1,30", "10-20"]),
    st.sampled_from(["*", "3", "0/5", "22-23"]),
    st.sampled_from("* {} ?|L {} ?|28 {} ?|15W {} ?|1/9 {} ?|? {} *|? {} 2-6|? {} FRI#2|? {} 3L".split("|")),
    st.sampled_from(["*", "2", "1/3", "JAN-MAR"]),
    st.sampled_from(["*", "2026/2", "2027-2030"]),
).map(lambda five: f"{five[0]} {five[1]} {five[2].format(five[3])} {five[4]}")
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2029, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  hypothesis adds the zone


@given(FIELDS, MOMENTS)
def test_the_next_time_is_later_and_there_is_none_between(text: str, moment: datetime) -> None:
    cron = parse_cron(text)
    due = cron.after(moment)
    assert due is not None
    assert due > moment
    assert (due.second, due.microsecond) == (0, 0)
    assert due.minute in cron.minutes
    assert due.hour in cron.hours
    assert due.day in cron.days(due.year, due.month)
    assert cron.after(due - timedelta(microseconds=1)) == due
    between = moment + (due - moment) / 2
    assert cron.after(between) == due


@given(st.text(max_size=40))
def test_any_text_is_a_schedule_or_refused(text: str) -> None:
    for expression in (text, f"cron({text})", f"rate({text})"):
        try:
            parse_schedule(expression).after_ms(0)
        except AwsError as refusal:
            assert refusal.code == "ValidationException"  # noqa: PT017  either of both is right


def test_a_schedule_keeps_its_rhythm_and_skips_what_was_missed() -> None:
    assert next_ms("rate(1 minute)", 0, 100) == MINUTE_MS
    assert next_ms("rate(1 minute)", 0, 10 * MINUTE_MS + 5) == 11 * MINUTE_MS + 5
    assert next_ms("cron(0 0 1 1 ? 2020)", 0, 1_800_000_000_000) is None
