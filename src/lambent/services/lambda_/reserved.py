"""Put-, Get- and DeleteFunctionConcurrency: concurrency that a function has for itself.

Source: developer guide, "Configuring reserved concurrency for a function".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambent.services.lambda_ import claims, function_settings, repository
from lambent.services.lambda_.context import new_revision
from lambent.services.lambda_.names import parse
from lambent.services.lambda_.qualified import existing_function
from lambent.services.lambda_.record import LATEST
from lambent.services.lambda_.refusals import function_not_found, invalid_parameter_untyped, not_about_versions

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.lambda_.context import Lambda
    from lambent.services.lambda_.names import FunctionName
    from lambent.store import Tx


async def put_function_concurrency(service: Lambda, call: Call, params: Params) -> Output:
    """Reserve concurrency; 0 lets no call of the function run.

    Raises AwsError InvalidParameterValueException, ResourceNotFoundException.
    """
    named, count = parse(call, params["FunctionName"]), params["ReservedConcurrentExecutions"]
    await service.store.write(lambda tx: _reserve(service, tx, named, count))
    await service.provisioning.settle(named.key)
    return {"ReservedConcurrentExecutions": count}


async def get_function_concurrency(service: Lambda, call: Call, params: Params) -> Output:
    """What a function reserves; nothing where it reserves nothing."""
    named = parse(call, params["FunctionName"])
    reserved = await service.store.read(lambda tx: _reserved(tx, named))
    return {} if reserved is None else {"ReservedConcurrentExecutions": reserved}


async def delete_function_concurrency(service: Lambda, call: Call, params: Params) -> Output:
    """Reserve nothing any more; a function that reserved nothing stays as it is, with success."""
    named = parse(call, params["FunctionName"])
    await service.store.write(lambda tx: _release(tx, named))
    await service.provisioning.settle(named.key)
    return {}


def _reserve(service: Lambda, tx: Tx, named: FunctionName, count: int) -> None:
    if named.qualifier is not None:
        raise not_about_versions()
    if repository.load(tx, named.key) is None:
        raise function_not_found(f"{named.arn}:{LATEST}")
    provisioned = claims.claims(tx, named.key).all_provisioned
    if count < provisioned:
        raise invalid_parameter_untyped(
            f" ReservedConcurrentExecutions  {count} should not be lower than function's total provisioned "
            f"concurrency [{provisioned}]."
        )
    least = service.concurrency.unreserved_minimum
    if count and service.concurrency.limit - claims.claimed_by_others(tx, named.key) - count < least:
        raise invalid_parameter_untyped(
            "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution "
            f"below its minimum value of [{least}]."
        )
    function_settings.change(tx, named.key, reserved_concurrency=count)
    repository.set_revision(tx, named.key, new_revision())


def _reserved(tx: Tx, named: FunctionName) -> int | None:
    existing_function(tx, named)
    return function_settings.load(tx, named.key).reserved_concurrency


def _release(tx: Tx, named: FunctionName) -> None:
    existing_function(tx, named)
    function_settings.change(tx, named.key, reserved_concurrency=None)
    repository.set_revision(tx, named.key, new_revision())
