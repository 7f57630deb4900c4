"""What messages are wrapped in on their way: JSON as AWS writes it, the event of a function, links. Pure.

Messages are not signed: the members that carry signatures are there, as clients expect them, and say so. Source:
SNS developer guide, "Parsing Amazon SNS message formats"; recorded messages.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambent.delivery import Attribute
    from lambent.services.sns.notification import Notification

UNSIGNED = base64.b64encode(b"not signed by Lambent").decode()
"""Stands where a signature would."""
VERSION = "2010-03-31"


class Wrapping:
    """The envelopes of one message, which differ by protocol and subscription: what is the same is written once."""

    def __init__(self, note: Notification) -> None:
        self._note = note
        self._by_text: dict[str, tuple[str, str]] = {}

    def wrapped(self, protocol: str, subscription_arn: str) -> str:
        """The message with all that is told of it, as queues and endpoints of http get it."""
        text = self._note.text_for(protocol)
        parts = self._by_text.get(text)
        if parts is None:
            parts = self._by_text[text] = _around(self._note, text)
        return f"{parts[0]}{subscription_arn}{parts[1]}"


def _around(note: Notification, text: str) -> tuple[str, str]:
    """The envelope before and behind the subscription's ARN, in which nothing is to be escaped."""
    members: dict[str, Any] = {"Type": "Notification", "MessageId": note.message_id}
    if note.sequence is not None:
        members["SequenceNumber"] = note.sequence
    members["TopicArn"] = note.topic_arn
    if note.subject is not None:
        members["Subject"] = note.subject
    members |= {"Message": text, "Timestamp": note.timestamp}
    if note.sequence is None:
        members |= _signature(note.signature_version, note.base)
    members["UnsubscribeURL"] = unsubscribe_url(note.base, "")
    lines = [f"  {_json(name)} : {_json(value)}" for name, value in members.items()]
    before = "{\n" + ",\n".join(lines)[:-1]
    if not note.attributes:
        return before, '"\n}'
    inner = ",\n".join(f"    {_json(name)} : {_json(one)}" for name, one in shown(note.attributes).items())
    return before, f'",\n  "MessageAttributes" : {{\n{inner}\n  }}\n}}'


def asking(kind: str, *, message_id: str, subscription_arn: str, topic_arn: str, token: str, at: str, base: str) -> str:
    """What asks an endpoint to confirm: that it subscribes, or that it lost its subscription.

    kind: `SubscriptionConfirmation` or `UnsubscribeConfirmation`. at: a timestamp.
    """
    if kind == "SubscriptionConfirmation":
        said = f"You have chosen to subscribe to the topic {topic_arn}.\nTo confirm the subscription"
    else:
        said = (
            f"You have chosen to deactivate subscription {subscription_arn}.\n"
            "To cancel this operation and restore the subscription"
        )
    members = {
        "Type": kind,
        "MessageId": message_id,
        "Token": token,
        "TopicArn": topic_arn,
        "Message": f"{said}, visit the SubscribeURL included in this message.",
        "SubscribeURL": _url(base, "ConfirmSubscription", TopicArn=topic_arn, Token=token),
        "Timestamp": at,
        **_signature("1", base),
    }
    return "{\n" + ",\n".join(f"  {_json(name)} : {_json(value)}" for name, value in members.items()) + "\n}"


def function_event(note: Notification, subscription_arn: str) -> str:
    """The event that a function is called with."""
    signature = _signature(note.signature_version, note.base)
    signature["SigningCertUrl"] = signature.pop("SigningCertURL")
    record = {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription_arn,
        "Sns": {
            "Type": "Notification",
            "MessageId": note.message_id,
            "TopicArn": note.topic_arn,
            "Subject": note.subject,
            "Message": note.text_for("lambda"),
            "Timestamp": note.timestamp,
            **signature,
            "UnsubscribeUrl": unsubscribe_url(note.base, subscription_arn),
            "MessageAttributes": shown(note.attributes),
        },
    }
    return _json({"Records": [record]})


def shown(attributes: Mapping[str, Attribute]) -> dict[str, dict[str, str]]:
    """Attributes as JSON tells them: bytes in base64."""
    return {
        name: {
            "Type": one.data_type,
            "Value": base64.b64encode(one.value).decode() if isinstance(one.value, bytes) else one.value,
        }
        for name, one in attributes.items()
    }


def unsubscribe_url(base: str, subscription_arn: str) -> str:
    """A link that ends a subscription."""
    return _url(base, "Unsubscribe", SubscriptionArn=subscription_arn)


def _url(base: str, action: str, **params: str) -> str:
    # The version tells the services of one address apart; AWS has a host for each.
    return f"{base}/?{urlencode({'Action': action, 'Version': VERSION, **params}, safe=':')}"


def _signature(version: str, base: str) -> dict[str, str]:
    return {
        "SignatureVersion": version,
        "Signature": UNSIGNED,
        "SigningCertURL": f"{base}/_lambent/sns/SimpleNotificationService-unsigned.pem",
    }


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
