"""What is to become of asynchronous calls: attempts, age and destinations, for `$LATEST`, each version, each alias.

As it is kept. Nothing is inherited: a function's configuration does not hold for its versions.
Source: Lambda API reference, FunctionEventInvokeConfig.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lambent.services.lambda_.record import FunctionKey
from lambent.store import load_queries

if TYPE_CHECKING:
    from lambent.store import Row, Tx

_SQL = load_queries("lambent.services.lambda_", "event_invoke.sql")


@dataclass(frozen=True, slots=True)
class EventInvokeConfig:
    """One configuration; None where something was not set, or was cleared."""

    function: FunctionKey
    qualifier: str
    """`$LATEST`, a version or an alias."""
    last_modified: int
    """Milliseconds since the epoch."""
    maximum_retry_attempts: int | None = None
    maximum_event_age_s: int | None = None
    on_success: str | None = None
    """The ARN of a destination."""
    on_failure: str | None = None

    def view(self) -> dict[str, Any]:
        """The shape FunctionEventInvokeConfig."""
        view: dict[str, Any] = {
            "LastModified": datetime.fromtimestamp(self.last_modified / 1000, UTC),
            "FunctionArn": self.function.arn(self.qualifier),
            "DestinationConfig": {
                "OnSuccess": _destination(self.on_success),
                "OnFailure": _destination(self.on_failure),
            },
        }
        if self.maximum_retry_attempts is not None:
            view["MaximumRetryAttempts"] = self.maximum_retry_attempts
        if self.maximum_event_age_s is not None:
            view["MaximumEventAgeInSeconds"] = self.maximum_event_age_s
        return view


def load(tx: Tx, function: FunctionKey, qualifier: str) -> EventInvokeConfig | None:
    """The configuration of `$LATEST`, a version or an alias; None where it has none."""
    row = tx.one(_SQL["load"], {**function.names(), "qualifier": qualifier})
    return None if row is None else _from_row(row)


def put(tx: Tx, config: EventInvokeConfig) -> None:
    """Keep a configuration in the place of the one before."""
    columns = asdict(config)
    del columns["function"]
    tx.execute(_SQL["put"], {**config.function.names(), **columns})


def page(tx: Tx, function: FunctionKey, *, after: str, count: int) -> list[EventInvokeConfig]:
    """A function's configurations by qualifier, behind the qualifier `after`, at most `count`."""
    return [_from_row(row) for row in tx.all(_SQL["page"], {**function.names(), "after": after, "count": count})]


def delete(tx: Tx, function: FunctionKey, qualifier: str) -> bool:
    """Forget a configuration; False where there is none."""
    return tx.execute(_SQL["delete"], {**function.names(), "qualifier": qualifier}) > 0


def _destination(arn: str | None) -> dict[str, str]:
    return {} if arn is None else {"Destination": arn}


def _from_row(row: Row) -> EventInvokeConfig:
    return EventInvokeConfig(
        function=FunctionKey(row["account"], row["region"], row["name"]),
        qualifier=row["qualifier"],
        last_modified=row["last_modified"],
        maximum_retry_attempts=row["maximum_retry_attempts"],
        maximum_event_age_s=row["maximum_event_age_s"],
        on_success=row["on_success"],
        on_failure=row["on_failure"],
    )
