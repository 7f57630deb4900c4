"""ReceiveMessage: at once, or as soon as there is something."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from lambent.services.sqs import content, messages, taking
from lambent.services.sqs.names import existing, key_of
from lambent.services.sqs.receipts import handle_of
from lambent.services.sqs.record import topic
from lambent.services.sqs.refusals import invalid_value, unknown_attribute

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lambent.call import Call, Output, Params
    from lambent.services.sqs.context import Sqs
    from lambent.services.sqs.record import Queue, QueueKey
    from lambent.services.sqs.taking import Taken
    from lambent.store import Tx

_MOST = 10
_LONGEST_WAIT_S = 20
_LONGEST_VISIBILITY_S = 43_200
_SYSTEM = frozenset(
    """All SenderId SentTimestamp ApproximateReceiveCount ApproximateFirstReceiveTimestamp SequenceNumber
    MessageDeduplicationId MessageGroupId AWSTraceHeader DeadLetterQueueSourceArn""".split()
)
_ATTEMPT = re.compile(r"[!-~]{1,128}")


class Wanted(NamedTuple):
    """What a receive asks for."""

    key: QueueKey
    most: int
    visibility_s: int | None
    """None takes the queue's, as in the next."""
    wait_s: int | None
    attempt_id: str | None


class Received(NamedTuple):
    """What a look at a queue brought."""

    taken: list[Taken]
    queue: Queue
    wait_s: int
    """How long the receive may wait, its own setting or the queue's."""
    due_ms: int | None
    """When something becomes visible by itself; known only where nothing was found."""


async def receive_message(service: Sqs, call: Call, params: Params) -> Output:
    """Take up to ten messages, waiting for the first. Raises AwsError OverLimit, InvalidParameterValue."""
    wanted = _wanted(call, params)
    system = _system(params)
    names = params.get("MessageAttributeNames") or ()
    got = await _receive(service, call, wanted)
    if not got.taken:
        return {}

    return {"Messages": [_shown(got.queue, one, system, names) for one in got.taken]}


async def _receive(service: Sqs, call: Call, wanted: Wanted) -> Received:
    got = await _look(service, call, wanted)
    if not got.taken and got.wait_s:
        with service.polls.join(topic(wanted.key), got.wait_s) as poll:
            going_on = True
            while going_on and not got.taken:
                poll.looks()
                got = await _look(service, call, wanted)
                if not got.taken:
                    going_on = await poll.wait(got.due_ms)
    if got.taken:
        service.polls.pass_on(topic(wanted.key))
    return got


async def _look(service: Sqs, call: Call, wanted: Wanted) -> Received:
    """One look at the queue, as it is now: it may have been purged, changed or deleted since the last."""
    now_ms = service.now_ms()

    def work(tx: Tx) -> Received:
        queue = existing(tx, call, wanted.key)
        settings = queue.settings
        wait_s = settings.wait_s if wanted.wait_s is None else wanted.wait_s
        visibility_ms = settings.visibility_ms if wanted.visibility_s is None else wanted.visibility_s * 1000
        taken: list[Taken] = []
        is_tired = False
        if wanted.attempt_id is not None and queue.key.is_fifo:
            taken = taking.retake(tx, queue, wanted.attempt_id, visibility_ms, now_ms)
        if not taken:
            taken, is_tired = taking.take(tx, queue, wanted.most, visibility_ms, now_ms)
            if wanted.attempt_id is not None and queue.key.is_fifo:
                taking.remember(tx, queue, wanted.attempt_id, taken, now_ms + visibility_ms, now_ms)
        due_ms = now_ms if is_tired else None
        if wait_s and not taken and not is_tired:
            due_ms = messages.next_visible_ms(tx, queue, now_ms)
        return Received(taken, queue, wait_s, due_ms)

    return await service.store.write(work)


def _wanted(call: Call, params: Params) -> Wanted:
    key, most = key_of(call, params), params.get("MaxNumberOfMessages")
    wait_s, visibility_s = params.get("WaitTimeSeconds"), params.get("VisibilityTimeout")
    if most is not None and not 1 <= most <= _MOST:
        raise invalid_value(most, "MaxNumberOfMessages", "Must be between 1 and 10, if provided.")
    if wait_s is not None and not 0 <= wait_s <= _LONGEST_WAIT_S:
        raise invalid_value(wait_s, "WaitTimeSeconds", "Must be >= 0 and <= 20, if provided.")
    if visibility_s is not None and not 0 <= visibility_s <= _LONGEST_VISIBILITY_S:
        raise invalid_value(visibility_s, "VisibilityTimeout", "Must be between 0 and 43200, if provided.")
    attempt_id = params.get("ReceiveRequestAttemptId")
    if attempt_id and not key.is_fifo:
        reason = "The request include parameter that is not valid for this queue type."
        raise invalid_value(attempt_id, "ReceiveRequestAttemptId", reason)
    if attempt_id and not _ATTEMPT.fullmatch(attempt_id):
        reason = "ReceiveRequestAttemptId can only include alphanumeric and punctuation characters. 1 to 128 in length."
        raise invalid_value(attempt_id, "ReceiveRequestAttemptId", reason)
    return Wanted(key, most or 1, visibility_s, wait_s, attempt_id or None)


def _system(params: Params) -> frozenset[str]:
    """The system attributes that are asked for, under the old name of the parameter or the new."""
    names = frozenset((*(params.get("AttributeNames") or ()), *(params.get("MessageSystemAttributeNames") or ())))
    for name in names - _SYSTEM:
        raise unknown_attribute(name)
    return names


def _shown(queue: Queue, one: Taken, system: frozenset[str], names: Iterable[str]) -> dict[str, Any]:
    row = one.row
    answer: dict[str, Any] = {
        "MessageId": row["message_id"],
        "ReceiptHandle": handle_of(queue.id, queue.lot, row["id"], one.receive_count, row["message_id"]),
        "MD5OfBody": content.md5_of_body(row["body"]),
        "Body": row["body"],
    }
    if system:
        told = _told(one, is_fifo=queue.key.is_fifo)
        answer["Attributes"] = told if "All" in system else {name: told[name] for name in told if name in system}
    if row["attributes"] is not None and (chosen := content.chosen(content.restored(row["attributes"]), names)):
        answer["MD5OfMessageAttributes"] = content.md5_of_attributes(chosen)
        answer["MessageAttributes"] = content.shown(chosen)
    return answer


def _told(one: Taken, *, is_fifo: bool) -> dict[str, str]:
    """All system attributes of a message that has just been received."""
    row = one.row
    told = {
        "SenderId": row["sender_id"],
        "ApproximateFirstReceiveTimestamp": str(one.first_ms),
        "ApproximateReceiveCount": str(one.receive_count),
        "SentTimestamp": str(row["sent_at"]),
        "SequenceNumber": messages.sequence_number(row["id"]) if is_fifo else None,
        "MessageDeduplicationId": row["deduplication_id"],
        "MessageGroupId": row["group_id"],
        "AWSTraceHeader": row["trace_header"],
        "DeadLetterQueueSourceArn": row["source_arn"],
    }
    return {name: value for name, value in told.items() if value is not None}
