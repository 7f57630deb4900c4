"""What SNS keeps: topics and subscriptions.

A subscription is `pending` until its endpoint confirms it, then `confirmed`, and `deleted` for two days in which its
endpoint may restore it:

    pending -> confirmed -> deleted -> confirmed
    pending -> deleted
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambent.store import Row

TOKEN_MS = 2 * 24 * 3600 * 1000
"""How long a token confirms or restores."""


class State(StrEnum):
    """Where a subscription stands."""

    PENDING = "pending"
    """Nothing is delivered before its endpoint has confirmed."""
    CONFIRMED = "confirmed"
    DELETED = "deleted"
    """Kept for a while so that the endpoint can take it back."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic. attributes: those that were set."""

    arn: str
    account: str
    region: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    last_sequence: int = 0

    @property
    def is_fifo(self) -> bool:
        """Whether messages of a group stay in order."""
        return self.arn.endswith(".fifo")

    @property
    def deduplicates_by_content(self) -> bool:
        """Whether a message without a deduplication id gets one from its content."""
        return self.attributes.get("ContentBasedDeduplication") == "true"

    @property
    def signature_version(self) -> str:
        """As messages tell it."""
        return self.attributes.get("SignatureVersion", "1")


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription. attributes: those that were set."""

    arn: str
    topic: str
    account: str
    """The topic's."""
    region: str
    owner: str
    principal: str
    protocol: str
    endpoint: str
    state: State
    token: str
    token_ends_ms: int
    authenticated: bool = False
    """Whether somebody who signed confirmed it."""
    guarded: bool = False
    """Whether only who signs may delete it."""
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_raw(self) -> bool:
        """Whether messages are delivered as they were published, in no envelope."""
        return self.attributes.get("RawMessageDelivery") == "true"

    @property
    def dead_letter_arn(self) -> str | None:
        """The queue for what cannot be delivered, None where there is none."""
        policy = self.attributes.get("RedrivePolicy")
        return None if policy is None else str(orjson.loads(policy)["deadLetterTargetArn"])


def topic_from(row: Row) -> Topic:
    """The topic of a row."""
    return Topic(row["arn"], row["account"], row["region"], orjson.loads(row["attributes"]), row["last_sequence"])


def subscription_from(row: Row) -> Subscription:
    """The subscription of a row."""
    return Subscription(
        arn=row["arn"],
        topic=row["topic"],
        account=row["account"],
        region=row["region"],
        owner=row["owner"],
        principal=row["principal"],
        protocol=row["protocol"],
        endpoint=row["endpoint"],
        state=State(row["state"]),
        token=row["token"],
        token_ends_ms=row["token_ends"],
        authenticated=bool(row["authenticated"]),
        guarded=bool(row["guarded"]),
        attributes=orjson.loads(row["attributes"]),
    )
