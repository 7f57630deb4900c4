"""What a metric is called, and where its samples are kept. May import arn and below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NO_UNIT = "None"


class Metric(NamedTuple):
    """The name of a metric. Equal ones have the same dimensions, in whatever order they were given."""

    account: str
    region: str
    namespace: str
    name: str
    dimensions: str
    """As `written` gives them."""


class Slot(NamedTuple):
    """A stretch of time that begins at a multiple of its length, and a unit."""

    period_s: int
    """1, 60, 300 or 3600."""
    start_s: int
    """Epoch seconds."""
    unit: str


def slot(at_s: float, unit: str, period_s: int = 60) -> Slot:
    """The slot that a moment lies in."""
    return Slot(period_s, int(at_s // period_s) * period_s, unit)


def written(dimensions: Iterable[tuple[str, str]]) -> str:
    """Dimensions as one text, ordered by their names."""
    return orjson.dumps(sorted(dimensions)).decode()


def written_from(members: Iterable[Mapping[str, Any]] | None) -> str:
    """Dimensions as requests bring them, as one text."""
    return written((one["Name"], one["Value"]) for one in members or ())


def members(dimensions: str) -> list[dict[str, str]]:
    """Dimensions as answers show them."""
    return [{"Name": name, "Value": value} for name, value in orjson.loads(dimensions)]
