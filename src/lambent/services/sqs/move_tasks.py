"""StartMessageMoveTask, ListMessageMoveTasks, CancelMessageMoveTask: out of dead-letter queues, back to work."""

from __future__ import annotations

import base64
import binascii
import uuid
from typing import TYPE_CHECKING, Any

import orjson

from lambent.errors import AwsError
from lambent.services.sqs import repository
from lambent.services.sqs.record import key_of_arn
from lambent.services.sqs.refusals import invalid, invalid_value, missing, no_such_resource
from lambent.store import load_queries

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.sqs.context import Sqs
    from lambent.services.sqs.record import Queue
    from lambent.store import Row, Tx

SQL = load_queries("lambent.services.sqs", "tasks.sql")
TOPIC = "sqs/tasks"
"""The signal that a task began."""
_MOST_PER_SECOND = 500
_MOST_SHOWN = 10


async def start_message_move_task(service: Sqs, call: Call, params: Params) -> Output:
    """Begin to move all that lies in a dead-letter queue. Raises AwsError ResourceNotFoundException."""
    source_arn, destination_arn = params.get("SourceArn"), params.get("DestinationArn")
    per_second = params.get("MaxNumberOfMessagesPerSecond")
    if not source_arn:
        raise missing("SourceArn")
    if per_second is not None and not 1 <= per_second <= _MOST_PER_SECOND:
        raise invalid_value(per_second, "MaxNumberOfMessagesPerSecond", "Must be between 1 and 500, if provided.")
    task_id, now_ms = str(uuid.uuid4()), service.now_ms()

    def work(tx: Tx) -> None:
        source = _named(tx, call, source_arn, "SourceArn")
        if not repository.sources(tx, source.key.arn, count=1):
            raise invalid("Source queue must be configured as a Dead Letter Queue.")
        if destination_arn:
            destination = _named(tx, call, destination_arn, "DestinationArn")
            if destination.key.is_fifo != source.key.is_fifo:
                raise invalid("Source queue and destination queue must be of the same type.")
            if destination.id == source.id:
                raise invalid("Source queue arn and destination queue arn cannot be the same.")
        if tx.one(SQL["running_of"], {"source_arn": source.key.arn}) is not None:
            raise invalid(
                "There is already a task running. Only one active task is allowed for a source queue arn at a given "
                "time."
            )
        delayed, in_flight = repository.hidden(tx, source, now_ms)
        row = {
            "id": task_id,
            "source_arn": source.key.arn,
            "destination_arn": destination_arn or None,
            "per_second": per_second,
            "to_move": max(0, source.messages - delayed - in_flight),
            "now": now_ms,
        }
        tx.execute(SQL["insert"], row)
        tx.signal(TOPIC)

    await service.store.write(work)
    return {"TaskHandle": _handle(task_id, source_arn)}


async def list_message_move_tasks(service: Sqs, call: Call, params: Params) -> Output:
    """The tasks of a queue, the newest first; one where nobody asks for more."""
    source_arn, most = params.get("SourceArn"), params.get("MaxResults")
    if not source_arn:
        raise missing("SourceArn")
    if most is not None and not 1 <= most <= _MOST_SHOWN:
        raise invalid_value(most, "MaxResults", "Must be between 1 and 10, if provided.")

    def work(tx: Tx) -> list[Row]:
        source = _named(tx, call, source_arn, "SourceArn")
        return tx.all(SQL["of_source"], {"source_arn": source.key.arn, "count": most or 1})

    shown = [_shown(row) for row in await service.store.read(work)]
    return {"Results": shown} if shown else {}


async def cancel_message_move_task(service: Sqs, call: Call, params: Params) -> Output:
    """End a task; what it has moved stays moved. Raises AwsError ResourceNotFoundException."""
    handle = params.get("TaskHandle")
    if not handle:
        raise missing("TaskHandle")
    task_id, source_arn = _parts(handle)

    def work(tx: Tx) -> int:
        source = _named(tx, call, source_arn, "SourceArn")
        row = tx.one(SQL["load"], {"id": task_id})
        if row is None or row["source_arn"] != source.key.arn:
            raise AwsError("ResourceNotFoundException", "Task does not exist.", status=404)
        if row["status"] != "RUNNING":
            raise invalid("Only active tasks can be cancelled.")
        tx.execute(SQL["end"], {"id": task_id, "status": "CANCELLED", "failure": None})
        return int(row["moved"])

    return {"ApproximateNumberOfMessagesMoved": await service.store.write(work)}


def _named(tx: Tx, call: Call, arn: str, parameter: str) -> Queue:
    """The queue of an ARN in the caller's own account and region. Raises AwsError ResourceNotFoundException."""
    key = key_of_arn(arn)
    if key is None:
        form = "arn:<partition>:<service>:<region>:<account-id>:<resource-id>"
        raise invalid(f"You must use this format to specify the {parameter}: {form}")
    queue = repository.load(tx, key) if (key.account, key.region) == (call.account, call.region) else None
    if queue is None:
        raise no_such_resource(parameter)
    return queue


def _handle(task_id: str, source_arn: str) -> str:
    return base64.b64encode(orjson.dumps({"taskId": task_id, "sourceArn": source_arn})).decode()


def _parts(handle: str) -> tuple[str, str]:
    """A task's id and its source's ARN. Raises AwsError InvalidParameterValue for what was never given."""
    try:
        told = orjson.loads(base64.b64decode(handle, validate=True))
        return str(told["taskId"]), str(told["sourceArn"])
    except (binascii.Error, ValueError, KeyError, TypeError):
        raise invalid("Value for parameter TaskHandle is invalid.") from None


def _shown(row: Row) -> dict[str, Any]:
    told = {
        "Status": row["status"],
        "SourceArn": row["source_arn"],
        "DestinationArn": row["destination_arn"],
        "MaxNumberOfMessagesPerSecond": row["per_second"],
        "ApproximateNumberOfMessagesMoved": row["moved"],
        "ApproximateNumberOfMessagesToMove": row["to_move"],
        "FailureReason": row["failure"],
        "StartedTimestamp": row["started_at"],
        "TaskHandle": _handle(row["id"], row["source_arn"]) if row["status"] == "RUNNING" else None,
    }
    return {name: value for name, value in told.items() if value is not None}
