"""What is told of an event that has ended: the record for a destination, the message for a dead-letter queue. Pure.

Sources: developer guide, "Adding a destination" and "Adding a dead-letter queue"; recordings for what the guide leaves
open: names with `$LATEST`, a success that counts one attempt, the words of dead letters.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from lambent.delivery import Attribute, Message
from lambent.invoke.retry import Condition, Result, RetryPolicy

if TYPE_CHECKING:
    from lambent.invoke.event import Attempt, Event

SERVICE = "lambda.amazonaws.com"
_MESSAGE_LIMIT = 1024
"""Bytes of a dead letter's ErrorMessage."""
_SWITCHED_OFF = "Function not invoked. Function isconfigured with zero reserved concurrent executions"
"""Sic."""


@dataclass(frozen=True, slots=True)
class EventPolicy:
    """What a user set for the events of a function, a version or an alias; None where there is no target."""

    retry: RetryPolicy = field(default_factory=RetryPolicy)
    on_success: str | None = None
    on_failure: str | None = None
    dead_letter: str | None = None


def destination(event: Event, attempt: Attempt, condition: Condition, *, arn: str, now_ms: int) -> Message:
    """The message for a destination, in the form that its service takes."""
    record = invocation_record(event, attempt, condition, now_ms=now_ms)
    if _service(arn) == "events":
        record = _bus_entry(event, condition, record, arn)
    return Message(
        body=record,
        trace_header=event.trace_header,
        source_service=SERVICE,
        source_arn=event.function_arn,
    )


def invocation_record(event: Event, attempt: Attempt, condition: Condition, *, now_ms: int) -> str:
    """The invocation record, JSON."""
    record: dict[str, Any] = {
        "version": "1.0",
        "timestamp": _timestamp(now_ms),
        "requestContext": {
            "requestId": event.id,
            "functionArn": event.qualified_arn,
            "condition": condition,
            "approximateInvokeCount": 1 if condition is Condition.SUCCESS else event.attempts,
        },
        "requestPayload": orjson.Fragment(event.payload),
    }
    if attempt.status is not None:
        context: dict[str, Any] = {"statusCode": attempt.status}
        if attempt.version is not None:
            context["executedVersion"] = attempt.version
            if condition is not Condition.SUCCESS:
                context["functionError"] = "Unhandled"
        record["responseContext"] = context
    if attempt.payload is not None:
        record["responsePayload"] = _json_or_text(attempt.payload)
    return orjson.dumps(record).decode()


def dead_letter(event: Event, attempt: Attempt) -> Message:
    """The message for a dead-letter queue or topic: the event as it came, the rest in attributes."""
    attributes = {"RequestID": Attribute("String", event.id)}
    text = attempt.message
    if attempt.result is Result.SWITCHED_OFF:
        text = _SWITCHED_OFF
    elif attempt.status is not None:
        attributes["ErrorCode"] = Attribute("Number", str(attempt.status))
    if text:
        attributes["ErrorMessage"] = Attribute("String", _shortened(text))
    return Message(
        body=event.payload,
        attributes=attributes,
        trace_header=event.trace_header,
        source_service=SERVICE,
        source_arn=event.function_arn,
    )


def error_message(payload: str) -> str:
    """The `errorMessage` of what a function that failed answered; empty where there is none."""
    try:
        error = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return payload
    text = error.get("errorMessage") if isinstance(error, dict) else None
    return text if isinstance(text, str) else ""


def _bus_entry(event: Event, condition: Condition, record: str, arn: str) -> str:
    outcome = "Success" if condition is Condition.SUCCESS else "Failure"
    return orjson.dumps(
        {
            "Source": "lambda",
            "DetailType": f"Lambda Function Invocation Result - {outcome}",
            "Resources": [arn, event.qualified_arn],
            "Detail": record,
        }
    ).decode()


def _json_or_text(payload: str) -> Any:
    """A runtime may answer with anything; what is not JSON becomes a string."""
    try:
        orjson.loads(payload)
    except orjson.JSONDecodeError:
        return payload
    return orjson.Fragment(payload)


def _shortened(text: str) -> str:
    return text.encode()[:_MESSAGE_LIMIT].decode("utf-8", "ignore")


def _timestamp(epoch_ms: int) -> str:
    at = datetime.fromtimestamp(epoch_ms / 1000, UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{epoch_ms % 1000:03d}Z"


def _service(arn: str) -> str:
    return arn.split(":")[2]
