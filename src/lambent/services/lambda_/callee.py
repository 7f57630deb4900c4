"""Whom a call is for: a function of the caller's own account, or one whose policy lets the caller's account call it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambent.services.lambda_.names import parse
from lambent.services.lambda_.policy import lets_in
from lambent.services.lambda_.record import LATEST
from lambent.services.lambda_.refusals import access_denied

if TYPE_CHECKING:
    from lambent.call import Call, Params
    from lambent.services.lambda_.context import Lambda
    from lambent.services.lambda_.names import FunctionName

_PERMISSION = "InvokeFunction"


async def callee(service: Lambda, call: Call, params: Params) -> FunctionName:
    """The function that FunctionName and Qualifier name; costs no disk for functions of the caller's account.

    Raises AwsError AccessDeniedException where another account has not granted lambda:InvokeFunction on just what was
    named, and what `parse` raises.
    """
    named = parse(call, params["FunctionName"], params.get("Qualifier"), foreign=True)
    if named.account != call.account:
        await _require(service, call, named)
    return named


async def _require(service: Lambda, call: Call, named: FunctionName) -> None:
    document = await service.directory.policy(named.key._replace(version=named.qualifier or LATEST))
    if not lets_in(document, account=call.account, action=_PERMISSION, resource=named.qualified_arn):
        raise access_denied(_PERMISSION, named.qualified_arn, call.account)
