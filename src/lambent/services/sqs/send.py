"""SendMessage, SendMessageBatch: what is answered is on the disk."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

from lambent.errors import AwsError
from lambent.services.sqs import batches, content, messages
from lambent.services.sqs.messages import Draft
from lambent.services.sqs.names import existing, key_of
from lambent.services.sqs.record import MAX_BYTES
from lambent.services.sqs.refusals import invalid, invalid_value, missing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambent.call import Call, Output, Params
    from lambent.services.sqs.context import Sqs
    from lambent.services.sqs.messages import Sent
    from lambent.services.sqs.record import Queue, QueueKey
    from lambent.store import Tx

_ID = re.compile(r"[!-~]{1,128}")
_LONGEST_DELAY_S = 900


async def send_message(service: Sqs, call: Call, params: Params) -> Output:
    """Send a message. Raises AwsError for what SQS does not take."""
    key, now_ms = key_of(call, params), service.now_ms()
    draft = _draft(call, key, params)

    def work(tx: Tx) -> Sent:
        queue = existing(tx, call, key)
        ready = fitted(queue, draft)
        (sent,) = messages.add(tx, queue, [ready], now_ms)
        return sent

    return _answer(draft, await service.store.write(work))


async def send_message_batch(service: Sqs, call: Call, params: Params) -> Output:
    """Send up to ten messages; each is taken or refused by itself, what is wrong with them all refuses the batch."""
    key, now_ms = key_of(call, params), service.now_ms()
    entries = batches.entries_of(params, "SendMessageBatchRequestEntry")
    drafts: list[Draft | AwsError] = []
    for entry in entries:
        try:
            drafts.append(_draft(call, key, entry))
        except AwsError as refusal:
            if refusal.code == "MissingRequiredParameterException":
                raise invalid(str(refusal.message)) from None
            drafts.append(refusal)
    _check_total(drafts)

    def work(tx: Tx) -> Output:
        queue = existing(tx, call, key)
        good: list[tuple[str, Draft, Draft]] = []
        bad: list[dict[str, Any]] = []
        for entry, draft in zip(entries, drafts, strict=True):
            try:
                if isinstance(draft, AwsError):
                    raise draft
                good.append((entry["Id"], draft, fitted(queue, draft, in_batch=True)))
            except AwsError as refusal:
                bad.append(batches.failed(entry, refusal))
        sent = messages.add(tx, queue, [ready for _, _, ready in good], now_ms)
        answers = [{"Id": one, **_answer(draft, told)} for (one, draft, _), told in zip(good, sent, strict=True)]
        return batches.results(answers, bad)

    return await service.store.write(work)


def fitted(queue: Queue, draft: Draft, *, in_batch: bool = False) -> Draft:
    """The message as its queue takes it. Raises AwsError for what depends on the queue."""
    settings = queue.settings
    if content.size_bytes(draft.body, draft.attributes) > settings.max_bytes:
        how = "cannot be validated" if in_batch else "are invalid"
        reason = f"Message must be shorter than {settings.max_bytes} bytes."
        raise invalid(f"One or more parameters {how}. Reason: {reason}")
    if not queue.key.is_fifo or draft.deduplication_id:
        return draft
    if not settings.by_content:
        raise invalid(
            "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided "
            "explicitly"
        )
    return draft._replace(deduplication_id=hashlib.sha256(draft.body.encode()).hexdigest())


def _draft(call: Call, key: QueueKey, params: Mapping[str, Any]) -> Draft:
    """A message out of parameters. Raises AwsError for what is wrong with it, whatever the queue's settings are."""
    delay_s, group_id = params.get("DelaySeconds"), params.get("MessageGroupId")
    deduplication_id = params.get("MessageDeduplicationId")
    if delay_s is not None and not 0 <= delay_s <= _LONGEST_DELAY_S:
        raise invalid_value(delay_s, "DelaySeconds", "DelaySeconds must be >= 0 and <= 900.")
    for name, value in (("MessageGroupId", group_id), ("MessageDeduplicationId", deduplication_id)):
        if value and not _ID.fullmatch(value):
            raise invalid_value(
                value, name, f"{name} can only include alphanumeric and punctuation characters. 1 to 128 in length."
            )
    invalid_kind = "The request include parameter that is not valid for this queue type."
    if key.is_fifo:
        if not group_id:
            raise missing("MessageGroupId")
        if delay_s:
            raise invalid_value(delay_s, "DelaySeconds", invalid_kind)
        delay_s = None
    elif deduplication_id:
        raise invalid_value(deduplication_id, "MessageDeduplicationId", invalid_kind)
    return Draft(
        body=content.body_of(params),
        attributes=content.attributes_of(params.get("MessageAttributes")),
        trace_header=content.trace_of(params.get("MessageSystemAttributes")) or call.trace_header,
        delay_ms=None if delay_s is None else delay_s * 1000,
        group_id=group_id or None,
        deduplication_id=deduplication_id or None,
        sender_id=call.account,
    )


def _check_total(drafts: list[Draft | AwsError]) -> None:
    """Raises AwsError BatchRequestTooLong; the limit is AWS's own, whatever the queue's is."""
    size = sum(content.size_bytes(one.body, one.attributes) for one in drafts if isinstance(one, Draft))
    if size > MAX_BYTES:
        text = f"Batch requests cannot be longer than {MAX_BYTES} bytes. You have sent {size} bytes."
        raise AwsError("BatchRequestTooLong", text)


def _answer(draft: Draft, sent: Sent) -> dict[str, Any]:
    answer = {"MessageId": sent.message_id, "MD5OfMessageBody": content.md5_of_body(draft.body)}
    if draft.attributes:
        answer["MD5OfMessageAttributes"] = content.md5_of_attributes(draft.attributes)
    if draft.trace_header:
        trace: content.Attributes = {"AWSTraceHeader": ("String", draft.trace_header)}
        answer["MD5OfMessageSystemAttributes"] = content.md5_of_attributes(trace)
    if sent.sequence is not None:
        answer["SequenceNumber"] = sent.sequence
    return answer
