"""TagResource, UntagResource, ListTags: tags of functions and of code signing configurations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambent.services.lambda_ import code_signing, repository
from lambent.services.lambda_.context import new_revision
from lambent.services.lambda_.names import parse
from lambent.services.lambda_.refusals import function_not_found, invalid_parameter, not_found

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.lambda_.context import Lambda
    from lambent.services.lambda_.record import FunctionKey
    from lambent.store import Tx

_LIMIT = 50


def check_count(count: int) -> None:
    """Refuse more tags than a resource may have."""
    if count > _LIMIT:
        raise invalid_parameter("Number of tags exceeds resource tag limit.")


async def tag_resource(service: Lambda, call: Call, params: Params) -> Output:
    """Add tags to a resource, replacing those with the same keys."""
    resource = _resource(call, params["Resource"])
    new = params["Tags"]
    if not new:
        raise invalid_parameter("An error occurred and the request cannot be processed.")
    await service.store.write(lambda tx: _tag(tx, resource, new))
    return {}


async def untag_resource(service: Lambda, call: Call, params: Params) -> Output:
    """Remove tags from a resource; keys that it does not have are ignored."""
    resource = _resource(call, params["Resource"])
    await service.store.write(lambda tx: _untag(tx, resource, params["TagKeys"]))
    return {}


async def list_tags(service: Lambda, call: Call, params: Params) -> Output:
    """A resource's tags."""
    resource = _resource(call, params["Resource"])
    return {"Tags": await service.store.read(lambda tx: _tags(tx, resource))}


@dataclass(frozen=True, slots=True)
class _Resource:
    """What has tags."""

    account: str
    region: str
    arn: str
    function: FunctionKey | None
    """None where it is a code signing configuration."""


def _resource(call: Call, arn: str) -> _Resource:
    kind = arn.split(":")[5]
    if kind == "code-signing-config":
        return _Resource(call.account, call.region, arn, None)
    if kind != "function":
        # Mappings and the like: Lambent has none, so that none has tags.
        raise not_found("The resource you requested does not exist.")
    named = parse(call, arn)
    if named.qualifier is not None:
        raise invalid_parameter(
            "Tags on function aliases and versions are not supported. Please specify a function ARN."
        )
    return _Resource(named.account, named.region, named.arn, named.key)


def _tag(tx: Tx, resource: _Resource, new: dict[str, str]) -> None:
    check_count(len(_tags(tx, resource) | new))
    repository.put_tags(tx, resource.account, resource.region, resource.arn, new)
    _touch(tx, resource)


def _untag(tx: Tx, resource: _Resource, keys: list[str]) -> None:
    _tags(tx, resource)
    repository.remove_tags(tx, resource.account, resource.region, resource.arn, keys)
    _touch(tx, resource)


def _touch(tx: Tx, resource: _Resource) -> None:
    if resource.function is not None:
        repository.set_revision(tx, resource.function, new_revision())


def _tags(tx: Tx, resource: _Resource) -> dict[str, str]:
    if resource.function is not None:
        if repository.load(tx, resource.function) is None:
            raise function_not_found(resource.arn)
    elif code_signing.load(tx, resource.account, resource.region, resource.arn) is None:
        raise not_found(f"The Lambda code signing configuration {resource.arn} can not be found.")
    return repository.tags(tx, resource.account, resource.region, resource.arn)
