"""CreateQueue, GetQueueUrl, ListQueues, DeleteQueue, PurgeQueue, GetQueueAttributes, SetQueueAttributes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from lambent.errors import AwsError
from lambent.services.sqs import attributes, paging, repository, tags
from lambent.services.sqs.names import check_name, existing, key_of, url_of
from lambent.services.sqs.record import QueueKey
from lambent.services.sqs.refusals import invalid_attribute, missing

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.sqs.context import Sqs
    from lambent.store import Tx

PAUSE_MS = 60_000
"""Between two purges of a queue, and between its deletion and its return."""


async def create_queue(service: Sqs, call: Call, params: Params) -> Output:
    """Make a queue, or find that it is there already with the same attributes.

    Raises AwsError QueueNameExists, QueueDeletedRecently, InvalidAttributeName, InvalidAttributeValue.
    """
    given, new_tags = params.get("Attributes") or {}, params.get("tags") or {}
    name = check_name(params.get("QueueName"), is_fifo=given.get("FifoQueue") == "true")
    key, now_ms = QueueKey(call.account, call.region, name), service.now_ms()
    tags.check(new_tags)

    def work(tx: Tx) -> None:
        queue = repository.load(tx, key)
        if queue is not None:
            other = attributes.difference(key, orjson.loads(queue.attributes), given)
            if other is not None:
                text = f"A queue already exists with the same name and a different value for attribute {other}"
                raise AwsError("QueueNameExists", text)
            return
        all_set = attributes.checked(tx, key, given, {})
        if repository.was_deleted_since(tx, key, now_ms - PAUSE_MS):
            raise AwsError(
                "QueueDeletedRecently",
                "You must wait 60 seconds after deleting a queue before you can create another with the same name.",
            )
        repository.insert(tx, key, all_set, new_tags, now_ms)

    await service.store.write(work)
    return {"QueueUrl": url_of(call, key)}


async def get_queue_url(service: Sqs, call: Call, params: Params) -> Output:
    """A queue's URL by its name. Raises AwsError QueueDoesNotExist."""
    name = params.get("QueueName")
    if not name:
        raise missing("QueueName")
    key = QueueKey(params.get("QueueOwnerAWSAccountId") or call.account, call.region, name)
    await service.store.read(lambda tx: existing(tx, call, key))
    return {"QueueUrl": url_of(call, key)}


async def list_queues(service: Sqs, call: Call, params: Params) -> Output:
    """Queues' URLs by name."""
    prefix, page = params.get("QueueNamePrefix") or "", paging.page_of(params)
    found = await service.store.read(
        lambda tx: repository.names(tx, call.account, call.region, prefix=prefix, after=page.after, count=page.size + 1)
    )
    shown, more = page.cut(found, str)
    urls = [url_of(call, QueueKey(call.account, call.region, name)) for name in shown]
    return {**({"QueueUrls": urls} if urls else {}), **more}


async def delete_queue(service: Sqs, call: Call, params: Params) -> Output:
    """Delete a queue with what lies in it. Raises AwsError QueueDoesNotExist."""
    key, now_ms = key_of(call, params), service.now_ms()
    await service.store.write(lambda tx: repository.delete(tx, existing(tx, call, key), now_ms))
    return {}


async def purge_queue(service: Sqs, call: Call, params: Params) -> Output:
    """Delete all that lies in a queue, whatever its state. Raises AwsError PurgeQueueInProgress."""
    key, now_ms = key_of(call, params), service.now_ms()

    def work(tx: Tx) -> None:
        queue = existing(tx, call, key)
        if queue.purged_ms is not None and now_ms - queue.purged_ms < PAUSE_MS:
            text = f"Only one PurgeQueue operation on {key.name} is allowed every 60 seconds."
            raise AwsError("PurgeQueueInProgress", text, status=403)
        repository.purge(tx, queue, now_ms)

    await service.store.write(work)
    return {}


async def get_queue_attributes(service: Sqs, call: Call, params: Params) -> Output:
    """The attributes that were asked for; none where none were."""
    key, names, now_ms = key_of(call, params), params.get("AttributeNames") or [], service.now_ms()

    def work(tx: Tx) -> dict[str, str]:
        return attributes.shown(tx, existing(tx, call, key), names, now_ms)

    found = await service.store.read(work)
    return {"Attributes": found} if found else {}


async def set_queue_attributes(service: Sqs, call: Call, params: Params) -> Output:
    """Change attributes; they hold at once, for what lies in the queue, too."""
    key, given, now_ms = key_of(call, params), params.get("Attributes"), service.now_ms()
    if given is None:
        raise missing("Attributes")

    def work(tx: Tx) -> None:
        queue = existing(tx, call, key)
        if "FifoQueue" in given and given["FifoQueue"] != ("true" if key.is_fifo else "false"):
            raise invalid_attribute("FifoQueue", "Modifying queue type is not supported.")
        all_set = attributes.checked(tx, key, given, orjson.loads(queue.attributes))
        repository.set_attributes(tx, queue, all_set, now_ms)

    await service.store.write(work)
    return {}
