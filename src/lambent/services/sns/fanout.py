"""From a topic to its subscriptions, within the transaction that publishes.

Queues and functions are handed the message there and then; endpoints of http get it from the outbox; what goes to
people is kept. What cannot be handed over goes to the subscription's dead-letter queue.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from uuid import uuid4

from lambent.delivery import Message, Undeliverable
from lambent.services.sns import outbox, repository
from lambent.services.sns.endpoints import HTTP
from lambent.services.sns.envelope import Wrapping, function_event
from lambent.services.sns.filters import ATTRIBUTES, passes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambent.delivery import Attribute, Deliveries
    from lambent.services.sns.notification import Notification
    from lambent.services.sns.record import Subscription
    from lambent.store import Tx

_log = logging.getLogger(__name__)
_SOURCE = "sns.amazonaws.com"
_MOST_RAW = 10
"""How many attributes a queue takes."""


def fan_out(tx: Tx, deliveries: Deliveries, note: Notification, now_ms: int) -> None:
    """Hand a message to all subscriptions that want it."""
    envelopes = Wrapping(note)
    for subscription in repository.confirmed(tx, note.topic_arn):
        if wants(subscription, note):
            _hand_over(tx, deliveries, subscription, note, envelopes, now_ms)


def wants(subscription: Subscription, note: Notification) -> bool:
    """Whether a subscription's filter policy lets a message through."""
    attributes = subscription.attributes
    policy = attributes.get("FilterPolicy")
    if policy is None:
        return True
    scope = attributes.get("FilterPolicyScope", ATTRIBUTES)
    return passes(policy, scope, note.attributes, note.text_for(subscription.protocol))


def to_dead_letters(
    tx: Tx,
    deliveries: Deliveries,
    subscription: Subscription,
    *,
    body: str,
    attributes: Mapping[str, Attribute],
    why: str,
    group_id: str | None = None,
    deduplication_id: str | None = None,
) -> None:
    """Hand what could not be delivered to the subscription's dead-letter queue; without one it ends in the log."""
    arn = subscription.dead_letter_arn
    if arn is None:
        _log.warning("a message to %s was discarded: %s", subscription.arn, why)
        return
    is_fifo = arn.endswith(".fifo")
    message = Message(
        body=body,
        attributes=attributes,
        group_id=group_id,
        deduplication_id=deduplication_id if is_fifo else None,
        source_service=_SOURCE,
        source_arn=subscription.topic,
    )
    try:
        deliveries.deliver(tx, arn, message)
    except Undeliverable as problem:
        _log.warning(
            "a message to %s was discarded: %s; the dead-letter queue %s: %s", subscription.arn, why, arn, problem
        )


def _hand_over(
    tx: Tx,
    deliveries: Deliveries,
    subscription: Subscription,
    note: Notification,
    envelopes: Wrapping,
    now_ms: int,
) -> None:
    protocol = subscription.protocol
    if protocol in {"sqs", "lambda"}:
        _deliver(tx, deliveries, subscription, note, envelopes)
    elif protocol in HTTP:
        raw = subscription.is_raw
        delivery = outbox.Delivery(
            id=str(uuid4()),
            subscription=subscription.arn,
            endpoint=subscription.endpoint,
            type="Notification",
            message_id=note.message_id,
            body=_body(subscription, note, envelopes),
            raw=raw,
            attributes=note.attributes if raw else {},
        )
        outbox.put(tx, delivery, now_ms)
    else:
        is_json = protocol == "email-json"
        body = envelopes.wrapped(protocol, subscription.arn) if is_json else note.text_for(protocol)
        outbox.send_to_person(
            tx, subscription, message_id=note.message_id, subject=note.subject, body=body, now_ms=now_ms
        )


def _deliver(
    tx: Tx, deliveries: Deliveries, subscription: Subscription, note: Notification, envelopes: Wrapping
) -> None:
    """Hand over to what has an ARN."""
    raw = subscription.is_raw and subscription.protocol == "sqs"
    is_function = subscription.protocol == "lambda"
    message = Message(
        body=function_event(note, subscription.arn) if is_function else _body(subscription, note, envelopes),
        attributes=note.attributes if raw else {},
        group_id=note.group_id,
        deduplication_id=note.deduplication_id if subscription.endpoint.endswith(".fifo") else None,
        trace_header=note.trace_header,
        source_service=_SOURCE,
        source_arn=note.topic_arn,
    )
    try:
        if raw and len(note.attributes) > _MOST_RAW:
            raise Undeliverable("InvalidParameterValue", f"a queue takes {_MOST_RAW} attributes at most")  # noqa: TRY301
        deliveries.deliver(tx, subscription.endpoint, message)
    except Undeliverable as problem:
        to_dead_letters(
            tx,
            deliveries,
            subscription,
            body=_body(subscription, note, envelopes),
            attributes=dict(list(note.attributes.items())[:_MOST_RAW]) if raw else {},
            why=str(problem),
            group_id=note.group_id,
            deduplication_id=note.deduplication_id,
        )


def _body(subscription: Subscription, note: Notification, envelopes: Wrapping) -> str:
    """As queues and endpoints of http get it."""
    if subscription.is_raw:
        return note.text_for(subscription.protocol)
    return envelopes.wrapped(subscription.protocol, subscription.arn)
