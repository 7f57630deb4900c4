"""GetMetricStatistics, and the reading of samples."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lambent.services.cloudwatch import repository
from lambent.services.cloudwatch.ages import gathered, window
from lambent.services.cloudwatch.problems import Problems, told
from lambent.services.cloudwatch.record import Metric, written_from
from lambent.services.cloudwatch.statistic import SIMPLE, Statistic, parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lambent.call import Call, Output, Params
    from lambent.services.cloudwatch.ages import Window
    from lambent.services.cloudwatch.context import CloudWatch
    from lambent.services.cloudwatch.distribution import Distribution
    from lambent.store import Tx

_MOST_POINTS = 1440
_MOST_EXTENDED = 10


async def get_metric_statistics(service: CloudWatch, call: Call, params: Params) -> Output:
    """Datapoints of one metric, from the oldest to the newest, one for each unit that it was put with."""
    _check(params)
    statistics = [
        parse(name) for name in (*(params.get("Statistics") or ()), *(params.get("ExtendedStatistics") or ()))
    ]
    wanted = [statistic for statistic in statistics if statistic is not None]
    asked = window(
        params["StartTime"].timestamp(), params["EndTime"].timestamp(), params["Period"], service.clock.time()
    )
    _check_count(asked)
    metric = Metric(
        call.account,
        call.region,
        params["Namespace"],
        params["MetricName"],
        written_from(params.get("Dimensions")),
    )
    await service.buffer.run_once()
    values = any(statistic.needs_values for statistic in wanted)
    found = await samples(service, metric, asked, params.get("Unit"), values=values)
    points = [_datapoint(start_s, unit, one, wanted) for (start_s, unit), one in sorted(found.items())]
    return {"Label": params["MetricName"], "Datapoints": [point for point in points if point is not None]}


async def samples(
    service: CloudWatch, metric: Metric, asked: Window, unit: str | None, *, values: bool
) -> dict[tuple[int, str], Distribution]:
    """A metric's samples by the beginning of their datapoint and unit. unit: None for all.

    values: whether their distributions are needed.
    """
    now_s = service.clock.time()

    def work(tx: Tx) -> dict[tuple[int, str], Distribution]:
        stored = repository.stored(tx, metric, asked.start_s, asked.end_s, values=values)
        return gathered(((slot, one) for slot, one in stored if unit in {None, slot.unit}), asked, now_s)

    return await service.store.read(work)


def _datapoint(start_s: int, unit: str, found: Distribution, wanted: Sequence[Statistic]) -> dict[str, Any] | None:
    """A datapoint, None where none of what was asked for is known of it."""
    point: dict[str, Any] = {}
    extended: dict[str, float] = {}
    for statistic in wanted:
        value = statistic.of(found)
        if value is not None:
            (extended if statistic.name not in SIMPLE else point)[statistic.name] = value
    if extended:
        point["ExtendedStatistics"] = extended
    return {"Timestamp": datetime.fromtimestamp(start_s, UTC), "Unit": unit, **point} if point else None


# --- checks


def _check(params: Params) -> None:
    problems = Problems()
    problems.text("Namespace", params.get("Namespace"))
    problems.text("MetricName", params.get("MetricName"))
    problems.dimensions("Dimensions", params.get("Dimensions"))
    problems.period("Period", params.get("Period"))
    problems.times(params)
    problems.unit("Unit", params.get("Unit"))
    simple, extended = params.get("Statistics") or [], params.get("ExtendedStatistics") or []
    if not simple and not extended:
        problems.combined("At least one of the parameters Statistics and ExtendedStatistics must be specified.")
    problems.size("Statistics", simple, len(SIMPLE))
    problems.size("ExtendedStatistics", extended, _MOST_EXTENDED)
    for index, name in enumerate(simple, 1):
        if name not in SIMPLE:
            problems.invalid(
                f"The parameter Statistics.member.{index} must be a value in the set {told(list(SIMPLE))}."
            )
    for index, name in enumerate(extended, 1):
        statistic = parse(name) if name else None
        if statistic is None or not statistic.needs_values:
            problems.invalid(f"The value {name} for parameter ExtendedStatistics.member.{index} is invalid.")
    problems.settle()


def _check_count(asked: Window) -> None:
    if asked.count > _MOST_POINTS:
        problems = Problems()
        problems.combined(
            f"You have requested up to {asked.count:,} datapoints, which exceeds the limit of {_MOST_POINTS:,}. "
            "You may reduce the datapoints requested by increasing Period, or decreasing the time range."
        )
        problems.settle()
