"""DeleteFunction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambent.services.lambda_ import alias, repository
from lambent.services.lambda_.dependents import forget_function, forget_qualifier
from lambent.services.lambda_.event_policies import bequeath
from lambent.services.lambda_.names import parse
from lambent.services.lambda_.record import LATEST
from lambent.services.lambda_.refusals import conflict, function_not_found, invalid_parameter

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.lambda_.context import Lambda
    from lambent.services.lambda_.names import FunctionName
    from lambent.services.lambda_.record import FunctionKey
    from lambent.store import Tx


async def delete_function(service: Lambda, call: Call, params: Params) -> Output:
    """Delete a function with all that belongs to it, or one of its versions. Calls that run go on to their end.

    A version that does not exist is deleted with success, as on AWS.
    Raises AwsError ResourceNotFoundException, InvalidParameterValueException, ResourceConflictException.
    """
    named = parse(call, params["FunctionName"], params.get("Qualifier"))
    function = named.key
    gone = await service.store.write(lambda tx: _delete(tx, named, function))
    await service.gone(function, gone)
    if named.qualifier is None:
        service.metrics.forget(named.account, named.region, named.name)
    return {"StatusCode": 204}


def _delete(tx: Tx, named: FunctionName, function: FunctionKey) -> list[FunctionKey]:
    """The versions that are gone."""
    if repository.load(tx, function) is None:
        raise function_not_found(named.arn)
    if named.qualifier is None:
        bequeath(tx, function)
        gone = repository.versions(tx, function)
        repository.delete(tx, function)
        repository.remove_tags(tx, named.account, named.region, named.arn)
        forget_function(tx, function)
        return gone
    if named.qualifier == LATEST:
        raise invalid_parameter("$LATEST version cannot be deleted without deleting the function.")
    if not named.qualifier.isdigit():
        raise invalid_parameter("Deletion of aliases is not currently supported.")
    return _delete_version(tx, function._replace(version=named.qualifier))


def _delete_version(tx: Tx, key: FunctionKey) -> list[FunctionKey]:
    users = [one.name for one in alias.of_function(tx, key.function) if key.version in one.versions]
    if users:
        raise conflict(f"Unable to delete version because the following aliases reference it: [{', '.join(users)}]")
    bequeath(tx, key.function, key.version)
    if not repository.delete_version(tx, key):
        return []
    forget_qualifier(tx, key.function, key.version)
    return [key]
