"""When a schedule is due: `at(…)`, `rate(…)`, `cron(…)`, in a time zone, between a start and an end. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lambent.services.events.cron import InvalidCron, parse_cron
from lambent.services.events.scheduler.refusals import invalid

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

    from lambent.services.events.cron import Cron

_AT = re.compile(r"at\(([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})\)", re.ASCII)
_RATE = re.compile(r"rate\(([0-9]{1,9}) (minute|hour|day)s?\)", re.ASCII)
_CRON = re.compile(r"cron\((.+)\)")
_LATE_MS = 60_000
_UNIT_MS = {"minute": 60_000, "hour": 3_600_000, "day": 86_400_000}


@dataclass(frozen=True, slots=True)
class Timing:
    """One expression: exactly one of the first three is there."""

    at_ms: int | None
    every_ms: int | None
    cron: Cron | None
    zone: tzinfo

    def first_ms(self, start_ms: int) -> int | None:
        """The first time that is not before `start_ms`; a rate begins there."""
        if self.at_ms is not None:
            return self.at_ms if self.at_ms >= start_ms else None
        return start_ms if self.every_ms is not None else self.after_ms(start_ms - 1)

    def after_ms(self, due_ms: int) -> int | None:
        """The time that follows `due_ms`; None where none does."""
        if self.every_ms is not None:
            return due_ms + self.every_ms
        return None if self.cron is None else self._cron_after(self.cron, due_ms)

    def _cron_after(self, cron: Cron, moment_ms: int) -> int | None:
        """In local time: what a change of clocks leaves out is left out, what it brings twice comes once."""
        local: datetime | None = _local(moment_ms, self.zone)
        while local is not None and (local := cron.after(local)) is not None:
            due_ms = _utc_ms(local, self.zone)
            if due_ms > moment_ms and _local(due_ms, self.zone) == local:
                return due_ms
        return None


def parse_timing(expression: str, zone_name: str) -> Timing:
    """Raises AwsError ValidationException."""
    zone = _zone(zone_name)
    if found := _AT.fullmatch(expression):
        try:
            return Timing(_utc_ms(datetime.fromisoformat(found[1]), zone), None, None, zone)
        except ValueError:
            pass
    if (found := _RATE.fullmatch(expression)) and int(found[1]):
        return Timing(None, int(found[1]) * _UNIT_MS[found[2]], None, zone)
    if found := _CRON.fullmatch(expression):
        try:
            return Timing(None, None, parse_cron(found[1]), zone)
        except InvalidCron:
            pass
    raise invalid(f"Invalid Schedule Expression {expression}.")


def due_from(settings: Mapping[str, Any], now_ms: int) -> int | None:
    """When a schedule is due first, as it is created or changed at `now_ms`; None for never."""
    timing = parse_timing(settings["ScheduleExpression"], settings["ScheduleExpressionTimezone"])
    # A single time that has just gone by is still met: it took its client a while to say it.
    earliest_ms = now_ms - _LATE_MS if timing.at_ms is not None else max(now_ms, settings.get("StartDate") or 0)
    return _within(settings, timing.first_ms(earliest_ms))


def due_after(settings: Mapping[str, Any], due_ms: int, now_ms: int) -> int | None:
    """When a schedule is due that was due at `due_ms`; what was missed meanwhile is left out."""
    timing = parse_timing(settings["ScheduleExpression"], settings["ScheduleExpressionTimezone"])
    following = timing.after_ms(due_ms)
    if following is not None and following <= now_ms:
        behind = now_ms - due_ms
        following = (
            due_ms + (behind // timing.every_ms + 1) * timing.every_ms if timing.every_ms else timing.after_ms(now_ms)
        )
    return _within(settings, following)


def _within(settings: Mapping[str, Any], due_ms: int | None) -> int | None:
    end_ms = settings.get("EndDate")
    return None if due_ms is None or (end_ms is not None and due_ms >= end_ms) else due_ms


def _zone(name: str) -> tzinfo:
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise invalid(f"Invalid ScheduleExpressionTimezone {name}.") from None


def _local(moment_ms: int, zone: tzinfo) -> datetime:
    """Without a zone."""
    return datetime.fromtimestamp(moment_ms / 1000, zone).replace(tzinfo=None)


def _utc_ms(local: datetime, zone: tzinfo) -> int:
    return int(local.replace(tzinfo=zone).timestamp() * 1000)
