"""TagResource, UntagResource, ListTags: tags of functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambent.services.lambda_ import repository
from lambent.services.lambda_.context import new_revision
from lambent.services.lambda_.names import parse
from lambent.services.lambda_.record import FunctionKey
from lambent.services.lambda_.refusals import function_not_found, invalid_parameter, not_found

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.lambda_.context import Lambda
    from lambent.services.lambda_.names import FunctionName
    from lambent.store import Tx

_LIMIT = 50


def check_count(count: int) -> None:
    """Refuse more tags than a resource may have."""
    if count > _LIMIT:
        raise invalid_parameter("Number of tags exceeds resource tag limit.")


async def tag_resource(service: Lambda, call: Call, params: Params) -> Output:
    """Add tags to a function, replacing those with the same keys."""
    named = _function(call, params["Resource"])
    new = params["Tags"]
    if not new:
        raise invalid_parameter("An error occurred and the request cannot be processed.")
    await service.store.write(lambda tx: _tag(tx, named, new))
    return {}


async def untag_resource(service: Lambda, call: Call, params: Params) -> Output:
    """Remove tags from a function; keys that it does not have are ignored."""
    named = _function(call, params["Resource"])
    await service.store.write(lambda tx: _untag(tx, named, params["TagKeys"]))
    return {}


async def list_tags(service: Lambda, call: Call, params: Params) -> Output:
    """A function's tags."""
    named = _function(call, params["Resource"])
    return {"Tags": await service.store.read(lambda tx: _tags(tx, named))}


def _function(call: Call, arn: str) -> FunctionName:
    if arn.split(":")[5] != "function":
        # Layers, mappings and the like: Lambent has none, so that none has tags.
        raise not_found("The resource you requested does not exist.")
    named = parse(call, arn)
    if named.qualifier is not None:
        raise invalid_parameter(
            "Tags on function aliases and versions are not supported. Please specify a function ARN."
        )
    return named


def _tag(tx: Tx, named: FunctionName, new: dict[str, str]) -> None:
    check_count(len(_tags(tx, named) | new))
    repository.put_tags(tx, named.account, named.region, named.arn, new)
    repository.set_revision(tx, _key(named), new_revision())


def _untag(tx: Tx, named: FunctionName, keys: list[str]) -> None:
    _tags(tx, named)
    repository.remove_tags(tx, named.account, named.region, named.arn, keys)
    repository.set_revision(tx, _key(named), new_revision())


def _tags(tx: Tx, named: FunctionName) -> dict[str, str]:
    if repository.load(tx, _key(named)) is None:
        raise function_not_found(named.arn)
    return repository.tags(tx, named.account, named.region, named.arn)


def _key(named: FunctionName) -> FunctionKey:
    return FunctionKey(named.account, named.region, named.name)
