"""Schedules of rules: `rate(5 minutes)` and `cron(0 12 * * ? *)`, in UTC. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple, Protocol

from lambent.services.events.cron import InvalidCron, parse_cron
from lambent.services.events.refusals import invalid

if TYPE_CHECKING:
    from lambent.services.events.cron import Cron

_RATE = re.compile(r"rate\(([0-9]{1,9}) (minute|hour|day)(s?)\)", re.ASCII)
_CRON = re.compile(r"cron\((.+)\)")
_UNIT = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}


class Schedule(Protocol):
    """When something is due."""

    def after_ms(self, moment_ms: int) -> int | None:
        """The first time later than `moment_ms`, in milliseconds since the epoch; None where there is none."""


class _Rate(NamedTuple):
    every_ms: int

    def after_ms(self, moment_ms: int) -> int | None:
        return moment_ms + self.every_ms


class _Cron(NamedTuple):
    cron: Cron

    def after_ms(self, moment_ms: int) -> int | None:
        found = self.cron.after(datetime.fromtimestamp(moment_ms / 1000, UTC))
        return None if found is None else int(found.timestamp() * 1000)


def parse_schedule(text: str) -> Schedule:
    """A rule's ScheduleExpression. Raises AwsError ValidationException."""
    if found := _RATE.fullmatch(text):
        count = int(found[1])
        if count and (count == 1) is (not found[3]):
            return _Rate(count * int(_UNIT[found[2]].total_seconds() * 1000))
    if found := _CRON.fullmatch(text):
        try:
            return _Cron(parse_cron(found[1]))
        except InvalidCron:
            pass
    raise invalid("Parameter ScheduleExpression is not valid.")
