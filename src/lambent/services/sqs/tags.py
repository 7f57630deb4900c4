"""TagQueue, UntagQueue, ListQueueTags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambent.services.sqs import repository
from lambent.services.sqs.names import existing, key_of
from lambent.services.sqs.refusals import invalid, missing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambent.call import Call, Output, Params
    from lambent.services.sqs.context import Sqs
    from lambent.store import Tx

_MOST = 50
_KEY_LENGTH = 128
_VALUE_LENGTH = 256


def check(tags: Mapping[str, str]) -> None:
    """Whether a queue may have these tags. Raises AwsError InvalidParameterValue."""
    if len(tags) > _MOST:
        raise invalid(f"Too many tags added for queue. Maximum number of tags allowed per queue is {_MOST}.")
    for key, value in tags.items():
        if not 1 <= len(key) <= _KEY_LENGTH:
            raise invalid(f"Tag keys must be between 1 and {_KEY_LENGTH} characters in length.")
        if len(value) > _VALUE_LENGTH:
            raise invalid(f"Tag values must be between 0 and {_VALUE_LENGTH} characters in length.")
        if key.lower().startswith("aws:"):
            raise invalid("Tag keys starting with 'aws:' are reserved for system use.")


async def tag_queue(service: Sqs, call: Call, params: Params) -> Output:
    """Add tags, replacing those whose keys are there already."""
    key, new = key_of(call, params), params.get("Tags")
    if not new:
        raise missing("Tags")

    def work(tx: Tx) -> None:
        queue = existing(tx, call, key)
        tags = {**repository.tags(tx, queue), **new}
        check(tags)
        repository.set_tags(tx, queue, tags)

    await service.store.write(work)
    return {}


async def untag_queue(service: Sqs, call: Call, params: Params) -> Output:
    """Remove tags; keys that are not there are ignored."""
    key, gone = key_of(call, params), params.get("TagKeys")
    if not gone:
        raise missing("TagKeys")

    def work(tx: Tx) -> None:
        queue = existing(tx, call, key)
        repository.set_tags(tx, queue, {k: v for k, v in repository.tags(tx, queue).items() if k not in gone})

    await service.store.write(work)
    return {}


async def list_queue_tags(service: Sqs, call: Call, params: Params) -> Output:
    """A queue's tags."""
    key = key_of(call, params)
    tags = await service.store.read(lambda tx: repository.tags(tx, existing(tx, call, key)))
    return {"Tags": tags} if tags else {}
