"""AddPermission, RemovePermission: statements of a topic's policy for other accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from lambent.arn import partition_of
from lambent.services.sns import access, repository
from lambent.services.sns.names import topic_of
from lambent.services.sns.refusals import invalid, not_found

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.sns.context import Sns
    from lambent.services.sns.record import Topic
    from lambent.store import Tx


async def add_permission(service: Sns, call: Call, params: Params) -> Output:
    """Let accounts do something with a topic. Raises AwsError InvalidParameter, NotFound."""
    actions = params["ActionName"]
    if not actions or any(action not in access.ACTIONS for action in actions):
        raise invalid("Policy statement action out of service scope!")
    accounts = params["AWSAccountId"]
    if not accounts or not all(account.isdecimal() and len(account) == 12 for account in accounts):
        raise invalid("AWSAccountId")
    principals = [f"arn:{partition_of(call.region)}:iam::{account}:root" for account in accounts]

    def work(tx: Tx) -> None:
        topic = topic_of(tx, service, call, params["TopicArn"], "AddPermission")
        document = access.policy_of(topic)
        if any(one.get("Sid") == params["Label"] for one in access.statements(document)):
            raise invalid("Statement already exists")
        added = {
            "Sid": params["Label"],
            "Effect": "Allow",
            "Principal": {"AWS": _one_or_all(principals)},
            "Action": _one_or_all([f"SNS:{action}" for action in actions]),
            "Resource": topic.arn,
        }
        _keep(tx, topic, {**document, "Statement": [*access.statements(document), added]})

    await service.store.write(work)
    return {}


async def remove_permission(service: Sns, call: Call, params: Params) -> Output:
    """Take a statement out of a topic's policy. Raises AwsError NotFound."""

    def work(tx: Tx) -> None:
        topic = topic_of(tx, service, call, params["TopicArn"], "RemovePermission")
        document = access.policy_of(topic)
        left = [one for one in access.statements(document) if one.get("Sid") != params["Label"]]
        if len(left) == len(access.statements(document)):
            raise not_found("Statement does not exist")
        _keep(tx, topic, {**document, "Statement": left})

    await service.store.write(work)
    return {}


def _keep(tx: Tx, topic: Topic, document: dict[str, Any]) -> None:
    attributes = {**topic.attributes, "Policy": orjson.dumps(document).decode()}
    repository.set_topic_attributes(tx, topic.arn, attributes)


def _one_or_all(texts: list[str]) -> str | list[str]:
    """As policies are written: a list only where there is more than one."""
    return texts[0] if len(texts) == 1 else texts
