"""Provisioned concurrency: Put-, Get- and DeleteProvisionedConcurrencyConfig, ListProvisionedConcurrencyConfigs.

    put -> IN_PROGRESS -> READY    (environments are started ahead; again after a crash, a restart, a move of the alias)
                       -> FAILED   (the reason says why; claims nothing until it is put again or the alias moves)

Source: developer guide, "Configuring provisioned concurrency for a function".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambent.errors import AwsError
from lambent.services.lambda_ import alias, claims, function_settings, paging
from lambent.services.lambda_.claims import Provisioned
from lambent.services.lambda_.names import parse
from lambent.services.lambda_.qualified import existing_function, existing_resource
from lambent.services.lambda_.record import LATEST, State
from lambent.services.lambda_.refusals import conflict, invalid_parameter, invalid_parameter_untyped
from lambent.services.lambda_.view import timestamp

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.lambda_.alias import Alias
    from lambent.services.lambda_.context import Lambda
    from lambent.services.lambda_.names import FunctionName
    from lambent.store import Tx

_Found = tuple[Provisioned, dict[str, int]]
"""What was asked for, and how many environments of each version that means now."""


async def put_provisioned_concurrency_config(service: Lambda, call: Call, params: Params) -> Output:
    """Have environments of a version or an alias kept ready; answered before they are.

    Raises AwsError InvalidParameterValueException, ResourceConflictException, ResourceNotFoundException.
    """
    named = parse(call, params["FunctionName"], params["Qualifier"])
    if named.qualifier == LATEST:
        raise invalid_parameter("Provisioned Concurrency Configs cannot be applied to unpublished function versions.")
    config = Provisioned(
        function=named.key,
        qualifier=str(named.qualifier),
        requested=params["ProvisionedConcurrentExecutions"],
        failure=None,
        last_modified_ms=service.now_ms(),
    )
    await service.store.write(lambda tx: _put(service, tx, named, config))
    await service.provisioning.settle(named.key)
    return _view(config, 0)


async def get_provisioned_concurrency_config(service: Lambda, call: Call, params: Params) -> Output:
    """How far it is. Raises AwsError ProvisionedConcurrencyConfigNotFoundException, ResourceNotFoundException."""
    named = _published(call, params)
    found = await service.store.read(lambda tx: _get(tx, named))
    if found is None:
        raise AwsError(
            "ProvisionedConcurrencyConfigNotFoundException",
            "No Provisioned Concurrency Config found for this function",
            fields={"Type": "User"},
        )
    return _view(found[0], service.provisioning.ready(named.key, found[1]))


async def delete_provisioned_concurrency_config(service: Lambda, call: Call, params: Params) -> Output:
    """Keep none ready any more; what has none is left as it is, with success.

    Raises AwsError InvalidParameterValueException, ResourceNotFoundException.
    """
    named = _published(call, params)
    await service.store.write(lambda tx: _delete(tx, named))
    await service.provisioning.settle(named.key)
    return {}


async def list_provisioned_concurrency_configs(service: Lambda, call: Call, params: Params) -> Output:
    """Those of all versions and aliases of a function, at most 50 a page."""
    named, (after,) = parse(call, params["FunctionName"]), paging.after(params)
    configs = await service.store.read(lambda tx: _page(tx, named, after, paging.size(params) + 1))
    found, more = paging.cut(configs, params, lambda one: [one[0].qualifier])
    items = [
        {
            "FunctionArn": named.key.arn(config.qualifier),
            **_view(config, service.provisioning.ready(named.key, counts)),
        }
        for config, counts in found
    ]
    return {"ProvisionedConcurrencyConfigs": items, **more}


def check_not_provisioned(tx: Tx, named: Alias) -> None:
    """Refuse provisioned concurrency of an alias where another qualifier keeps environments of its versions.

    Raises AwsError ResourceConflictException.
    """
    provisioned = claims.provisioned_by_version(tx, named.function)
    taken = {version for qualifier, counts in provisioned.items() if qualifier != named.name for version in counts}
    if taken.intersection(named.versions):
        raise conflict(
            "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version"
        )


def _published(call: Call, params: Params) -> FunctionName:
    named = parse(call, params["FunctionName"], params["Qualifier"])
    if named.qualifier == LATEST:
        raise invalid_parameter("The function resource provided must be an alias or a published version.")
    return named


def _put(service: Lambda, tx: Tx, named: FunctionName, config: Provisioned) -> None:
    record = existing_resource(tx, named)
    if record.state is not State.ACTIVE:
        raise conflict(
            "The operation cannot be performed at this time. "
            f"The function is currently in the following state: {record.state}"
        )
    found = alias.load(tx, config.function, config.qualifier)
    if found is None:
        _check_no_alias(tx, config)
    elif found.weights:
        raise invalid_parameter("Alias with weights can not be used with Provisioned Concurrency")
    else:
        check_not_provisioned(tx, found)
    _check_limits(service, tx, config)
    claims.put(tx, config)


def _check_no_alias(tx: Tx, config: Provisioned) -> None:
    provisioned = claims.provisioned_by_version(tx, config.function)
    if any(config.qualifier in counts for other, counts in provisioned.items() if other != config.qualifier):
        raise conflict("Version is pointed by a Provisioned Concurrency alias")


def _check_limits(service: Lambda, tx: Tx, config: Provisioned) -> None:
    function = config.function
    provisioned = claims.provisioned_by_version(tx, function)
    others = sum(sum(counts.values()) for one, counts in provisioned.items() if one != config.qualifier)
    reserved = function_settings.load(tx, function).reserved_concurrency
    if reserved is not None:
        if others + config.requested > reserved:
            raise invalid_parameter(
                "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for "
                "function"
            )
        return
    left = max(0, service.concurrency.limit - claims.claimed_by_others(tx, function) - others)
    if config.requested > left:
        raise invalid_parameter_untyped(
            f"Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [{left}]."
        )
    least = service.concurrency.unreserved_minimum
    if left - config.requested < least:
        raise invalid_parameter_untyped(
            "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its "
            f"minimum value of [{least}]."
        )


def _get(tx: Tx, named: FunctionName) -> _Found | None:
    existing_resource(tx, named)
    config = claims.load(tx, named.key, str(named.qualifier))
    return None if config is None else (config, claims.provisioned_by_version(tx, named.key).get(config.qualifier, {}))


def _delete(tx: Tx, named: FunctionName) -> None:
    existing_resource(tx, named)
    claims.delete(tx, named.key, str(named.qualifier))


def _page(tx: Tx, named: FunctionName, after: str, count: int) -> list[_Found]:
    existing_function(tx, named)
    counts = claims.provisioned_by_version(tx, named.key)
    return [(one, counts.get(one.qualifier, {})) for one in claims.page(tx, named.key, after=after, count=count)]


def _view(config: Provisioned, ready: int) -> dict[str, Any]:
    view: dict[str, Any] = {
        "RequestedProvisionedConcurrentExecutions": config.requested,
        "AvailableProvisionedConcurrentExecutions": ready,
        "AllocatedProvisionedConcurrentExecutions": ready,
        "Status": "READY" if ready >= config.requested else "IN_PROGRESS",
        "LastModified": timestamp(config.last_modified_ms),
    }
    if config.failure is not None:
        view |= {"Status": "FAILED", "StatusReason": config.failure}
    return view
