"""Queues as targets: what dead-letter queues, destinations, topics and rules hand over arrives as a sent message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambent.delivery import Undeliverable
from lambent.errors import AwsError
from lambent.services.sqs import messages, repository
from lambent.services.sqs.messages import Draft
from lambent.services.sqs.record import key_of_arn
from lambent.services.sqs.refusals import NO_QUEUE, missing
from lambent.services.sqs.send import fitted

if TYPE_CHECKING:
    from lambent.clock import Clock
    from lambent.delivery import Message
    from lambent.store import Tx

_NO_QUEUE_CODE = "AWS.SimpleQueueService.NonExistentQueue"
_CODES = {
    "InvalidParameterValueException": "InvalidParameterValue",
    "MissingRequiredParameterException": "MissingParameter",
}


class QueueTarget:
    """Takes messages for queues; see `lambent.delivery.Target`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def deliver(self, tx: Tx, arn: str, message: Message) -> None:
        """Send a message within the transaction. Raises Undeliverable for a queue that is not there, or refuses it."""
        key = key_of_arn(arn)
        queue = None if key is None else repository.load(tx, key)
        if queue is None:
            raise Undeliverable(_NO_QUEUE_CODE, NO_QUEUE)
        is_fifo = queue.key.is_fifo
        draft = Draft(
            body=message.body,
            attributes={name: (one.data_type, one.value) for name, one in message.attributes.items()},
            trace_header=message.trace_header,
            delay_ms=None,
            group_id=message.group_id,
            deduplication_id=message.deduplication_id if is_fifo else None,
            sender_id=queue.key.account,
        )
        try:
            if is_fifo and not message.group_id:
                raise missing("MessageGroupId")
            ready = fitted(queue, draft)
        except AwsError as refusal:
            code = _CODES.get(refusal.code, refusal.code)
            raise Undeliverable(code, str(refusal.message)) from refusal
        messages.add(tx, queue, [ready], int(self._clock.time() * 1000))
