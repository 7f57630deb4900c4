"""Attributes of topics: which may be set, to what, and how they are shown.

Source: SNS API reference, SetTopicAttributes and GetTopicAttributes; recorded answers.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from lambent.services.sns import access, repository, retries
from lambent.services.sns.documents import Malformed, parse_object
from lambent.services.sns.record import State
from lambent.services.sns.refusals import invalid, not_built

if TYPE_CHECKING:
    from lambent.services.sns.record import Topic
    from lambent.store import Tx

_NOT_BUILT = ("KmsMasterKeyId", "ArchivePolicy", "DataProtectionPolicy")
_FEEDBACK = tuple(
    f"{protocol}{kind}"
    for protocol in ("HTTP", "Firehose", "Lambda", "Application", "SQS")
    for kind in ("SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate", "FailureFeedbackRoleArn")
)
_ALWAYS = ("DisplayName", "DeliveryPolicy", "Policy", "SignatureVersion", "TracingConfig")
_OF_FIFO = ("ContentBasedDeduplication", "FifoThroughputScope")
_LONGEST = 100


def checked(name: str, value: str, *, fifo: bool, why: str = "") -> str:
    """The value as it is kept. why: what refusals say before the attribute's name.

    Raises AwsError InvalidParameter, NotImplementedException.
    """
    if name in _NOT_BUILT or name in _FEEDBACK:
        if value == "":
            return value
        raise not_built(f"the SNS topic attribute {name}")
    if name not in _ALWAYS and not (fifo and name in _OF_FIFO):
        raise invalid(f"{why}AttributeName")
    try:
        return _checked(name, value)
    except Malformed as problem:
        raise invalid(f"{why}{name}: {problem}") from None


def shown(tx: Tx, topic: Topic) -> dict[str, str]:
    """All attributes, as GetTopicAttributes shows them."""
    counts = repository.counts(tx, topic.arn)
    attributes = {
        "Policy": _json(access.policy_of(topic)),
        "Owner": topic.account,
        "SubscriptionsPending": str(counts[State.PENDING]),
        "TopicArn": topic.arn,
        "EffectiveDeliveryPolicy": _json(retries.topic_policy(topic)),
        "SubscriptionsConfirmed": str(counts[State.CONFIRMED]),
        "SubscriptionsDeleted": str(counts[State.DELETED]),
        "DisplayName": "",
    }
    if topic.is_fifo:
        attributes |= {"FifoTopic": "true", "ContentBasedDeduplication": "false"}
    return {**attributes, **topic.attributes}


def _checked(name: str, value: str) -> str:
    match name:
        case "DisplayName" if len(value) > _LONGEST:
            raise Malformed(f"must be less than or equal to {_LONGEST} characters long")
        case "Policy":
            _check_policy(value)
        case "DeliveryPolicy" if value:
            retries.check_topic_policy(value)
        case "SignatureVersion" if value not in ("1", "2"):
            raise Malformed(f"Invalid value [{value}]. Must be 1 or 2.")
        case "TracingConfig" if value == "Active":
            raise not_built("active tracing of SNS topics")
        case "TracingConfig" if value != "PassThrough":
            raise Malformed(f"Invalid value [{value}]. Must be Active or PassThrough.")
        case "FifoThroughputScope" if value not in ("Topic", "MessageGroup"):
            raise Malformed(f"Invalid value [{value}]. Must be Topic or MessageGroup.")
        case "ContentBasedDeduplication":
            return boolean(value)
    return value


def boolean(value: str) -> str:
    """`true` or `false`, in whatever case it was written. Raises Malformed."""
    if value.lower() not in ("true", "false"):
        raise Malformed(f"Invalid value [{value}]. Must be true or false.")
    return value.lower()


def _check_policy(text: str) -> None:
    document = parse_object(text)
    statements = access.statements(document)
    if not statements or any(one.get("Effect") not in ("Allow", "Deny") for one in statements):
        raise Malformed("Policy statement must contain an effect")


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
