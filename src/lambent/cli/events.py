"""How events are shown: a line for each, or the timeline of one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def line(event: Mapping[str, Any]) -> str:
    """One event in one line: its id, when it was accepted, its function, how far it is."""
    return "  ".join((event["id"], moment(event["accepted_at_ms"]), _function(event), _state(event)))


def timeline(event: Mapping[str, Any]) -> list[str]:
    """An event's life, a line for each thing that happened."""
    by = event["source"] or "a call of the API"
    lines = [f"event {event['id']} of {_function(event)}", f"{moment(event['accepted_at_ms'])}  accepted from {by}"]
    lines += [_attempt(step) for step in event["timeline"]]
    for told in event["told"]:
        how = "told to" if told["failure"] is None else "NOT told to"
        why = "" if told["failure"] is None else f": {told['failure']}"
        lines.append(f"{moment(event['ended_at_ms'])}  {how} {told['arn']}{why}")
    if event["condition"] is None:
        return [*lines, f"{' ' * 24}  {_state(event)}"]
    return [*lines, f"{moment(event['ended_at_ms'])}  ended: {event['condition']}"]


def moment(epoch_ms: int) -> str:
    """E.g. `2026-01-01T00:00:00.123Z`."""
    at = datetime.fromtimestamp(epoch_ms / 1000, UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{epoch_ms % 1000:03d}Z"


def _attempt(step: Mapping[str, Any]) -> str:
    words = [step["result"]]
    if step["version"] is not None:
        words.append(f"version {step['version']}")
    if step["duration_ms"] is not None:
        words.append(f"{step['duration_ms']:.2f} ms")
    if step["message"]:
        words.append(step["message"].replace("\n", " "))
    if step["log_stream"] is not None and step["result"] != "succeeded":
        words.append(f"log stream {step['log_stream']}")
    if step["retry_at_ms"] is not None:
        words.append(f"again at {moment(step['retry_at_ms'])}")
    return f"{moment(step['at_ms'])}  {', '.join(words)}"


def _function(event: Mapping[str, Any]) -> str:
    name = event["function_arn"].rpartition(":")[2]
    return name if event["qualifier"] is None else f"{name}:{event['qualifier']}"


def _state(event: Mapping[str, Any]) -> str:
    if event["condition"] is not None:
        return str(event["condition"])
    if event["ready_at_ms"] is None:
        return "running"
    return f"waits until {moment(event['ready_at_ms'])}"
