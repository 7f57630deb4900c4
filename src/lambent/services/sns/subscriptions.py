"""Subscribe, ConfirmSubscription, Unsubscribe, and what is shown and set of subscriptions.

Source: SNS API reference; SNS developer guide, "Fanout to HTTP/S endpoints", for who has to confirm, and how.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

from lambent.delivery import Message, Undeliverable
from lambent.services.sns import endpoints, outbox, repository
from lambent.services.sns.envelope import asking
from lambent.services.sns.moment import timestamp
from lambent.services.sns.names import parse, split, topic_of
from lambent.services.sns.paging import PAGE, after, cut
from lambent.services.sns.record import TOKEN_MS, State, Subscription
from lambent.services.sns.refusals import invalid, no_subscription, unauthorized
from lambent.services.sns.subscription_attributes import changed, shown

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.sns.context import Sns
    from lambent.services.sns.record import Topic
    from lambent.store import Tx

PENDING = "pending confirmation"
_WHY = "Attributes Reason: "
_PARTS_OF_TOPIC = 6


async def subscribe(service: Sns, call: Call, params: Params) -> Output:
    """Subscribe an endpoint, or find its subscription. Raises AwsError InvalidParameter, NotFound."""
    protocol, endpoint = params["Protocol"], params.get("Endpoint") or ""
    given = params.get("Attributes") or {}

    def work(tx: Tx) -> Subscription:
        topic = topic_of(tx, service, call, params["TopicArn"], "Subscribe")
        endpoints.check(tx, topic, protocol, endpoint)
        made = _new(tx, service, call, topic, protocol, endpoint)
        made = replace(made, attributes=changed(made, topic, given, why=_WHY))
        existing = repository.subscription_to(tx, topic.arn, protocol, endpoint)
        if existing is None:
            repository.insert_subscription(tx, made)
        elif any(existing.attributes.get(name) != value for name, value in made.attributes.items()):
            raise invalid(f"{_WHY}Subscription already exists with different attributes")
        elif existing.state is State.CONFIRMED:
            return existing
        else:
            made = replace(existing, token=made.token, token_ends_ms=made.token_ends_ms)
            repository.save_subscription(tx, made)
        if made.state is State.PENDING:
            _ask(tx, service, call, made, "SubscriptionConfirmation")
        return made

    subscription = await service.store.write(work)
    is_pending = subscription.state is State.PENDING and not params.get("ReturnSubscriptionArn")
    return {"SubscriptionArn": PENDING if is_pending else subscription.arn}


async def confirm_subscription(service: Sns, call: Call, params: Params) -> Output:
    """Confirm what an endpoint was asked, by the token that it got; asked again, it says the same.

    Which topic is named does not matter but for its region, as on AWS. Raises AwsError InvalidParameter.
    """
    named = split(params["TopicArn"])
    if named is None or named.service != "sns":
        raise invalid("Topic")
    guarded = (params.get("AuthenticateOnUnsubscribe") or "").lower() == "true" and call.access_key is not None

    def work(tx: Tx) -> str:
        found = repository.subscription_by_token(tx, params["Token"])
        if found is None:
            raise invalid("Token")
        if found.region != named.region:
            raise invalid("Topic")
        if found.state is State.CONFIRMED:
            return found.arn
        if found.token_ends_ms <= service.now_ms() or _is_taken(tx, found):
            raise invalid("Token")
        authenticated = call.access_key is not None
        kept = replace(found, state=State.CONFIRMED, authenticated=authenticated, guarded=guarded)
        repository.save_subscription(tx, kept)
        return found.arn

    return {"SubscriptionArn": await service.store.write(work)}


async def unsubscribe(service: Sns, call: Call, params: Params) -> Output:
    """End a subscription; one that is not there is no mistake. An endpoint that did not ask itself is told.

    Raises AwsError AuthorizationError, InvalidParameter.
    """
    arn = params["SubscriptionArn"]
    parse(arn, "SubscriptionArn")
    if arn.count(":") < _PARTS_OF_TOPIC:
        raise invalid("SubscriptionId")

    def work(tx: Tx) -> None:
        found = repository.subscription(tx, arn)
        if found is None or found.state is State.DELETED:
            return
        if call.access_key is None and found.guarded:
            raise unauthorized("The subscription can be deleted by its owner only, in a request that is signed")
        if call.access_key is not None:
            _check_own(call, found, "Unsubscribe")
        gone = replace(
            found, state=State.DELETED, token=secrets.token_hex(144), token_ends_ms=service.now_ms() + TOKEN_MS
        )
        repository.save_subscription(tx, gone)
        tx.signal(outbox.DUE)
        if call.access_key is None and found.protocol in endpoints.HTTP:
            _ask(tx, service, call, gone, "UnsubscribeConfirmation")

    await service.store.write(work)
    return {}


async def get_subscription_attributes(service: Sns, call: Call, params: Params) -> Output:
    """A subscription's attributes. Raises AwsError InvalidParameter, NotFound."""

    def work(tx: Tx) -> dict[str, str]:
        found = _existing(tx, call, params["SubscriptionArn"], "GetSubscriptionAttributes")
        return shown(found, repository.topic(tx, found.topic))

    return {"Attributes": await service.store.read(work)}


async def set_subscription_attributes(service: Sns, call: Call, params: Params) -> Output:
    """Set one attribute; without a value, take it back. Raises AwsError InvalidParameter, NotFound."""
    new = {params["AttributeName"]: params.get("AttributeValue") or ""}

    def work(tx: Tx) -> None:
        found = _existing(tx, call, params["SubscriptionArn"], "SetSubscriptionAttributes")
        topic = repository.topic(tx, found.topic)
        if topic is None:
            raise no_subscription()
        repository.save_subscription(tx, replace(found, attributes=changed(found, topic, new)))

    await service.store.write(work)
    return {}


async def list_subscriptions(service: Sns, call: Call, params: Params) -> Output:
    """The subscriptions to the account's topics in the region."""
    start = after(params.get("NextToken"))
    found = await service.store.read(
        lambda tx: repository.subscriptions(tx, call.account, call.region, after=start, count=PAGE + 1)
    )
    page, more = cut(found)
    return {"Subscriptions": [_listed(one) for one in page], **more}


async def list_subscriptions_by_topic(service: Sns, call: Call, params: Params) -> Output:
    """A topic's subscriptions. Raises AwsError InvalidParameter, NotFound."""
    start = after(params.get("NextToken"))

    def work(tx: Tx) -> list[Subscription]:
        topic = topic_of(tx, service, call, params["TopicArn"], "ListSubscriptionsByTopic")
        return repository.subscriptions_of_topic(tx, topic.arn, after=start, count=PAGE + 1)

    page, more = cut(await service.store.read(work))
    return {"Subscriptions": [_listed(one) for one in page], **more}


def _new(tx: Tx, service: Sns, call: Call, topic: Topic, protocol: str, endpoint: str) -> Subscription:
    asked = protocol in endpoints.ASKED or (protocol == "sqs" and _is_foreign(call, endpoint))
    token = secrets.token_hex(144)
    return Subscription(
        arn=f"{topic.arn}:{uuid4()}",
        topic=topic.arn,
        account=topic.account,
        region=topic.region,
        owner=call.account,
        principal=service.callers.caller(tx, call).arn,
        protocol=protocol,
        endpoint=endpoint,
        state=State.PENDING if asked else State.CONFIRMED,
        token=token,
        token_ends_ms=service.now_ms() + TOKEN_MS,
        authenticated=not asked,
    )


def _is_foreign(call: Call, endpoint: str) -> bool:
    """Whether a queue belongs to somebody else, who has to be asked."""
    named = split(endpoint)
    return named is not None and named.account != call.account


def _ask(tx: Tx, service: Sns, call: Call, subscription: Subscription, kind: str) -> None:
    """Send an endpoint the token that confirms."""
    message_id = str(uuid4())
    body = asking(
        kind,
        message_id=message_id,
        subscription_arn=subscription.arn,
        topic_arn=subscription.topic,
        token=subscription.token,
        at=timestamp(service.clock),
        base=call.endpoint,
    )
    if subscription.protocol == "sqs":
        message = Message(body, source_service="sns.amazonaws.com", source_arn=subscription.topic)
        try:
            service.deliveries.deliver(tx, subscription.endpoint, message)
        except Undeliverable as problem:
            raise invalid(f"Endpoint Reason: {problem.text}") from None
    elif subscription.protocol in endpoints.MAIL:
        subject = "AWS Notification - Subscription Confirmation"
        outbox.send_to_person(
            tx, subscription, message_id=message_id, subject=subject, body=body, now_ms=service.now_ms()
        )
    else:
        delivery = outbox.Delivery(str(uuid4()), subscription.arn, subscription.endpoint, kind, message_id, body)
        outbox.put(tx, delivery, service.now_ms())
    tx.signal(outbox.DUE)


def _is_taken(tx: Tx, found: Subscription) -> bool:
    """Whether a deleted subscription's endpoint has subscribed anew meanwhile, or its topic is gone."""
    other = repository.subscription_to(tx, found.topic, found.protocol, found.endpoint)
    return (other is not None and other.arn != found.arn) or repository.topic(tx, found.topic) is None


def _existing(tx: Tx, call: Call, arn: str, action: str) -> Subscription:
    parse(arn, "SubscriptionArn")
    found = repository.subscription(tx, arn)
    if found is None or found.state is State.DELETED:
        raise no_subscription()
    _check_own(call, found, action)
    return found


def _check_own(call: Call, subscription: Subscription, action: str) -> None:
    if call.account not in (subscription.owner, subscription.account):
        raise unauthorized(f"Not authorized to perform: SNS:{action} on resource: {subscription.arn}")


def _listed(one: Subscription) -> dict[str, str]:
    return {
        "SubscriptionArn": "PendingConfirmation" if one.state is State.PENDING else one.arn,
        "Owner": one.owner,
        "Protocol": one.protocol,
        "Endpoint": one.endpoint,
        "TopicArn": one.topic,
    }
