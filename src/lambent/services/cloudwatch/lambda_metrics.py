"""From what functions counted to Lambda's metrics in CloudWatch: which names, dimensions and units. Pure.

Every sample belongs to the account, to its function and to the resource that was addressed; behind an alias also to the
version that ran. As on AWS an invocation is a sample of Errors and of Throttles, too, so that their averages are rates.
May import counters and below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lambent.services.cloudwatch.distribution import Distribution
from lambent.services.cloudwatch.record import Metric, Slot, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lambent.services.cloudwatch.counters import Collected, FunctionKey

NAMESPACE = "AWS/Lambda"
Batch = dict[Metric, dict[Slot, Distribution]]


class Peak(NamedTuple):
    """The most calls at once of one resource, function or account."""

    account: str
    region: str
    dimensions: str
    minute: int
    calls: int


def levels_of(key: FunctionKey) -> tuple[str, ...]:
    """The dimensions of the resource, its function, the account, and of the version where there is one to tell."""
    function = ("FunctionName", key.name)
    resource = ("Resource", key.name if key.qualifier is None else f"{key.name}:{key.qualifier}")
    levels = (written([function, resource]), written([function]), written([]))
    if key.executed_version is None:
        return levels
    return (*levels, written([function, resource, ("ExecutedVersion", key.executed_version)]))


def add_peak(batch: Batch, peak: Peak) -> None:
    """Add a sample of ConcurrentExecutions."""
    metric = Metric(peak.account, peak.region, NAMESPACE, "ConcurrentExecutions", peak.dimensions)
    found = Distribution()
    found.add(peak.calls)
    _add(batch, metric, peak.minute, "Count", found)


def add_counted(batch: Batch, key: FunctionKey, levels: Iterable[str], counted: Collected) -> None:
    """Add what one address of a function counted, to each of its levels."""
    for name, unit, minute, samples in _samples(counted):
        for dimensions in levels:
            _add(batch, Metric(key.account, key.region, NAMESPACE, name, dimensions), minute, unit, samples)


def _samples(counted: Collected) -> Iterable[tuple[str, str, int, Distribution]]:
    """Name, unit, minute and samples of each metric."""
    for minute, durations in counted.durations.items():
        invocations = durations.samples
        yield "Duration", "Milliseconds", minute, durations
        yield "Invocations", "Count", minute, _ones(invocations, 0)
        errors = counted.errors.get(minute, 0)
        yield "Errors", "Count", minute, _ones(errors, invocations - errors)
        yield "Throttles", "Count", minute, _ones(0, invocations)
    for minute, throttles in counted.throttles.items():
        yield "Throttles", "Count", minute, _ones(throttles, 0)
    for (name, unit), minutes in counted.others.items():
        for minute, samples in minutes.items():
            yield name, unit, minute, samples


def _ones(ones: float, zeros: float) -> Distribution:
    found = Distribution()
    found.add(0.0, zeros)
    found.add(1.0, ones)
    return found


def _add(batch: Batch, metric: Metric, minute: int, unit: str, samples: Distribution) -> None:
    slots = batch.setdefault(metric, {})
    slots.setdefault(Slot(60, minute * 60, unit), Distribution()).merge(samples)


def add_series(batch: Batch, metric: Metric, unit: str, minutes: Mapping[int, Distribution]) -> None:
    """Add samples of any metric, by minute."""
    for minute, samples in minutes.items():
        _add(batch, metric, minute, unit, samples)
