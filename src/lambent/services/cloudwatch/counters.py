"""What Lambda counts, in memory: what a call touches. No I/O, no locks, no waiting; may import metrics and below.

A call adds to the counters of what it addressed, and nothing else: that a sample belongs to its function and to the
account as well is worked out behind, in `lambda_metrics`. Only how many calls run at once has to be counted for all
of them, since the highest of sums is not the sum of the highest.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

from lambent.services.cloudwatch.samples import Samples

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lambent.services.cloudwatch.distribution import Distribution

BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0)
"""Upper bounds of the histogram of durations, from a warm call to the longest that there is."""
_BUCKETS_MS = tuple(bound * 1000 for bound in BUCKETS_S)


class FunctionKey(NamedTuple):
    """A function as it is addressed."""

    account: str
    region: str
    name: str
    qualifier: str | None
    executed_version: str | None


class Running:
    """Calls at the same time, and the most there were since somebody took note of it."""

    __slots__ = ("now", "peak")

    def __init__(self) -> None:
        self.now = 0
        self.peak = 0

    def take_peak(self) -> int:
        """The most there were; from here on it counts from those that run now."""
        peak, self.peak = self.peak, self.now
        return peak


class Totals:
    """Sums since the start of the server, which only grow."""

    __slots__ = ("duration_ms", "durations", "errors", "others", "throttles")

    def __init__(self) -> None:
        self.errors = 0
        self.throttles = 0
        self.duration_ms = 0.0
        self.durations = [0] * (len(BUCKETS_S) + 1)
        """Invocations by their duration: one number for each of BUCKETS_S, and one for what is longer."""
        self.others: dict[tuple[str, str], tuple[int, float]] = {}
        """By name and unit of other metrics: how many samples, and their sum."""

    def add_durations(self, durations_ms: list[float]) -> None:
        """Invocations that ended."""
        self.duration_ms += sum(durations_ms)
        for duration_ms in durations_ms:
            self.durations[bisect_left(_BUCKETS_MS, duration_ms)] += 1


class Places(NamedTuple):
    """Where a call is counted while it runs; shared between addresses."""

    resource: Running
    function: Running
    account: Running


class Collected(NamedTuple):
    """What one address of a function counted since the last time; each by minute."""

    durations: Mapping[int, Distribution]
    errors: Mapping[int, int]
    throttles: Mapping[int, int]
    others: Mapping[tuple[str, str], Mapping[int, Distribution]]


class Counters:
    """The counters of one address of a function; a `lambent.metrics.FunctionCounters`."""

    __slots__ = (
        "_durations",
        "_errors",
        "_mark",
        "_others",
        "_throttles",
        "_time",
        "key",
        "levels",
        "marked",
        "places",
        "totals",
    )

    def __init__(
        self,
        key: FunctionKey,
        levels: tuple[str, ...],
        places: Places,
        *,
        time: Callable[[], float],
        mark: Callable[[Counters], None],
    ) -> None:
        """levels: the dimensions that a sample belongs to, those of `places` first, in their order.

        time: epoch seconds. mark: called with the first thing that is counted.
        """
        self.key = key
        self.levels = levels
        self.places = places
        self.totals = Totals()
        self.marked = False
        """Whether there is something to collect."""
        self._time = time
        self._mark = mark
        self._durations = Samples(self.totals.add_durations)
        self._errors: dict[int, int] = {}
        self._throttles: dict[int, int] = {}
        self._others: dict[tuple[str, str], Samples] = {}

    def started(self) -> None:
        """A call holds a place from now on."""
        for running in self.places:
            now = running.now = running.now + 1
            if now > running.peak:  # noqa: PLR1730  a call of max costs as much as all the rest
                running.peak = now
        if not self.marked:
            self._mark(self)

    def ended(self) -> None:
        """A call has given its place back."""
        for running in self.places:
            running.now -= 1

    def succeeded(self, duration_ms: float) -> None:
        """The function ran and returned."""
        self._durations.add(int(self._time() - duration_ms * 0.001) // 60, duration_ms)
        if not self.marked:
            self._mark(self)

    def failed(self, duration_ms: float) -> None:
        """The function ran and ended with an error."""
        minute = int(self._time() - duration_ms * 0.001) // 60
        self._errors[minute] = self._errors.get(minute, 0) + 1
        self.totals.errors += 1
        self._durations.add(minute, duration_ms)
        if not self.marked:
            self._mark(self)

    def throttled(self) -> None:
        """A call found no place."""
        minute = int(self._time()) // 60
        self._throttles[minute] = self._throttles.get(minute, 0) + 1
        self.totals.throttles += 1
        if not self.marked:
            self._mark(self)

    def count(self, name: str, value: float = 1.0, unit: str = "Count") -> None:
        """A sample of another metric."""
        samples = self._others.get((name, unit))
        if samples is None:
            samples = self._others[name, unit] = Samples()
        samples.add(int(self._time()) // 60, value)
        number, total = self.totals.others.get((name, unit), (0, 0.0))
        self.totals.others[name, unit] = (number + 1, total + value)
        if not self.marked:
            self._mark(self)

    def settle(self) -> None:
        """Bring the totals up to date."""
        self._durations.fold()

    def collect(self) -> Collected:
        """Everything since the last time."""
        errors, self._errors = self._errors, {}
        throttles, self._throttles = self._throttles, {}
        others = {what: found for what, samples in self._others.items() if (found := samples.collect())}
        return Collected(self._durations.collect(), errors, throttles, others)
