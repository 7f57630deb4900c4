"""What parts of Lambent call to count something: a port, so that nobody has to know where counts go.

May import nothing of Lambent. Every method does no I/O, never waits and never fails; those of `FunctionCounters` that a
call needs cost well under a microsecond together, so that the hot path can afford them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


class FunctionCounters(Protocol):
    """The metrics of one function as it is addressed: under its own name, a version or an alias."""

    def started(self) -> None:
        """A call holds a place from now on; followed by one `ended`, whatever comes of it."""

    def ended(self) -> None:
        """A call has given its place back."""

    def succeeded(self, duration_ms: float) -> None:
        """The function ran and returned. It is counted in the minute in which it began."""

    def failed(self, duration_ms: float) -> None:
        """The function ran and ended with an error, a crash or a timeout."""

    def throttled(self) -> None:
        """A call found no place. It is neither an invocation nor an error."""

    def count(self, name: str, value: float = 1.0, unit: str = "Count") -> None:
        """A sample of another of Lambda's metrics, e.g. `AsyncEventsReceived`, or `IteratorAge` in Milliseconds."""


class MetricSink(Protocol):
    """Takes what is counted."""

    def function(
        self, account: str, region: str, name: str, qualifier: str | None, executed_version: str | None = None
    ) -> FunctionCounters:
        """The counters of a function; cheap enough to be asked for at each call.

        qualifier: as the caller addressed it, None where it named none.
        executed_version: the version behind an alias; None for everything else.
        """

    def forget(self, account: str, region: str, name: str) -> None:
        """A function was deleted: its counters are let go once what they hold is written."""

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
        """A sample of any metric, now. unit: one of CloudWatch's StandardUnit."""
