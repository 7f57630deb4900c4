"""What becomes of an event after an attempt: it is tried again, or it has come to its end. Pure; times in milliseconds.

    the function failed        again after the next delay, while attempts are left
    a throttle, a fault        again with exponential back-off; no attempt is used up
    nothing to call any more   an end at once
    reserved concurrency of 0  an end at once
    a loop                     an end at once
    too old                    an end: at once, too, where the next attempt would begin past the event's age

Sources: developer guide, "How Lambda handles errors and retries with asynchronous invocation"; what AWS was seen to do
for the rest: it does not wait for an age that the next attempt could not keep.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

DEFAULT_DELAYS_S = (60.0, 120.0)
_FIRST_BACK_OFF_MS = 1_000
_LONGEST_BACK_OFF_MS = 300_000
_DOUBLINGS = 9
"""After these the longest back-off is reached."""


class Result(StrEnum):
    """What came of one attempt."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    """The function ran and failed, crashed, or ran out of time."""
    REFUSED = "refused"
    """No place was free, or this machine could not run it: nothing that the function did."""
    GONE = "gone"
    """There is no such function, version or alias any more."""
    SWITCHED_OFF = "switched off"
    """The function's reserved concurrency is 0."""
    LOOPED = "looped"
    """The function has called itself in a circle too often."""
    EXPIRED = "expired"
    """The event was past its age before it could be tried."""


class Condition(StrEnum):
    """How an event ended, as records name it."""

    SUCCESS = "Success"
    RETRIES_EXHAUSTED = "RetriesExhausted"
    EVENT_AGE_EXCEEDED = "EventAgeExceeded"
    ZERO_RESERVED_CONCURRENCY = "ZeroReservedConcurrency"


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how long an event is tried."""

    maximum_retry_attempts: int = 2
    maximum_event_age_s: int = 21_600
    delays_s: tuple[float, ...] = DEFAULT_DELAYS_S
    """Before the first retry, the second …; the last one holds for all that follow."""


class Retry(NamedTuple):
    """The event is tried again."""

    at_ms: int


class End(NamedTuple):
    """The event has come to its end."""

    condition: Condition


def decide(
    result: Result, policy: RetryPolicy, *, now_ms: int, accepted_ms: int, attempts: int, refusals: int
) -> Retry | End:
    """The next step. attempts, refusals: how often the function ran, and was refused, this attempt among them."""
    if result is Result.SUCCEEDED:
        return End(Condition.SUCCESS)
    if result is Result.SWITCHED_OFF:
        return End(Condition.ZERO_RESERVED_CONCURRENCY)
    if result is Result.EXPIRED:
        return End(Condition.EVENT_AGE_EXCEEDED)
    if result in {Result.GONE, Result.LOOPED} or (result is Result.FAILED and attempts > policy.maximum_retry_attempts):
        return End(Condition.RETRIES_EXHAUSTED)
    wait_ms = _delay_ms(policy, attempts) if result is Result.FAILED else back_off_ms(refusals)
    if expired(policy, now_ms=now_ms + wait_ms, accepted_ms=accepted_ms):
        return End(Condition.EVENT_AGE_EXCEEDED)
    return Retry(now_ms + wait_ms)


def expired(policy: RetryPolicy, *, now_ms: int, accepted_ms: int) -> bool:
    """Whether an attempt that begins now would be past the event's age."""
    return now_ms - accepted_ms >= policy.maximum_event_age_s * 1000


def back_off_ms(times: int) -> int:
    """How long to wait after something was refused so many times in a row, at least once."""
    return min(_FIRST_BACK_OFF_MS << min(times - 1, _DOUBLINGS), _LONGEST_BACK_OFF_MS)


def _delay_ms(policy: RetryPolicy, attempts: int) -> int:
    return int(policy.delays_s[min(attempts, len(policy.delays_s)) - 1] * 1000)
