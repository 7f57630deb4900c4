"""Topics as others hand messages to them: destinations, rules, notifications of buckets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambent.delivery import Undeliverable
from lambent.errors import AwsError
from lambent.services.sns import repository
from lambent.services.sns.notification import DEFAULT
from lambent.services.sns.publish import LIMIT_BYTES, Draft, publish_to

if TYPE_CHECKING:
    from lambent.delivery import Message
    from lambent.services.sns.context import Sns
    from lambent.store import Tx


class TopicTarget:
    """Publishes what it is handed."""

    def __init__(self, service: Sns) -> None:
        self._service = service

    def deliver(self, tx: Tx, arn: str, message: Message) -> None:
        """Publish within the transaction that hands over. Raises Undeliverable."""
        topic = repository.topic(tx, arn)
        if topic is None:
            raise Undeliverable("NotFound", "Topic does not exist")
        draft = Draft(
            texts={DEFAULT: message.body},
            whole=message.body,
            attributes=message.attributes,
            subject=message.subject,
            group_id=message.group_id,
            deduplication_id=message.deduplication_id if topic.is_fifo else None,
            trace_header=message.trace_header,
            base=self._service.endpoint(),
        )
        if not message.body:
            raise Undeliverable("InvalidParameter", "Invalid parameter: Empty message")
        if draft.size_bytes > LIMIT_BYTES:
            raise Undeliverable("InvalidParameter", "Invalid parameter: Message too long")
        try:
            publish_to(tx, self._service, topic, draft)
        except AwsError as refusal:
            raise Undeliverable(refusal.code, refusal.message or "") from None
