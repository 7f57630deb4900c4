"""What is handed over, and what those that take it are to everybody else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambent.store import Tx


class Attribute(NamedTuple):
    """A message attribute, as SQS and SNS know them."""

    data_type: str
    """`String`, `Number` or `Binary`, possibly with a suffix of the sender's own (`Number.int`)."""
    value: str | bytes
    """bytes for `Binary`."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is handed over."""

    body: str
    """As its target shows it; for a bus, an entry of PutEvents as JSON: Source, DetailType, Resources, Detail."""
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    subject: str | None = None
    """Of a message to a topic."""
    group_id: str | None = None
    """Of a message to a FIFO queue or topic, or of a fair queue."""
    deduplication_id: str | None = None
    trace_header: str | None = None
    """`X-Amzn-Trace-Id`: its lineage goes with the message."""
    source_service: str = ""
    """Who hands over, as a service principal: `sns.amazonaws.com`."""
    source_arn: str = ""
    """What hands over: a topic, a rule, a function."""


class Undeliverable(Exception):  # noqa: N818  an answer, not an accident
    """The target cannot take the message, and will not later: it does not exist, or refuses.

    code: as AWS names the reason towards the sender (`AWS.SimpleQueueService.NonExistentQueue`).
    """

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text


class Target(Protocol):
    """Those behind the ARNs of one service."""

    def deliver(self, tx: Tx, arn: str, message: Message) -> None:
        """Take a message within the transaction `tx`; signals go through `tx.signal`.

        Raises Undeliverable, nothing then taken.
        """
