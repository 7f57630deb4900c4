"""How many calls run at the same time: Lambda's account limit.

Admission is a counter in memory: the limit guards this machine's environments, so it needs no durable truth.
"""

from __future__ import annotations

from collections import Counter

from lambent.errors import AwsError


class Concurrency:
    """Counts running calls per account and region and refuses what is over the limit."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._running: Counter[tuple[str, str]] = Counter()

    @property
    def total(self) -> int:
        """Calls that hold a place now, of all accounts and regions."""
        return self._running.total()

    def running(self, account: str, region: str) -> int:
        """Calls that hold a place now."""
        return self._running[account, region]

    def enter(self, account: str, region: str) -> None:
        """Take a place; every `enter` that returns is followed by one `leave`.

        Raises AwsError TooManyRequestsException when all places are taken.
        """
        key = (account, region)
        running = self._running[key]
        if running >= self.limit:
            raise throttled("ConcurrentInvocationLimitExceeded")
        self._running[key] = running + 1

    def leave(self, account: str, region: str) -> None:
        """Give the place back."""
        key = (account, region)
        running = self._running[key] - 1
        if running:
            self._running[key] = running
        else:
            del self._running[key]


def throttled(reason: str) -> AwsError:
    """The 429 of Lambda; `reason` is a value of the model's ThrottleReason."""
    return AwsError("TooManyRequestsException", "Rate Exceeded.", fields={"Reason": reason, "Type": "User"})
