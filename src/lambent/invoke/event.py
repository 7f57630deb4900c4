"""An event that waits to be run or runs, and how it is kept. Functions with a `tx` run within a caller's transaction.

    accept -> waiting -> leased -> gone with its outcome, in one transaction
                 ^          |
                 +----------+   to be tried again, given back, or the lease has lapsed

`ready_at_ms` is when an event may be taken: that of a leased one is the end of its lease, so that what nobody renews is
taken again by itself.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from lambent.arn import function_arn
from lambent.invoke.retry import Result
from lambent.store import load_queries

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lambent.store import Row, Tx

_SQL = load_queries("lambent.invoke", "events.sql")
TOPIC = "lambda.events"
"""Signalled when another part has put an event here."""
SIZE_LIMIT = 1_048_576
"""Bytes of an event's payload."""
LATEST = "$LATEST"


class FunctionRef(NamedTuple):
    """A function as a whole."""

    account: str
    region: str
    name: str

    @property
    def arn(self) -> str:
        """Without a qualifier."""
        return function_arn(self.account, self.region, self.name)


def function_of(arn: str) -> FunctionRef:
    """The function that an ARN names, whatever its qualifier."""
    parts = arn.split(":")
    return FunctionRef(parts[4], parts[3], parts[6])


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one attempt."""

    result: Result
    status: int | None = None
    """As Lambda's API would have answered; None where nothing was called."""
    version: str | None = None
    """Which version ran; None where none did."""
    payload: str | None = None
    """What the function returned, or its error; JSON."""
    message: str = ""
    """Why it was no success, for people."""
    began_ms: int = 0
    """Milliseconds since the epoch."""
    duration_ms: float | None = None
    """How long the function ran; None where it did not."""
    log_stream: str | None = None
    """Where it logged."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event in the queue."""

    id: str
    """The request id of all its attempts."""
    function_arn: str
    """Without a qualifier."""
    qualifier: str
    """As the caller sent it; empty where none was."""
    payload: str
    """JSON, as it came."""
    accepted_at_ms: int
    ready_at_ms: int
    attempts: int = 0
    """How often the function ran."""
    refusals: int = 0
    """How often it was throttled or could not be run."""
    trace_header: str | None = None
    source: str = ""
    """The service that put it here, e.g. `sns.amazonaws.com`; empty for a call of the API."""
    last: Attempt | None = None
    timeline: tuple[Mapping[str, Any], ...] = ()
    """What was noted of each attempt, for people: see `lambent.invoke.history`."""

    @property
    def function(self) -> FunctionRef:
        """Whose event it is."""
        return function_of(self.function_arn)

    @property
    def invoked_arn(self) -> str:
        """The ARN as it was addressed."""
        return f"{self.function_arn}:{self.qualifier}" if self.qualifier else self.function_arn

    @property
    def qualified_arn(self) -> str:
        """The ARN with what is meant where no qualifier was sent."""
        return f"{self.function_arn}:{self.qualifier or LATEST}"


class Claim(NamedTuple):
    """What was taken of one function's events, and when the next of them will be ready; None when there is none."""

    events: list[Event]
    next_ready_ms: int | None


def put(tx: Tx, event: Event, *, owner: str | None = None) -> None:
    """Keep a new event. owner: who has it at once, until its `ready_at_ms`."""
    tx.execute(
        _SQL["insert"],
        {
            "id": event.id,
            "function_arn": event.function_arn,
            "qualifier": event.qualifier,
            "payload": event.payload,
            "accepted_at": event.accepted_at_ms,
            "ready_at": event.ready_at_ms,
            "attempts": event.attempts,
            "refusals": event.refusals,
            "trace_header": event.trace_header,
            "source": event.source,
            "last_attempt": _dumped(event.last),
            "timeline": orjson.dumps(event.timeline).decode(),
            "lease_owner": owner,
        },
    )


def lanes(tx: Tx) -> dict[str, int]:
    """The ARNs of all functions that have events, and when the first of each is ready."""
    return {row["function_arn"]: row["ready_at"] for row in tx.all(_SQL["lanes"], {})}


def claim(tx: Tx, arn: str, count: int, *, owner: str, now_ms: int, lease_end_ms: int) -> Claim:
    """Take up to `count` events of a function that are ready, the longest waiting first."""
    rows = tx.all(_SQL["due"], {"function_arn": arn, "now": now_ms, "count": count})
    events = [from_row(row) for row in rows]
    tx.executemany(_SQL["lease"], [{"id": one.id, "owner": owner, "lease_end": lease_end_ms} for one in events])
    following = tx.one(_SQL["next_ready"], {"function_arn": arn})
    return Claim(events, None if following is None else following["ready_at"])


def renew(tx: Tx, ids: Iterable[str], *, owner: str, lease_end_ms: int) -> None:
    """Keep leases for longer; those that were lost stay lost."""
    tx.executemany(_SQL["renew"], [{"id": one, "owner": owner, "lease_end": lease_end_ms} for one in ids])


def release(tx: Tx, ids: Iterable[str], *, owner: str, now_ms: int) -> None:
    """Give events back, to be run by whoever comes next."""
    tx.executemany(_SQL["release"], [{"id": one, "owner": owner, "now": now_ms} for one in ids])


def release_all(tx: Tx, *, now_ms: int) -> int:
    """Give back what all owners had, who must be dead; how many events that were."""
    return tx.execute(_SQL["release_all"], {"now": now_ms})


def retry(tx: Tx, event: Event, *, owner: str) -> bool:
    """Give an event back as it has become; False where it is another's by now."""
    return (
        tx.execute(
            _SQL["retry"],
            {
                "id": event.id,
                "owner": owner,
                "ready_at": event.ready_at_ms,
                "attempts": event.attempts,
                "refusals": event.refusals,
                "last_attempt": _dumped(event.last),
                "timeline": orjson.dumps(event.timeline).decode(),
            },
        )
        > 0
    )


def delete(tx: Tx, event: Event, *, owner: str) -> bool:
    """Forget an event that has ended; False where it is another's by now."""
    return tx.execute(_SQL["delete"], {"id": event.id, "owner": owner}) > 0


def waits(tx: Tx, arn: str) -> bool:
    """Whether a function has events."""
    return tx.one(_SQL["waiting"], {"function_arn": arn}) is not None


def count(tx: Tx) -> int:
    """How many events there are, of all accounts and regions."""
    row = tx.one(_SQL["count"], {})
    return 0 if row is None else int(row["events"])


def _dumped(attempt: Attempt | None) -> str | None:
    return None if attempt is None else orjson.dumps(asdict(attempt)).decode()


def from_row(row: Row) -> Event:
    """The event of a row."""
    last = None if row["last_attempt"] is None else orjson.loads(row["last_attempt"])
    return Event(
        id=row["id"],
        function_arn=row["function_arn"],
        qualifier=row["qualifier"],
        payload=row["payload"],
        accepted_at_ms=row["accepted_at"],
        ready_at_ms=row["ready_at"],
        attempts=row["attempts"],
        refusals=row["refusals"],
        trace_header=row["trace_header"],
        source=row["source"],
        last=None if last is None else Attempt(**{**last, "result": Result(last["result"])}),
        timeline=tuple(orjson.loads(row["timeline"])),
    )
