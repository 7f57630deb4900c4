"""DeleteMessage, ChangeMessageVisibility and their batches: what becomes of a message that was received.

On a standard queue any handle that was ever given deletes its message. On a FIFO queue only the last one does, and only
until the message is visible again: somebody else may have it by then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambent.services.sqs import batches, messages
from lambent.services.sqs.names import existing, key_of
from lambent.services.sqs.receipts import receipt_of
from lambent.services.sqs.refusals import expired, garbage, invalid_value, missing, not_changeable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from lambent.call import Call, Output, Params
    from lambent.services.sqs.context import Sqs
    from lambent.services.sqs.receipts import Receipt
    from lambent.services.sqs.record import Queue
    from lambent.store import Row, Tx

_LONGEST_S = 43_200


async def delete_message(service: Sqs, call: Call, params: Params) -> Output:
    """Delete a message. Raises AwsError ReceiptHandleIsInvalid, InvalidParameterValue."""
    key, receipt, now_ms = key_of(call, params), receipt_of(params.get("ReceiptHandle")), service.now_ms()
    await service.store.write(lambda tx: delete(tx, existing(tx, call, key), receipt, now_ms))
    return {}


async def delete_message_batch(service: Sqs, call: Call, params: Params) -> Output:
    """Delete up to ten messages, each by itself."""
    key, now_ms = key_of(call, params), service.now_ms()
    entries = batches.entries_of(params, "DeleteMessageBatchRequestEntry")

    def work(tx: Tx) -> Output:
        queue = existing(tx, call, key)
        return batches.each(entries, lambda entry: delete(tx, queue, receipt_of(entry.get("ReceiptHandle")), now_ms))

    return await service.store.write(work)


async def change_message_visibility(service: Sqs, call: Call, params: Params) -> Output:
    """Have a message become visible so many seconds from now. Raises AwsError InvalidParameterValue."""
    key, now_ms = key_of(call, params), service.now_ms()
    await service.store.write(lambda tx: _change(tx, existing(tx, call, key), params, now_ms))
    return {}


async def change_message_visibility_batch(service: Sqs, call: Call, params: Params) -> Output:
    """The same for up to ten messages, each by itself."""
    key, now_ms = key_of(call, params), service.now_ms()
    entries = batches.entries_of(params, "ChangeMessageVisibilityBatchRequestEntry")

    def work(tx: Tx) -> Output:
        queue = existing(tx, call, key)
        return batches.each(entries, lambda entry: _change(tx, queue, entry, now_ms))

    return await service.store.write(work)


def delete(tx: Tx, queue: Queue, receipt: Receipt, now_ms: int) -> None:
    """Delete a message; one that is gone already is no mistake. Raises AwsError."""
    row = _message(tx, queue, receipt)
    if row is None:
        return
    if queue.key.is_fifo and not _holds(row, receipt, now_ms):
        raise expired(receipt.handle)
    messages.remove(tx, queue.lot, row["id"])
    messages.count(tx, queue.lot, -1)
    if queue.key.is_fifo:
        messages.settle_group(tx, queue.lot, row["group_id"], now_ms)
        tx.signal(queue.topic)


def _change(tx: Tx, queue: Queue, params: Mapping[str, Any], now_ms: int) -> None:
    receipt, timeout_s = receipt_of(params.get("ReceiptHandle")), params.get("VisibilityTimeout")
    if timeout_s is None:
        raise missing("VisibilityTimeout")
    if not 0 <= timeout_s <= _LONGEST_S:
        raise invalid_value(timeout_s, "VisibilityTimeout", "Must be between 0 and 43200, if provided.")
    row = _message(tx, queue, receipt)
    if row is None:
        raise not_changeable(receipt.handle)
    if not _holds(row, receipt, now_ms):
        raise expired(receipt.handle) if queue.key.is_fifo else not_changeable(receipt.handle)
    visible_ms = now_ms + timeout_s * 1000
    if visible_ms - row["received_at"] > _LONGEST_S * 1000:
        reason = f"Total VisibilityTimeout for the message is beyond the limit [{_LONGEST_S} seconds]"
        raise invalid_value(timeout_s, "VisibilityTimeout", reason)
    messages.set_visibility(tx, row["id"], visible_ms)
    if queue.key.is_fifo:
        messages.settle_group(tx, queue.lot, row["group_id"], now_ms)
    tx.signal(queue.topic)


def _message(tx: Tx, queue: Queue, receipt: Receipt) -> Row | None:
    """The message of a handle, None where it is gone. Raises AwsError for a handle of another queue."""
    if receipt.queue != queue.id:
        raise garbage(receipt.handle)
    return messages.find(tx, receipt) if receipt.lot == queue.lot else None


def _holds(row: Row, receipt: Receipt, now_ms: int) -> bool:
    """Whether a message is in flight, by the receive that the handle stands for."""
    return bool(row["receive_count"] == receipt.receive_count and row["visible_at"] > now_ms)
