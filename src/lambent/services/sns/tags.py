"""Tags of topics. Source: SNS developer guide, "Amazon SNS topic tagging"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambent.errors import AwsError
from lambent.services.sns import repository
from lambent.services.sns.refusals import invalid, no_resource

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lambent.call import Call, Output, Params
    from lambent.services.sns.context import Sns
    from lambent.store import Tx

_MOST = 50


def by_key(given: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Tags by their keys. Raises AwsError InvalidParameter for a key that comes twice."""
    found: dict[str, str] = {}
    for tag in given:
        if tag["Key"] in found:
            raise invalid("Duplicated keys are not allowed.")
        found[tag["Key"]] = tag["Value"]
    return found


def put(tx: Tx, arn: str, new: Mapping[str, str]) -> None:
    """Add tags. Raises AwsError TagLimitExceeded."""
    repository.put_tags(tx, arn, new)
    if len(repository.tags(tx, arn)) > _MOST:
        text = f"Could not complete request: tag quota of {_MOST} per resource exceeded"
        raise AwsError("TagLimitExceeded", text)


async def tag_resource(service: Sns, call: Call, params: Params) -> Output:
    """Add tags to a topic. Raises AwsError InvalidParameter, ResourceNotFound, TagLimitExceeded."""
    new = by_key(params["Tags"])
    await service.store.write(lambda tx: put(tx, _own(tx, call, params), new))
    return {}


async def untag_resource(service: Sns, call: Call, params: Params) -> Output:
    """Remove tags of a topic. Raises AwsError ResourceNotFound."""
    await service.store.write(lambda tx: repository.remove_tags(tx, _own(tx, call, params), params["TagKeys"]))
    return {}


async def list_tags_for_resource(service: Sns, call: Call, params: Params) -> Output:
    """A topic's tags by key. Raises AwsError ResourceNotFound."""
    found = await service.store.read(lambda tx: repository.tags(tx, _own(tx, call, params)))
    return {"Tags": [{"Key": key, "Value": value} for key, value in found.items()]}


def _own(tx: Tx, call: Call, params: Params) -> str:
    """The ARN of the caller's topic that is named."""
    topic = repository.topic(tx, params["ResourceArn"])
    if topic is None or (topic.account, topic.region) != (call.account, call.region):
        raise no_resource()
    return topic.arn
