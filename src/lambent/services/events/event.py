"""The envelope of an event. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from lambent.services.events.document import read_object

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_BYTES = 1_048_576
"""Of all entries of one request together."""


class Problem(NamedTuple):
    """Why an entry was not taken, in AWS's words."""

    code: str
    text: str


def time_text(moment: datetime) -> str:
    """E.g. `2026-01-01T00:00:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def from_ms(moment_ms: int) -> datetime:
    """A time as answers have it."""
    return datetime.fromtimestamp(moment_ms / 1000, UTC)


def entry_bytes(entry: Mapping[str, Any]) -> int:
    """An entry's size as AWS counts it."""
    texts = [entry.get("Source"), entry.get("DetailType"), entry.get("Detail"), *(entry.get("Resources") or [])]
    return (14 if entry.get("Time") is not None else 0) + sum(len(text.encode()) for text in texts if text)


def problem_of(entry: Mapping[str, Any]) -> Problem | None:
    """What is wrong with an entry of PutEvents, beside its detail."""
    for name in ("Source", "DetailType", "Detail"):
        if not entry.get(name):
            return Problem("InvalidArgument", f"Parameter {name} is not valid. Reason: {name} is a required argument.")
    if entry["Source"].lower().startswith("aws."):
        return Problem("NotAuthorizedForSourceException", "Not authorized for the source.")
    return None


def envelope(
    *,
    event_id: str,
    detail_type: str,
    source: str,
    account: str,
    time: datetime,
    region: str,
    resources: list[str],
    detail: dict[str, Any],
) -> dict[str, Any]:
    """An event, its members in AWS's order."""
    return {
        "version": "0",
        "id": event_id,
        "detail-type": detail_type,
        "source": source,
        "account": account,
        "time": time_text(time),
        "region": region,
        "resources": resources,
        "detail": detail,
    }


def with_replay(event: dict[str, Any], replay: str) -> dict[str, Any]:
    """The event as a replay sends it: the replay's name stands behind the region."""
    found: dict[str, Any] = {}
    for name, value in event.items():
        found[name] = value
        if name == "region":
            found["replay-name"] = replay
    return found


def from_entry(
    entry: Mapping[str, Any], event_id: str, account: str, region: str, now: datetime
) -> Problem | dict[str, Any]:
    """The event of an entry of PutEvents, or what is wrong with it."""
    problem = problem_of(entry)
    if problem is not None:
        return problem
    detail = read_object(entry["Detail"])
    if detail is None:
        return Problem("MalformedDetail", "Detail is malformed.")
    return envelope(
        event_id=event_id,
        detail_type=entry["DetailType"],
        source=entry["Source"],
        account=account,
        time=entry.get("Time") or now,
        region=region,
        resources=list(entry.get("Resources") or []),
        detail=detail,
    )
