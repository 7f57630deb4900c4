"""AddPermission, RemovePermission: statements of a queue's policy by their labels."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson

from lambent.arn import partition_of
from lambent.services.sqs import repository
from lambent.services.sqs.names import existing, key_of
from lambent.services.sqs.policy import as_list
from lambent.services.sqs.refusals import invalid_value, missing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lambent.call import Call, Output, Params
    from lambent.services.sqs.context import Sqs
    from lambent.services.sqs.record import Queue
    from lambent.store import Tx

_ACTIONS = frozenset(
    """* ChangeMessageVisibility DeleteMessage GetQueueAttributes GetQueueUrl ListDeadLetterSourceQueues PurgeQueue
    ReceiveMessage SendMessage""".split()
)
_LABEL = re.compile(r"[A-Za-z0-9_-]{1,80}")
_MOST = 7


async def add_permission(service: Sqs, call: Call, params: Params) -> Output:
    """Let other accounts do something with a queue. Raises AwsError InvalidParameterValue."""
    for name in ("Label", "AWSAccountIds", "Actions"):
        if not params.get(name):
            raise missing(name)
    key, now_ms, label = key_of(call, params), service.now_ms(), params["Label"]
    if not _LABEL.fullmatch(label):
        reason = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"
        raise invalid_value(label, "Label", reason)
    for action in params["Actions"]:
        if action not in _ACTIONS:
            reason = "Please refer to the appropriate WSDL for a list of valid actions."
            raise invalid_value(f"SQS:{action}", "ActionName", reason)
    if len(params["Actions"]) > _MOST:
        raise invalid_value(len(params["Actions"]), "Actions", f"At most {_MOST} actions can be specified.")
    for account in params["AWSAccountIds"]:
        if not re.fullmatch(r"\d{12}", account, re.ASCII):
            raise invalid_value(account, "PrincipalId", "Unable to verify.")

    def work(tx: Tx) -> None:
        queue = existing(tx, call, key)
        policy = _policy(queue)
        if any(one.get("Sid") == label for one in policy["Statement"]):
            raise invalid_value(label, "Label", "Already exists.")
        policy["Statement"].append(_statement(queue, label, params["AWSAccountIds"], params["Actions"]))
        _keep(tx, queue, policy, now_ms)

    await service.store.write(work)
    return {}


async def remove_permission(service: Sqs, call: Call, params: Params) -> Output:
    """Take a statement away. Raises AwsError InvalidParameterValue for a label that is not there."""
    key, now_ms, label = key_of(call, params), service.now_ms(), params.get("Label")
    if not label:
        raise missing("Label")

    def work(tx: Tx) -> None:
        queue = existing(tx, call, key)
        policy = _policy(queue)
        kept = [one for one in policy["Statement"] if one.get("Sid") != label]
        if len(kept) == len(policy["Statement"]):
            raise invalid_value(label, "Label", "can't find label.")
        _keep(tx, queue, {**policy, "Statement": kept}, now_ms)

    await service.store.write(work)
    return {}


def _policy(queue: Queue) -> dict[str, Any]:
    text = orjson.loads(queue.attributes).get("Policy")
    if not text:
        return {"Version": "2008-10-17", "Id": f"{queue.key.arn}/SQSDefaultPolicy", "Statement": []}
    policy: dict[str, Any] = orjson.loads(text)
    return {**policy, "Statement": as_list(policy.get("Statement", []))}


def _keep(tx: Tx, queue: Queue, policy: dict[str, Any], now_ms: int) -> None:
    attributes = orjson.loads(queue.attributes)
    attributes.pop("Policy", None)
    if policy["Statement"]:
        attributes["Policy"] = orjson.dumps(policy).decode()
    repository.set_attributes(tx, queue, attributes, now_ms)


def _statement(queue: Queue, label: str, accounts: Sequence[str], actions: Sequence[str]) -> dict[str, Any]:
    partition = partition_of(queue.key.region)
    return {
        "Sid": label,
        "Effect": "Allow",
        "Principal": {"AWS": _single([f"arn:{partition}:iam::{account}:root" for account in accounts])},
        "Action": _single([f"SQS:{action}" for action in actions]),
        "Resource": queue.key.arn,
    }


def _single(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else values
