"""What holds for a function's events: its EventInvokeConfig and its version's dead-letter queue.

Events of something that was deleted end where its settings said when it went: `bequeath` keeps those for as long as
there are such events. Runs within a caller's transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from lambent.invoke import event as events
from lambent.invoke.outcome import EventPolicy
from lambent.invoke.retry import Result, RetryPolicy
from lambent.services.lambda_ import alias, event_invoke, function_settings, repository
from lambent.services.lambda_.qualified import is_alias
from lambent.services.lambda_.record import LATEST, FunctionKey
from lambent.store import load_queries

if TYPE_CHECKING:
    from lambent.invoke.event import Attempt, Event
    from lambent.services.lambda_.record import FunctionRecord
    from lambent.store import Tx

_SQL = load_queries("lambent.services.lambda_", "event_policies.sql")
_RETRY = RetryPolicy()


class EventPolicies:
    """See `lambent.invoke.conclusion.Policies`."""

    def __init__(self, delays_s: tuple[float, ...]) -> None:
        """delays_s: before the first retry, the second …."""
        self._delays_s = delays_s

    def policy(self, tx: Tx, event: Event, attempt: Attempt) -> EventPolicy:
        """What holds for an event now; of what is gone, what held when it went."""
        function = FunctionKey(*event.function)
        qualifier = event.qualifier or LATEST
        config = event_invoke.load(tx, function, qualifier)
        settings: dict[str, str | int | None] = {} if config is None else _settings(config, None)
        if attempt.result is not Result.SUCCEEDED:
            record = _record(tx, function, attempt.version or qualifier)
            if record is not None:
                settings["dead_letter"] = record.configuration.dead_letter
            elif config is None:
                settings = _legacy(tx, event.function_arn, qualifier)
        elif config is None and repository.load(tx, function) is None:
            settings = _legacy(tx, event.function_arn, qualifier)
        if attempt.result is Result.GONE:
            _forget_legacy(tx, event, qualifier)
        return self._policy(settings)

    def allows_loops(self, tx: Tx, event: Event) -> bool:
        """Whether the function is let to call itself in circles."""
        return function_settings.load(tx, FunctionKey(*event.function)).recursive_loop == "Allow"

    def _policy(self, settings: dict[str, str | int | None]) -> EventPolicy:
        attempts, age_s = settings.get("maximum_retry_attempts"), settings.get("maximum_event_age_s")
        return EventPolicy(
            RetryPolicy(
                _RETRY.maximum_retry_attempts if attempts is None else int(attempts),
                _RETRY.maximum_event_age_s if age_s is None else int(age_s),
                self._delays_s,
            ),
            on_success=_text(settings.get("on_success")),
            on_failure=_text(settings.get("on_failure")),
            dead_letter=_text(settings.get("dead_letter")),
        )


def bequeath(tx: Tx, function: FunctionKey, qualifier: str | None = None) -> None:
    """A function is about to be deleted, or one of its versions or aliases: keep its settings while it has events."""
    if not events.waits(tx, function.arn()):
        return
    for one in [qualifier] if qualifier is not None else _qualifiers(tx, function):
        config, record = event_invoke.load(tx, function, one), _record(tx, function, one)
        settings = _settings(config, None if record is None else record.configuration.dead_letter)
        text = orjson.dumps(settings).decode()
        tx.execute(_SQL["put"], {"function_arn": function.arn(), "qualifier": one, "settings": text})


def _qualifiers(tx: Tx, function: FunctionKey) -> list[str]:
    versions = [key.version for key in repository.versions(tx, function)]
    return versions + [one.name for one in alias.of_function(tx, function)]


def _record(tx: Tx, function: FunctionKey, qualifier: str) -> FunctionRecord | None:
    if is_alias(qualifier):
        named = alias.load(tx, function, qualifier)
        if named is None:
            return None
        qualifier = named.version
    return repository.load(tx, function._replace(version=qualifier))


def _settings(config: event_invoke.EventInvokeConfig | None, dead_letter: str | None) -> dict[str, str | int | None]:
    if config is None:
        return {"dead_letter": dead_letter}
    return {
        "maximum_retry_attempts": config.maximum_retry_attempts,
        "maximum_event_age_s": config.maximum_event_age_s,
        "on_success": config.on_success,
        "on_failure": config.on_failure,
        "dead_letter": dead_letter,
    }


def _legacy(tx: Tx, arn: str, qualifier: str) -> dict[str, str | int | None]:
    row = tx.one(_SQL["load"], {"function_arn": arn, "qualifier": qualifier})
    found: dict[str, str | int | None] = {} if row is None else orjson.loads(row["settings"])
    return found


def _forget_legacy(tx: Tx, event: Event, qualifier: str) -> None:
    """Forget it with the last event; this one is still there."""
    names = {"function_arn": event.function_arn, "qualifier": qualifier, "id": event.id}
    tx.execute(_SQL["forget"], names)


def _text(value: str | int | None) -> str | None:
    return None if value is None else str(value)
