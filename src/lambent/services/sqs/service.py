"""The operations of SQS that are built, as the wire is given them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lambent.call import Service
from lambent.services.sqs import dead_letters, move_tasks, permissions, queues, receive, send, settle, tags

if TYPE_CHECKING:
    from lambent.services.sqs.context import Operation, Sqs

_OPERATIONS: dict[str, Operation] = {
    # Queues
    "CreateQueue": queues.create_queue,
    "DeleteQueue": queues.delete_queue,
    "GetQueueAttributes": queues.get_queue_attributes,
    "GetQueueUrl": queues.get_queue_url,
    "ListDeadLetterSourceQueues": dead_letters.list_dead_letter_source_queues,
    "ListQueues": queues.list_queues,
    "PurgeQueue": queues.purge_queue,
    "SetQueueAttributes": queues.set_queue_attributes,
    # Who and what for
    "AddPermission": permissions.add_permission,
    "ListQueueTags": tags.list_queue_tags,
    "RemovePermission": permissions.remove_permission,
    "TagQueue": tags.tag_queue,
    "UntagQueue": tags.untag_queue,
    # Out of dead-letter queues
    "CancelMessageMoveTask": move_tasks.cancel_message_move_task,
    "ListMessageMoveTasks": move_tasks.list_message_move_tasks,
    "StartMessageMoveTask": move_tasks.start_message_move_task,
    # Messages
    "ChangeMessageVisibility": settle.change_message_visibility,
    "ChangeMessageVisibilityBatch": settle.change_message_visibility_batch,
    "DeleteMessage": settle.delete_message,
    "DeleteMessageBatch": settle.delete_message_batch,
    "ReceiveMessage": receive.receive_message,
    "SendMessage": send.send_message,
    "SendMessageBatch": send.send_message_batch,
}


def service(parts: Sqs) -> Service:
    """The table of operations."""
    # A batch of 1 MiB, each character of it escaped at its worst in either protocol, and what stands around it.
    large = 8_388_608
    return Service(
        name="sqs",
        operations={name: partial(operation, parts) for name, operation in _OPERATIONS.items()},
        body_limits={"SendMessage": large, "SendMessageBatch": large, "": 1_048_576},
    )
