"""A queue's attributes: which there are, which values they take, and how they are shown.

Source: SQS API reference, "CreateQueue" and "SetQueueAttributes".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from lambent.services.sqs import dead_letters, repository
from lambent.services.sqs.record import MAX_BYTES, is_number
from lambent.services.sqs.refusals import invalid_attribute, not_built, unknown_attribute

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lambent.services.sqs.record import Queue, QueueKey
    from lambent.store import Tx


class _Range(NamedTuple):
    least: int
    most: int
    default: str


_NUMBERS = {
    "DelaySeconds": _Range(0, 900, "0"),
    "MaximumMessageSize": _Range(1024, MAX_BYTES, str(MAX_BYTES)),
    "MessageRetentionPeriod": _Range(60, 1_209_600, "345600"),
    "ReceiveMessageWaitTimeSeconds": _Range(0, 20, "0"),
    "VisibilityTimeout": _Range(0, 43_200, "30"),
    "KmsDataKeyReusePeriodSeconds": _Range(60, 86_400, "300"),
}
_CHOICES = {
    "SqsManagedSseEnabled": ("true", "false"),
    "ContentBasedDeduplication": ("true", "false"),
    "DeduplicationScope": ("queue", "messageGroup"),
    "FifoThroughputLimit": ("perQueue", "perMessageGroupId"),
}
_FIFO_ONLY = {"DeduplicationScope", "FifoThroughputLimit"}
_DOCUMENTS = {"Policy", "RedrivePolicy", "RedriveAllowPolicy"}
_READ_ONLY = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
    "CreatedTimestamp",
    "LastModifiedTimestamp",
    "QueueArn",
)
_DEFAULTS = {
    **{name: limits.default for name, limits in _NUMBERS.items() if name != "KmsDataKeyReusePeriodSeconds"},
    "SqsManagedSseEnabled": "true",
}
_FIFO_DEFAULTS = {
    "FifoQueue": "true",
    "ContentBasedDeduplication": "false",
    "DeduplicationScope": "queue",
    "FifoThroughputLimit": "perQueue",
}
_KNOWN = {*_NUMBERS, *_CHOICES, *_DOCUMENTS, *_READ_ONLY, "FifoQueue", "KmsMasterKeyId", "All"}


def checked(tx: Tx, key: QueueKey, given: Mapping[str, str], before: Mapping[str, str]) -> dict[str, str]:
    """All attributes of a queue once the given ones are set; empty values take an attribute away.

    before: what was set until now, nothing for a new queue. Raises AwsError.
    """
    after = dict(before)
    for name, value in given.items():
        _check(key, name, value)
        if name in _DOCUMENTS and not value:
            after.pop(name, None)
        elif name != "KmsMasterKeyId":
            after[name] = value
    if given.get("RedrivePolicy"):
        dead_letters.check_policy(tx, key, given["RedrivePolicy"])
    if given.get("RedriveAllowPolicy"):
        dead_letters.check_allow_policy(given["RedriveAllowPolicy"])
    if after.get("FifoThroughputLimit") == "perMessageGroupId" and after.get("DeduplicationScope") != "messageGroup":
        reason = "The perMessageGroupId value is allowed only when the value for DeduplicationScope is messageGroup."
        raise invalid_attribute("FifoThroughputLimit", reason)
    return after


def effective(key: QueueKey, attributes: Mapping[str, str]) -> dict[str, str]:
    """Attributes as they hold, those that nobody set included."""
    return {**_DEFAULTS, **(_FIFO_DEFAULTS if key.is_fifo else {}), **attributes}


def difference(key: QueueKey, attributes: Mapping[str, str], given: Mapping[str, str]) -> str | None:
    """The first of the given attributes that a queue has another value of, None where all are the same."""
    holds = effective(key, attributes)
    for name, value in given.items():
        if _same(name, value) != _same(name, holds.get(name, "")):
            return name
    return None


def shown(tx: Tx, queue: Queue, names: Iterable[str], now_ms: int) -> dict[str, str]:
    """The attributes of these names; counts are looked for only where they are asked for."""
    asked = set(names)
    for name in asked:
        if name not in _KNOWN:
            raise unknown_attribute(name)
    holds = effective(queue.key, orjson.loads(queue.attributes))
    holds |= {
        "QueueArn": queue.key.arn,
        "CreatedTimestamp": str(queue.created_ms // 1000),
        "LastModifiedTimestamp": str(queue.modified_ms // 1000),
    }
    if asked & {"All", *_READ_ONLY[:3]}:
        delayed, in_flight = repository.hidden(tx, queue, now_ms)
        holds |= {
            "ApproximateNumberOfMessages": str(max(0, queue.messages - delayed - in_flight)),
            "ApproximateNumberOfMessagesDelayed": str(delayed),
            "ApproximateNumberOfMessagesNotVisible": str(in_flight),
        }
    return holds if "All" in asked else {name: value for name, value in holds.items() if name in asked}


def _check(key: QueueKey, name: str, value: str) -> None:
    """One attribute by itself. Raises AwsError."""
    if name not in _KNOWN or name in _READ_ONLY or name == "All":
        raise unknown_attribute(name)
    if limits := _NUMBERS.get(name):
        if not (is_number(value) and limits.least <= int(value) <= limits.most):
            raise invalid_attribute(name)
    elif choices := _CHOICES.get(name):
        _check_kind(key, name)
        if value not in choices:
            raise invalid_attribute(name)
    elif name == "FifoQueue":
        if value not in {"true", "false"}:
            raise invalid_attribute(name)
        if value == "false" or not key.is_fifo:
            raise unknown_attribute(name)
    elif name == "KmsMasterKeyId" and value:
        raise not_built("encryption of queues by KMS keys (KmsMasterKeyId)")
    elif name == "Policy" and value and not isinstance(document(value), dict):
        raise invalid_attribute(name)


def _check_kind(key: QueueKey, name: str) -> None:
    if key.is_fifo:
        return
    if name in _FIFO_ONLY:
        raise unknown_for_standard(name)
    if name == "ContentBasedDeduplication":
        raise unknown_attribute(name)


def unknown_for_standard(name: str) -> Exception:
    """400 for what FIFO queues have only."""
    refusal = unknown_attribute(name)
    refusal.message = f"You can specify the {name} only when FifoQueue is set to true."
    return refusal


def document(text: str) -> Any:
    """The JSON of an attribute, None for what is none."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def _same(name: str, value: str) -> Any:
    """What two values have in common that mean the same."""
    return document(value) if name in _DOCUMENTS and value else value
