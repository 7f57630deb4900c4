"""Where parts of Lambent count: a `lambent.metrics.MetricSink`, in memory. May import metrics, clock and below.

Invariants: nothing here does I/O or waits; memory grows with the functions that were called and are not forgotten, and
with so many series of other metrics at most: what is over is dropped and counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lambent.services.cloudwatch.counters import Counters, FunctionKey, Places, Running
from lambent.services.cloudwatch.lambda_metrics import Batch, Peak, add_counted, add_peak, add_series, levels_of
from lambent.services.cloudwatch.record import Metric, written
from lambent.services.cloudwatch.samples import Samples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_MOST_SERIES = 100_000
"""Of metrics that are no function's, between two times that they are collected."""
_BATCH = 32
"""Addresses of functions, or other series, in a batch."""


class _Function:
    """What addresses of one function share."""

    __slots__ = ("addresses", "resources", "running")

    def __init__(self) -> None:
        self.running = Running()
        self.resources: dict[str | None, Running] = {}
        """By qualifier."""
        self.addresses: list[Counters] = []


class Gathered(NamedTuple):
    """What there is to write, not yet worked out."""

    functions: list[Counters]
    peaks: list[Peak]
    series: list[tuple[Metric, str, Samples]]

    def batches(self) -> Iterator[Batch]:
        """What is to be written, in pieces that neither the event loop nor the store is held up by."""
        batch: Batch = {}
        for peak in self.peaks:
            add_peak(batch, peak)
        for start in range(0, len(self.functions), _BATCH):
            for counters in self.functions[start : start + _BATCH]:
                add_counted(batch, counters.key, counters.levels, counters.collect())
            yield batch
            batch = {}
        for start in range(0, len(self.series), _BATCH):
            for metric, unit, samples in self.series[start : start + _BATCH]:
                add_series(batch, metric, unit, samples.collect())
            yield batch
            batch = {}


class Sink:
    """Takes what is counted, until it is collected."""

    def __init__(self, *, time: Callable[[], float], wake: Callable[[], None]) -> None:
        """time: epoch seconds. wake: called when there is something to collect, once until it is collected."""
        self._time = time
        self._wake = wake
        self._counters: dict[tuple[str, str, str, str | None, str | None], Counters] = {}
        self._functions: dict[tuple[str, str, str], _Function] = {}
        self._accounts: dict[tuple[str, str], Running] = {}
        self._marked: list[Counters] = []
        self._series: dict[tuple[Metric, str], Samples] = {}
        self._begun = False
        """Whether there is something to collect."""
        self._since = 0
        """The minute of the first thing to collect."""
        self.dropped = 0
        """Samples that there was no room for, since the last time they were collected."""

    # --- counting

    def function(
        self, account: str, region: str, name: str, qualifier: str | None, executed_version: str | None = None
    ) -> Counters:
        """The counters of a function as it is addressed."""
        key = (account, region, name, qualifier, executed_version)
        found = self._counters.get(key)
        return self._new(FunctionKey(*key)) if found is None else found

    def forget(self, account: str, region: str, name: str) -> None:
        """A function was deleted."""
        function = self._functions.pop((account, region, name), None)
        if function is not None:
            for counters in function.addresses:
                del self._counters[counters.key]

    def count(
        self,
        account: str,
        region: str,
        namespace: str,
        name: str,
        dimensions: Sequence[tuple[str, str]],
        value: float,
        unit: str = "Count",
    ) -> None:
        """A sample of any metric, now."""
        key = (Metric(account, region, namespace, name, written(dimensions)), unit)
        samples = self._series.get(key)
        if samples is None:
            if len(self._series) >= _MOST_SERIES:
                self.dropped += 1
                return
            samples = self._series[key] = Samples()
            self._begin()
        samples.add(int(self._time()) // 60, value)

    # --- what became of it

    def collect(self) -> Gathered:
        """Everything since the last time. Functions that run stay to be collected again: how many run is a sample."""
        marked, self._marked = self._marked, []
        series, self._series = self._series, {}
        peaks = self._peaks(marked)
        self._begun = False
        for counters in marked:
            counters.marked = False
            if counters.places.resource.now:
                self._mark(counters)
        return Gathered(marked, peaks, [(metric, unit, samples) for (metric, unit), samples in series.items()])

    def functions(self) -> list[Counters]:
        """The counters of every function, their totals up to date."""
        found = list(self._counters.values())
        for counters in found:
            counters.settle()
        return found

    def _peaks(self, marked: list[Counters]) -> list[Peak]:
        minute = self._since
        running: dict[tuple[str, str, str], Running] = {}
        for counters in marked:
            key = counters.key
            for dimensions, one in zip(counters.levels, counters.places, strict=False):
                running[key.account, key.region, dimensions] = one
        peaks = [Peak(*where, minute, one.take_peak()) for where, one in running.items()]
        return [peak for peak in peaks if peak.calls]

    def _new(self, key: FunctionKey) -> Counters:
        account = self._accounts.setdefault((key.account, key.region), Running())
        function = self._functions.setdefault((key.account, key.region, key.name), _Function())
        resource = function.resources.setdefault(key.qualifier, Running())
        places = Places(resource, function.running, account)
        counters = Counters(key, levels_of(key), places, time=self._time, mark=self._mark)
        function.addresses.append(counters)
        self._counters[key] = counters
        return counters

    def _mark(self, counters: Counters) -> None:
        counters.marked = True
        self._begin()
        self._marked.append(counters)

    def _begin(self) -> None:
        if not self._begun:
            self._begun = True
            self._since = int(self._time()) // 60
            self._wake()
