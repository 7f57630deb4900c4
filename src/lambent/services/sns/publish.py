"""Publish, PublishBatch, and taking a message that another service hands to a topic.

A message is accepted with all that follows from it here: one transaction, or nothing.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from lambent.errors import AwsError
from lambent.services.sns import applications, message_attributes, outbox, repository
from lambent.services.sns.endpoints import is_phone_number
from lambent.services.sns.fanout import fan_out
from lambent.services.sns.moment import timestamp
from lambent.services.sns.names import topic_of
from lambent.services.sns.notification import DEFAULT, Notification, texts_of
from lambent.services.sns.refusals import invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambent.call import Call, Output, Params
    from lambent.delivery import Attribute
    from lambent.services.sns.context import Sns
    from lambent.services.sns.record import Topic
    from lambent.store import Tx

LIMIT_BYTES = 262_144
_LONGEST_SUBJECT = 100
_REMEMBERED_MS = 5 * 60 * 1000
_FIRST_SEQUENCE = 10**19
_MOST = 10
_ENTRY_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")
_FIFO_ID = re.compile(r"[!-~]{1,128}")


@dataclass(frozen=True, slots=True)
class Draft:
    """What a client wants published."""

    texts: Mapping[str, str]
    whole: str
    """The message as it was given, of which a deduplication id is made."""
    attributes: Mapping[str, Attribute]
    subject: str | None
    group_id: str | None
    deduplication_id: str | None
    trace_header: str | None
    base: str
    """The server's address, for links."""

    @property
    def size_bytes(self) -> int:
        """What counts against the limit."""
        return len(self.whole.encode()) + message_attributes.size_bytes(self.attributes)


async def publish(service: Sns, call: Call, params: Params) -> Output:
    """Send a message to a topic, an endpoint of an application, or a phone.

    Raises AwsError EndpointDisabled, InvalidParameter, NotFound, ParameterValueInvalid.
    """
    arn, phone = params.get("TopicArn") or params.get("TargetArn"), params.get("PhoneNumber")
    is_endpoint = arn is not None and ":endpoint/" in arn
    draft = _draft(call, params, is_endpoint=is_endpoint)
    if draft.size_bytes > LIMIT_BYTES:
        raise invalid("Message too long")
    if arn is None:
        if phone is None:
            raise invalid("TopicArn or TargetArn Reason: no value for required parameter")
        return await _to_phone(service, call, phone, draft)
    if is_endpoint:
        return await _to_endpoint(service, call, arn, draft)
    return await service.store.write(
        lambda tx: publish_to(tx, service, topic_of(tx, service, call, arn, "Publish"), draft)
    )


async def publish_batch(service: Sns, call: Call, params: Params) -> Output:
    """Send up to ten messages to a topic. Raises AwsError BatchRequestTooLong and others, as for one message."""
    entries = params["PublishBatchRequestEntries"]
    _check_entries(entries)
    drafts = [_draft(call, entry) for entry in entries]
    if sum(draft.size_bytes for draft in drafts) > LIMIT_BYTES:
        text = "The length of all the messages put together is more than the limit."
        raise AwsError("BatchRequestTooLong", text)

    def work(tx: Tx) -> list[dict[str, str]]:
        topic = topic_of(tx, service, call, params["TopicArn"], "Publish")
        for draft in drafts:
            _check_order(topic, draft)
        done = []
        for entry, draft in zip(entries, drafts, strict=True):
            done.append({"Id": entry["Id"], **publish_to(tx, service, topic, draft)})
            # The next message's number follows.
            topic = repository.topic(tx, topic.arn) or topic
        return done

    return {"Successful": await service.store.write(work), "Failed": []}


def publish_to(tx: Tx, service: Sns, topic: Topic, draft: Draft) -> dict[str, str]:
    """Publish within a transaction; the message's id and number. Raises AwsError InvalidParameter."""
    _check_order(topic, draft)
    note = Notification(
        message_id=str(uuid4()),
        topic_arn=topic.arn,
        texts=draft.texts,
        timestamp=timestamp(service.clock),
        base=draft.base,
        attributes=draft.attributes,
        subject=draft.subject,
        group_id=draft.group_id,
        trace_header=draft.trace_header,
        signature_version=topic.signature_version,
    )
    now_ms = service.now_ms()
    if not topic.is_fifo:
        fan_out(tx, service.deliveries, note, now_ms)
        return {"MessageId": note.message_id}
    unique = draft.deduplication_id or hashlib.sha256(draft.whole.encode()).hexdigest()
    scope = (draft.group_id or "") if topic.attributes.get("FifoThroughputScope") == "MessageGroup" else ""
    if earlier := repository.earlier(tx, topic.arn, scope, unique, now_ms):
        return {"MessageId": earlier[0], "SequenceNumber": _sequence(earlier[1])}
    number = topic.last_sequence + 1
    repository.set_sequence(tx, topic.arn, number)
    repository.remember(
        tx, topic.arn, scope, unique, message_id=note.message_id, sequence=number, ends_ms=now_ms + _REMEMBERED_MS
    )
    note = replace(note, deduplication_id=unique, sequence=_sequence(number))
    fan_out(tx, service.deliveries, note, now_ms)
    return {"MessageId": note.message_id, "SequenceNumber": _sequence(number)}


def _sequence(number: int) -> str:
    """Twenty digits, as on AWS."""
    return str(_FIRST_SEQUENCE + number)


def _draft(call: Call, params: Mapping[str, Any], *, is_endpoint: bool = False) -> Draft:
    message, subject = params["Message"], params.get("Subject")
    _check_subject(subject)
    if not message:
        raise invalid("Empty message")
    return Draft(
        attributes=message_attributes.read(params.get("MessageAttributes") or {}),
        texts=texts_of(message, params.get("MessageStructure"), needs_default=not is_endpoint),
        whole=message,
        subject=subject,
        group_id=params.get("MessageGroupId"),
        deduplication_id=params.get("MessageDeduplicationId"),
        trace_header=call.trace_header,
        base=call.endpoint,
    )


def _check_subject(subject: str | None) -> None:
    if subject is None:
        return
    if not subject or len(subject) > _LONGEST_SUBJECT or "\n" in subject or not subject.isprintable():
        raise invalid("Subject")


def _check_order(topic: Topic, draft: Draft) -> None:
    """Refuse what a topic of this type cannot order. Raises AwsError InvalidParameter."""
    if topic.is_fifo:
        if not draft.group_id:
            raise invalid("The MessageGroupId parameter is required for FIFO topics")
        if not draft.deduplication_id and not topic.deduplicates_by_content:
            raise invalid(
                "The topic should either have ContentBasedDeduplication enabled "
                "or MessageDeduplicationId provided explicitly"
            )
    elif draft.deduplication_id:
        raise invalid(
            "MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter "
            "that is not valid for this topic type"
        )
    for name, value in (("MessageGroupId", draft.group_id), ("MessageDeduplicationId", draft.deduplication_id)):
        if value and not _FIFO_ID.fullmatch(value):
            raise invalid(f"{name} Reason: must be 1 to 128 alphanumeric or punctuation characters")


def _check_entries(entries: list[dict[str, Any]]) -> None:
    if not entries:
        text = "The batch request doesn't contain any entries."
        raise AwsError("EmptyBatchRequest", text)
    if len(entries) > _MOST:
        text = "The batch request contains more entries than permissible."
        raise AwsError("TooManyEntriesInBatchRequest", text)
    ids = [entry["Id"] for entry in entries]
    if len(set(ids)) < len(ids):
        text = "Two or more batch entries in the request have the same Id."
        raise AwsError("BatchEntryIdsNotDistinct", text)
    if not all(_ENTRY_ID.fullmatch(one) for one in ids):
        text = (
            "The Id of a batch entry in a batch request doesn't abide by the specification. "
            "It can only contain alphanumeric characters, hyphens, or underscores, and be at most 80 letters long."
        )
        raise AwsError("InvalidBatchEntryId", text)


async def _to_phone(service: Sns, call: Call, phone: str, draft: Draft) -> Output:
    if not is_phone_number(phone):
        raise invalid(f"PhoneNumber Reason: {phone} is not valid to publish to")
    return await _to_person(service, call, "sms", phone, draft)


async def _to_endpoint(service: Sns, call: Call, arn: str, draft: Draft) -> Output:
    found = await service.store.read(lambda tx: applications.endpoint(tx, arn))
    if found is None:
        raise invalid("TargetArn Reason: No endpoint found for the target arn specified")
    if found.attributes.get("Enabled") != "true":
        raise AwsError("EndpointDisabled", "Endpoint is disabled")
    return await _to_person(service, call, "application", arn, draft)


async def _to_person(service: Sns, call: Call, protocol: str, endpoint: str, draft: Draft) -> Output:
    message_id = str(uuid4())
    body = draft.texts.get(protocol) or draft.texts.get(DEFAULT) or draft.whole
    now_ms = service.now_ms()
    await service.store.write(
        lambda tx: outbox.keep_sent(
            tx,
            account=call.account,
            region=call.region,
            protocol=protocol,
            endpoint=endpoint,
            message_id=message_id,
            subject=draft.subject,
            body=body,
            now_ms=now_ms,
        )
    )
    return {"MessageId": message_id}
