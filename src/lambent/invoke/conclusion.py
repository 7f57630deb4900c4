"""After an attempt: the event's end with the hand-over of its outcome, or its next turn; one transaction either way.

Runs on the store's thread and touches nothing but the transaction. What could not be delivered is returned, so that it
is logged and counted once it is known to be kept.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, Protocol

from lambent.delivery import Undeliverable
from lambent.invoke import event as events
from lambent.invoke import history
from lambent.invoke.history import noted
from lambent.invoke.outcome import EventPolicy, dead_letter, destination
from lambent.invoke.retry import Condition, Result, Retry, decide

if TYPE_CHECKING:
    from lambent.delivery import Deliveries, Message
    from lambent.invoke.event import Attempt, Event
    from lambent.store import Tx

DEAD_LETTER_ERRORS = "DeadLetterErrors"
DELIVERY_FAILURES = "DestinationDeliveryFailures"


class Policies(Protocol):
    """Knows what users set."""

    def policy(self, tx: Tx, event: Event, attempt: Attempt) -> EventPolicy:
        """What holds for an event now. attempt: whose version's dead-letter queue counts; none after a success."""

    def allows_loops(self, tx: Tx, event: Event) -> bool:
        """Whether the event's function is let to call itself in circles."""


class Failure(NamedTuple):
    """A hand-over that came to nothing."""

    metric: str
    arn: str
    reason: str


class Conclusion(NamedTuple):
    """What was decided and kept."""

    condition: Condition | None = None
    """How the event ended; None where it did not."""
    retry_at_ms: int | None = None
    failures: tuple[Failure, ...] = ()


class Concluder:
    """Decides, keeps and hands over."""

    def __init__(self, *, policies: Policies, deliveries: Deliveries, owner: str) -> None:
        """owner: of the leases."""
        self._policies = policies
        self._deliveries = deliveries
        self._owner = owner

    def conclude(self, tx: Tx, event: Event, attempt: Attempt, now_ms: int, *, deliver: bool = True) -> Conclusion:
        """Conclude one attempt; nothing is kept or handed over of an event whose lease was lost.

        event: as it was before the attempt. deliver: False where a target has broken the transaction before: its
        messages count as undeliverable.
        """
        policy = self._policies.policy(tx, event, attempt)
        after = _counted(event, attempt)
        step = decide(
            attempt.result,
            policy.retry,
            now_ms=now_ms,
            accepted_ms=event.accepted_at_ms,
            attempts=after.attempts,
            refusals=after.refusals,
        )
        if isinstance(step, Retry):
            again = replace(noted(after, attempt, retry_at_ms=step.at_ms), ready_at_ms=step.at_ms)
            kept = events.retry(tx, again, owner=self._owner)
            return Conclusion(retry_at_ms=step.at_ms if kept else None)
        if not events.delete(tx, event, owner=self._owner):
            return Conclusion()
        failures: list[Failure] = []
        told: list[tuple[str, str | None]] = []
        for metric, arn, message in _messages(after, attempt, step.condition, policy, now_ms):
            reason = self._hand_over(tx, arn, message) if deliver else "its target failed"
            told.append((arn, reason))
            if reason is not None:
                failures.append(Failure(metric, arn, reason))
        history.put(tx, noted(after, attempt), step.condition, told=told, now_ms=now_ms)
        return Conclusion(step.condition, failures=tuple(failures))

    def _hand_over(self, tx: Tx, arn: str, message: Message) -> str | None:
        """Why it was not taken; None when it was."""
        try:
            self._deliveries.deliver(tx, arn, message)
        except Undeliverable as refusal:
            return str(refusal)
        return None


def _counted(event: Event, attempt: Attempt) -> Event:
    """The event with this attempt in its counts."""
    if attempt.result in {Result.SUCCEEDED, Result.FAILED}:
        return replace(event, attempts=event.attempts + 1, refusals=0, last=attempt)
    if attempt.result is Result.REFUSED:
        return replace(event, refusals=event.refusals + 1, last=attempt)
    return event


def _messages(
    event: Event, attempt: Attempt, condition: Condition, policy: EventPolicy, now_ms: int
) -> list[tuple[str, str, Message]]:
    """What is to be handed over to which ARNs, and the metric that counts where that fails."""
    found = []
    if condition is not Condition.SUCCESS and policy.dead_letter is not None:
        found.append((DEAD_LETTER_ERRORS, policy.dead_letter, dead_letter(event, attempt)))
    arn = policy.on_success if condition is Condition.SUCCESS else policy.on_failure
    if arn is not None:
        message = destination(event, attempt, condition, arn=arn, now_ms=now_ms)
        found.append((DELIVERY_FAILURES, arn, message))
    return found
