"""Dead-letter queues: who may have which, and ListDeadLetterSourceQueues.

Source: SQS developer guide, "Using dead-letter queues in Amazon SQS".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from lambent.services.sqs import paging, repository
from lambent.services.sqs.names import existing, key_of, url_of
from lambent.services.sqs.record import is_number, key_of_arn
from lambent.services.sqs.refusals import invalid_value

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.errors import AwsError
    from lambent.services.sqs.context import Sqs
    from lambent.services.sqs.record import Queue, QueueKey
    from lambent.store import Tx

_MOST_RECEIVES = 1000
_MOST_SOURCES = 10
_PERMISSIONS = ("allowAll", "denyAll", "byQueue")


def check_policy(tx: Tx, key: QueueKey, text: str) -> None:
    """Whether a queue may have this redrive policy. Raises AwsError InvalidParameterValue."""
    policy = _object(text, "RedrivePolicy")
    for name in ("deadLetterTargetArn", "maxReceiveCount"):
        if not policy.get(name) and policy.get(name) != 0:
            raise _refused(text, f"Redrive policy does not contain mandatory attribute: {name}.")
    for name in policy:
        if name not in {"deadLetterTargetArn", "maxReceiveCount"}:
            raise _refused(text, "Only following attributes are supported: [deadLetterTargetArn, maxReceiveCount].")
    count = str(policy["maxReceiveCount"])
    if not (is_number(count) and 1 <= int(count) <= _MOST_RECEIVES):
        reason = f"Invalid value for maxReceiveCount: {count}, valid values are from 1 to 1000 both inclusive."
        raise _refused(text, reason)
    target = key_of_arn(str(policy["deadLetterTargetArn"]))
    if target is None:
        raise _refused(text, "Invalid value for deadLetterTargetArn.")
    if target.is_fifo != key.is_fifo:
        raise _refused(text, "Dead-letter queue must be same type of queue as the source.")
    queue = repository.load(tx, target)
    if queue is None or (target.account, target.region) != (key.account, key.region):
        raise _refused(text, "Dead letter target does not exist.")
    if target == key:
        raise _refused(text, "A queue cannot be its own dead letter target.")
    if not admits(queue, key.arn):
        raise _refused(text, f"The redrive allow policy of {target.arn} does not admit this queue.")


def check_allow_policy(text: str) -> None:
    """Whether a redrive allow policy is well-formed. Raises AwsError InvalidParameterValue."""
    policy = _object(text, "RedriveAllowPolicy")
    permission, sources = policy.get("redrivePermission"), policy.get("sourceQueueArns")
    if permission not in _PERMISSIONS:
        raise invalid_value(text, "RedriveAllowPolicy", "Invalid value for redrivePermission.")
    if (permission == "byQueue") != bool(sources):
        reason = "sourceQueueArns must be given with redrivePermission byQueue, and only then."
        raise invalid_value(text, "RedriveAllowPolicy", reason)
    if sources and not (isinstance(sources, list) and len(sources) <= _MOST_SOURCES):
        raise invalid_value(text, "RedriveAllowPolicy", "Only up to 10 sourceQueueArns can be specified.")


def admits(queue: Queue, source_arn: str) -> bool:
    """Whether a queue lets another one have it as its dead-letter queue."""
    text = orjson.loads(queue.attributes).get("RedriveAllowPolicy")
    if not text:
        return True
    policy = orjson.loads(text)
    if policy["redrivePermission"] == "byQueue":
        return source_arn in policy["sourceQueueArns"]
    return bool(policy["redrivePermission"] == "allowAll")


async def list_dead_letter_source_queues(service: Sqs, call: Call, params: Params) -> Output:
    """The queues whose dead-letter queue this is, by name."""
    key, page = key_of(call, params), paging.page_of(params)

    def work(tx: Tx) -> list[QueueKey]:
        queue = existing(tx, call, key)
        return repository.sources(tx, queue.key.arn, after=page.after, count=page.size + 1)

    found = await service.store.read(work)
    shown, more = page.cut(found, lambda source: source.name)
    return {"queueUrls": [url_of(call, source) for source in shown], **more}


def _object(text: str, name: str) -> dict[str, Any]:
    try:
        policy = orjson.loads(text)
    except orjson.JSONDecodeError:
        policy = None
    if not isinstance(policy, dict):
        raise invalid_value(text, name, "Redrive policy is not a valid JSON map.")
    return policy


def _refused(text: str, reason: str) -> AwsError:
    return invalid_value(text, "RedrivePolicy", reason)
