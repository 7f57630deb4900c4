"""Tags of log groups, by ARN and in the older way by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambent.services.logs import repository
from lambent.services.logs.names import existing_group, group_arn, named, of_resource
from lambent.services.logs.refusals import invalid, too_many_tags

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lambent.call import Call, Output, Params
    from lambent.services.logs.context import Logs
    from lambent.services.logs.record import GroupKey
    from lambent.store import Tx

_MOST = 50


def check_keys(keys: Iterable[str]) -> None:
    """Raises AwsError InvalidParameterException for keys that only AWS gives."""
    if any(key.lower().startswith("aws:") for key in keys):
        raise invalid("aws: prefixed tag key names are not allowed for external use.")


async def tag_resource(service: Logs, call: Call, params: Params) -> Output:
    """Add tags, replacing those with the same keys. Raises AwsError TooManyTagsException."""
    return await _tag(service, of_resource(call, params["resourceArn"]), params["tags"])


async def tag_log_group(service: Logs, call: Call, params: Params) -> Output:
    """As TagResource."""
    return await _tag(service, named(call, params), params["tags"])


async def untag_resource(service: Logs, call: Call, params: Params) -> Output:
    """Remove tags; keys that are not there are ignored."""
    return await _untag(service, of_resource(call, params["resourceArn"]), params["tagKeys"])


async def untag_log_group(service: Logs, call: Call, params: Params) -> Output:
    """As UntagResource."""
    return await _untag(service, named(call, params), params["tags"])


async def list_tags_for_resource(service: Logs, call: Call, params: Params) -> Output:
    """A group's tags."""
    return await _tags(service, of_resource(call, params["resourceArn"]))


async def list_tags_log_group(service: Logs, call: Call, params: Params) -> Output:
    """As ListTagsForResource."""
    return await _tags(service, named(call, params))


async def _tag(service: Logs, key: GroupKey, new: dict[str, str]) -> Output:
    check_keys(new)

    def work(tx: Tx) -> None:
        group = existing_group(tx, key)
        if len(repository.tags(tx, group) | new) > _MOST:
            raise too_many_tags(group_arn(key))
        repository.put_tags(tx, group, new)

    await service.store.write(work)
    return {}


async def _untag(service: Logs, key: GroupKey, keys: list[str]) -> Output:
    await service.store.write(lambda tx: repository.remove_tags(tx, existing_group(tx, key), keys))
    return {}


async def _tags(service: Logs, key: GroupKey) -> Output:
    return {"tags": await service.store.read(lambda tx: repository.tags(tx, existing_group(tx, key)))}
