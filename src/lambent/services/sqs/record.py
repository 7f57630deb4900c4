"""What a queue is: its key, its settings as they hold, and where its messages lie."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import orjson

from lambent.arn import partition_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambent.store import Row

MAX_BYTES = 1_048_576
_MOST_DIGITS = 100
"""Of a message, and of a batch."""


class QueueKey(NamedTuple):
    """What tells a queue from all others."""

    account: str
    region: str
    name: str

    @property
    def arn(self) -> str:
        """E.g. `arn:aws:sqs:us-east-1:000000000000:orders`."""
        return f"arn:{partition_of(self.region)}:sqs:{self.region}:{self.account}:{self.name}"

    @property
    def is_fifo(self) -> bool:
        """Whether it is a FIFO queue: no other may have such a name."""
        return self.name.endswith(".fifo")


class Settings(NamedTuple):
    """A queue's attributes, as far as messages feel them."""

    delay_ms: int
    visibility_ms: int
    wait_s: int
    retention_ms: int
    max_bytes: int
    dlq_arn: str | None
    max_receives: int
    """0 where there is no dead-letter queue."""
    by_content: bool
    """Whether a body's hash stands for a missing deduplication id."""
    by_group: bool
    """Whether deduplication ids count within their message group only."""


class Queue(NamedTuple):
    """A queue as it was found."""

    id: int
    key: QueueKey
    lot: int
    attributes: str
    """Those that were set, as JSON."""
    created_ms: int
    modified_ms: int
    purged_ms: int | None
    messages: int
    """How many lie in it."""

    @property
    def settings(self) -> Settings:
        """What holds for its messages."""
        return _settings(self.attributes)

    @property
    def topic(self) -> str:
        """The signal that something in it may have become visible."""
        return topic(self.key)


def topic(key: QueueKey) -> str:
    """The signal that something in a queue may have become visible."""
    return f"sqs/{key.account}/{key.region}/{key.name}"


def key_of_arn(arn: str) -> QueueKey | None:
    """The queue that an ARN names, None for what is no queue's ARN."""
    parts = arn.split(":")
    if len(parts) != 6 or parts[0] != "arn" or parts[2] != "sqs":
        return None
    return QueueKey(parts[4], parts[3], parts[5])


def queue_of(row: Row) -> Queue:
    """The queue of a row."""
    return Queue(
        row["id"],
        QueueKey(row["account"], row["region"], row["name"]),
        row["lot"],
        row["attributes"],
        row["created_at"],
        row["modified_at"],
        row["purged_at"],
        row["messages"],
    )


class Redrive(NamedTuple):
    """A redrive policy that is known to be well-formed."""

    dlq_arn: str
    max_receives: int


def redrive_of(attributes: Mapping[str, str]) -> Redrive | None:
    """The redrive policy among a queue's attributes."""
    text = attributes.get("RedrivePolicy")
    if not text:
        return None
    policy = orjson.loads(text)
    return Redrive(policy["deadLetterTargetArn"], int(policy["maxReceiveCount"]))


@lru_cache(4096)
def _settings(text: str) -> Settings:
    """Queues with the same attributes have the same settings: the text is the key."""
    attributes: dict[str, str] = orjson.loads(text)
    redrive = redrive_of(attributes)
    return Settings(
        delay_ms=int(attributes.get("DelaySeconds", 0)) * 1000,
        visibility_ms=int(attributes.get("VisibilityTimeout", 30)) * 1000,
        wait_s=int(attributes.get("ReceiveMessageWaitTimeSeconds", 0)),
        retention_ms=int(attributes.get("MessageRetentionPeriod", 345_600)) * 1000,
        max_bytes=int(attributes.get("MaximumMessageSize", MAX_BYTES)),
        dlq_arn=redrive.dlq_arn if redrive else None,
        max_receives=redrive.max_receives if redrive else 0,
        by_content=attributes.get("ContentBasedDeduplication") == "true",
        by_group=attributes.get("DeduplicationScope") == "messageGroup",
    )


def is_number(text: str) -> bool:
    """Whether the text is a whole number in plain digits, and few enough of them for int() to read."""
    return len(text) <= _MOST_DIGITS and text.isascii() and text.isdecimal()
