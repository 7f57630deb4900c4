"""GetFunctionScalingConfig and PutFunctionScalingConfig: of managed instances, which Lambent does not have.

A function has no scaling configuration, and taking it away is done already; any other is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambent.services.lambda_.names import parse
from lambent.services.lambda_.qualified import existing
from lambent.services.lambda_.refusals import not_built

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.lambda_.context import Lambda


async def get_function_scaling_config(service: Lambda, call: Call, params: Params) -> Output:
    """The version's ARN, and no scaling. Raises AwsError ResourceNotFoundException."""
    named = parse(call, params["FunctionName"], params["Qualifier"])
    await service.store.read(lambda tx: existing(tx, named))
    return {"FunctionArn": named.qualified_arn}


async def put_function_scaling_config(service: Lambda, call: Call, params: Params) -> Output:
    """Take the scaling away. Raises AwsError NotImplementedException, ResourceNotFoundException."""
    named = parse(call, params["FunctionName"], params["Qualifier"])
    record = await service.store.read(lambda tx: existing(tx, named))
    if params.get("FunctionScalingConfig"):
        raise not_built("scaling of managed instances (FunctionScalingConfig)")
    return {"FunctionState": record.state}
