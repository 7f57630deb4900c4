"""DeleteFunction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambent.services.lambda_ import repository
from lambent.services.lambda_.names import parse
from lambent.services.lambda_.record import LATEST, FunctionKey
from lambent.services.lambda_.refusals import function_not_found, invalid_parameter

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.lambda_.context import Lambda
    from lambent.services.lambda_.names import FunctionName
    from lambent.store import Tx


async def delete_function(service: Lambda, call: Call, params: Params) -> Output:
    """Delete a function with its tags. Calls that run go on to their end.

    A version that does not exist is deleted with success, as on AWS.
    Raises AwsError ResourceNotFoundException, InvalidParameterValueException.
    """
    named = parse(call, params["FunctionName"], params.get("Qualifier"))
    key = FunctionKey(named.account, named.region, named.name)
    await service.store.write(lambda tx: _delete(tx, named, key))
    if named.qualifier is None:
        service.gone(key)
    return {"StatusCode": 204}


def _delete(tx: Tx, named: FunctionName, key: FunctionKey) -> None:
    if repository.load(tx, key) is None:
        raise function_not_found(named.arn)
    if named.qualifier is None:
        repository.delete(tx, key)
        repository.remove_tags(tx, named.account, named.region, named.arn)
    elif named.qualifier == LATEST:
        raise invalid_parameter("$LATEST version cannot be deleted without deleting the function.")
    elif not named.qualifier.isdigit():
        raise invalid_parameter("Deletion of aliases is not currently supported.")
