"""Attributes of subscriptions: which may be set, to what, and how they are shown.

Source: SNS API reference, SetSubscriptionAttributes; recorded answers.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from lambent.patterns import InvalidPattern
from lambent.services.sns import retries
from lambent.services.sns.documents import Malformed, parse_object
from lambent.services.sns.endpoints import HTTP, RAW
from lambent.services.sns.filters import ATTRIBUTES, BODY, check_policy
from lambent.services.sns.names import split
from lambent.services.sns.record import State
from lambent.services.sns.refusals import invalid, not_built
from lambent.services.sns.topic_attributes import boolean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambent.services.sns.record import Subscription, Topic

_NAMES = ("DeliveryPolicy", "FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy")
_NOT_BUILT = ("SubscriptionRoleArn", "ReplayPolicy", "ReplayStatus")
_UNNESTED = "Filter policy scope"


def changed(subscription: Subscription, topic: Topic, new: Mapping[str, str], *, why: str = "") -> dict[str, str]:
    """What is set once `new` is; an empty value takes an attribute back. why: what refusals begin with.

    Raises AwsError InvalidParameter, NotImplementedException.
    """
    attributes = dict(subscription.attributes)
    for name, value in new.items():
        kept = _checked(name, value, subscription, topic, why)
        attributes.pop(name, None)
        if kept:
            attributes[name] = kept
    policy, scope = attributes.get("FilterPolicy"), attributes.get("FilterPolicyScope", ATTRIBUTES)
    if policy and new.keys() & {"FilterPolicy", "FilterPolicyScope"}:
        _check_filter(policy, scope, why)
    return attributes


def shown(subscription: Subscription, topic: Topic | None) -> dict[str, str]:
    """All attributes, as GetSubscriptionAttributes shows them. topic: None where it is gone."""
    attributes = {
        "SubscriptionPrincipal": subscription.principal,
        "Owner": subscription.owner,
        "RawMessageDelivery": "false",
        "TopicArn": subscription.topic,
        "Endpoint": subscription.endpoint,
        "Protocol": subscription.protocol,
        "PendingConfirmation": str(subscription.state is State.PENDING).lower(),
        "ConfirmationWasAuthenticated": str(subscription.authenticated).lower(),
        "SubscriptionArn": subscription.arn,
    }
    attributes |= subscription.attributes
    if "FilterPolicy" in attributes:
        attributes.setdefault("FilterPolicyScope", ATTRIBUTES)
    else:
        attributes.pop("FilterPolicyScope", None)
    if subscription.protocol in HTTP and topic is not None:
        policy = retries.subscription_policy(topic, subscription)
        attributes["EffectiveDeliveryPolicy"] = json.dumps(policy, separators=(",", ":"))
    return attributes


def _checked(name: str, value: str, subscription: Subscription, topic: Topic, why: str) -> str:
    if name in _NOT_BUILT:
        raise not_built(f"the SNS subscription attribute {name}")
    if name not in _NAMES:
        raise invalid(f"{why}AttributeName")
    try:
        match name:
            case "RawMessageDelivery":
                return _raw(value, subscription.protocol, why)
            case "FilterPolicyScope":
                _check_scope(value)
            case "RedrivePolicy" if value:
                _check_redrive(value, subscription, topic)
            case "DeliveryPolicy" if value:
                if subscription.protocol not in HTTP:
                    raise invalid(f"{why}Delivery protocol [{subscription.protocol}] does not support delivery policy.")
                retries.check_subscription_policy(value)
            case "FilterPolicy" if value and not parse_object(value):
                return ""
    except Malformed as problem:
        raise invalid(f"{why}{name}: {problem}") from None
    return value


def _raw(value: str, protocol: str, why: str) -> str:
    kept = boolean(value)
    if kept == "true" and protocol not in RAW:
        raise invalid(f"{why}Delivery protocol [{protocol}] does not support raw message delivery.")
    return kept


def _check_scope(value: str) -> None:
    if value not in (ATTRIBUTES, BODY):
        raise Malformed(f"Invalid value [{value}]. Please use either MessageBody or MessageAttributes")


def _check_redrive(text: str, subscription: Subscription, topic: Topic) -> None:
    policy = parse_object(text)
    arn = policy.get("deadLetterTargetArn")
    named = split(arn) if isinstance(arn, str) else None
    if named is None or named.service != "sqs":
        raise Malformed("deadLetterTargetArn is an invalid arn")
    if topic.is_fifo and subscription.endpoint.endswith(".fifo") and not named.resource.endswith(".fifo"):
        raise Malformed("must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic.")


def _check_filter(policy: str, scope: str, why: str) -> None:
    try:
        check_policy(policy, scope)
    except InvalidPattern as problem:
        name = "" if problem.text.startswith(_UNNESTED) else "FilterPolicy: "
        raise invalid(f"{why}{name}{problem.text}") from None
