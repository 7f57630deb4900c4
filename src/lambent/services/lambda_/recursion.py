"""PutFunctionRecursionConfig and GetFunctionRecursionConfig: whether a function may call itself in circles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambent.services.lambda_ import function_settings
from lambent.services.lambda_.names import parse
from lambent.services.lambda_.qualified import existing_function

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.lambda_.context import Lambda
    from lambent.services.lambda_.names import FunctionName
    from lambent.store import Tx

_DEFAULT = "Terminate"


async def put_function_recursion_config(service: Lambda, call: Call, params: Params) -> Output:
    """Say what becomes of a loop. Raises AwsError ResourceNotFoundException."""
    named, wanted = parse(call, params["FunctionName"]), params["RecursiveLoop"]
    await service.store.write(lambda tx: _put(tx, named, wanted))
    return {"RecursiveLoop": wanted}


async def get_function_recursion_config(service: Lambda, call: Call, params: Params) -> Output:
    """What becomes of a loop: `Terminate` where nothing was said. Raises AwsError ResourceNotFoundException."""
    named = parse(call, params["FunctionName"])
    return {"RecursiveLoop": await service.store.read(lambda tx: _get(tx, named)) or _DEFAULT}


def _put(tx: Tx, named: FunctionName, wanted: str) -> None:
    existing_function(tx, named)
    function_settings.change(tx, named.key, recursive_loop=wanted)


def _get(tx: Tx, named: FunctionName) -> str | None:
    existing_function(tx, named)
    return function_settings.load(tx, named.key).recursive_loop
