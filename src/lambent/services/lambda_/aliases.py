"""CreateAlias, GetAlias, UpdateAlias, DeleteAlias, ListAliases.

Source: developer guide, "Create an alias for a Lambda function" and "Create a routing configuration".
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lambent.services.lambda_ import alias, claims, paging, repository
from lambent.services.lambda_.alias import Alias, check_weights
from lambent.services.lambda_.context import new_revision
from lambent.services.lambda_.dependents import forget_qualifier
from lambent.services.lambda_.event_policies import bequeath
from lambent.services.lambda_.names import parse
from lambent.services.lambda_.provisioned import check_not_provisioned
from lambent.services.lambda_.qualified import existing_function
from lambent.services.lambda_.record import LATEST
from lambent.services.lambda_.refusals import (
    alias_not_found,
    conflict,
    function_not_found,
    not_about_versions,
    not_built,
    not_found,
    revision_mismatch,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lambent.call import Call, Output, Params
    from lambent.services.lambda_.context import Lambda
    from lambent.services.lambda_.names import FunctionName
    from lambent.services.lambda_.record import FunctionKey
    from lambent.store import Tx


async def create_alias(service: Lambda, call: Call, params: Params) -> Output:
    """Give a version a name, or two versions one name, each with its share of the calls.

    Raises AwsError InvalidParameterValueException, ResourceConflictException, ResourceNotFoundException.
    """
    new = Alias(
        function=_function(call, params),
        name=params["Name"],
        version=params["FunctionVersion"],
        description=params.get("Description") or "",
        revision_id=new_revision(),
        weights=_weights(params) or {},
    )
    check_weights(new.version, new.weights)
    await service.store.write(lambda tx: _insert(tx, new))
    service.directory.forget_qualifier(new.function, new.name)
    return new.view()


async def get_alias(service: Lambda, call: Call, params: Params) -> Output:
    """An alias."""
    function = _function(call, params)
    found = await service.store.read(lambda tx: alias.load(tx, function, params["Name"]))
    if found is None:
        raise alias_not_found(function.arn(params["Name"]))
    return found.view()


async def update_alias(service: Lambda, call: Call, params: Params) -> Output:
    """Change an alias; what is not sent stays. The next call is routed by what it is now.

    Raises AwsError InvalidParameterValueException, PreconditionFailedException, ResourceNotFoundException,
    ResourceConflictException where it would bring provisioned concurrency to a version that has its own.
    """
    function = _function(call, params)
    after = await service.store.write(lambda tx: _update(tx, function, params))
    service.directory.forget_qualifier(function, after.name)
    await service.provisioning.settle(function)
    return after.view()


async def delete_alias(service: Lambda, call: Call, params: Params) -> Output:
    """Delete an alias with all that was attached to it; one that does not exist is deleted with success, as on AWS."""
    function = _function(call, params)
    await service.store.write(lambda tx: _delete(tx, function, params["Name"]))
    service.directory.forget_qualifier(function, params["Name"])
    await service.attachments_changed(function)
    return {}


async def list_aliases(service: Lambda, call: Call, params: Params) -> Output:
    """A function's aliases by name, at most 50 a page; FunctionVersion asks for those of one version."""
    named, (after,) = parse(call, params["FunctionName"]), paging.after(params)
    aliases = await service.store.read(lambda tx: _page(tx, named, params, after))
    found, more = paging.cut(aliases, params, lambda one: [one.name])
    return {"Aliases": [one.view() for one in found], **more}


def _function(call: Call, params: Params) -> FunctionKey:
    named = parse(call, params["FunctionName"])
    if named.qualifier not in {None, LATEST}:
        raise not_about_versions()
    if "PUBLISHED" in (params.get("FunctionVersion") or ""):
        raise not_built("aliases of managed instances (FunctionVersion $LATEST.PUBLISHED)")
    return named.key


def _weights(params: Params) -> Mapping[str, float] | None:
    """What was sent; None where nothing was, an empty one clears."""
    routing = params.get("RoutingConfig")
    return None if routing is None else routing.get("AdditionalVersionWeights") or {}


def _insert(tx: Tx, new: Alias) -> None:
    _require_versions(tx, new.function, new.versions)
    if alias.load(tx, new.function, new.name) is not None:
        raise conflict(f"Alias already exists: {new.arn}")
    alias.insert(tx, new)


def _require_versions(tx: Tx, function: FunctionKey, versions: Iterable[str]) -> None:
    for version in versions:
        if repository.load(tx, function._replace(version=version)) is None:
            raise function_not_found(function.arn(version))


def _update(tx: Tx, function: FunctionKey, params: Params) -> Alias:
    before = alias.load(tx, function, params["Name"])
    if before is None:
        raise not_found(f"Alias not found: {function.arn(params['Name'])}")
    if params.get("RevisionId") and params["RevisionId"] != before.revision_id:
        raise revision_mismatch()
    weights, description = _weights(params), params.get("Description")
    after = replace(
        before,
        version=params.get("FunctionVersion") or before.version,
        weights=before.weights if weights is None else weights,
        description=before.description if description is None else description,
        revision_id=new_revision(),
    )
    check_weights(after.version, after.weights)
    _require_versions(tx, function, after.versions)
    if after.versions != before.versions and claims.load(tx, function, after.name) is not None:
        check_not_provisioned(tx, after)
        claims.retry(tx, function, after.name)
    alias.save(tx, after)
    return after


def _delete(tx: Tx, function: FunctionKey, name: str) -> None:
    if repository.load(tx, function) is None:
        raise function_not_found(function.arn())
    bequeath(tx, function, name)
    if alias.delete(tx, function, name):
        forget_qualifier(tx, function, name)


def _page(tx: Tx, named: FunctionName, params: Params, after: str) -> list[Alias]:
    existing_function(tx, named)
    version = params.get("FunctionVersion") or ""
    return alias.page(tx, named.key, version=version, after=after, count=paging.size(params) + 1)
