"""PutRuntimeManagementConfig and GetRuntimeManagementConfig.

A function runs on the interpreter that the machine has, which only the machine's owner changes: all modes are kept, and
a version of a runtime that is asked for must be the one that is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambent.services.lambda_.names import parse
from lambent.services.lambda_.qualified import existing
from lambent.services.lambda_.record import LATEST
from lambent.services.lambda_.refusals import invalid_parameter
from lambent.services.lambda_.runtimes import version_arn
from lambent.store import load_queries

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.lambda_.context import Lambda
    from lambent.services.lambda_.names import FunctionName
    from lambent.store import Tx

_SQL = load_queries("lambent.services.lambda_", "runtime_management.sql")


async def put_runtime_management_config(service: Lambda, call: Call, params: Params) -> Output:
    """Say when a function's runtime may be updated. Raises AwsError InvalidParameterValueException for an ARN of a
    runtime version that Lambent does not have, ResourceNotFoundException.
    """
    named = parse(call, params["FunctionName"], params.get("Qualifier"))
    mode, arn = params["UpdateRuntimeOn"], params.get("RuntimeVersionArn")
    if (mode == "Manual") != bool(arn):
        raise invalid_parameter("RuntimeVersionArn must be specified if, and only if, UpdateRuntimeOn is Manual.")
    await service.store.write(lambda tx: _put(tx, named, mode, arn))
    return _view(named, mode, arn)


async def get_runtime_management_config(service: Lambda, call: Call, params: Params) -> Output:
    """When a function's runtime may be updated: `Auto` where nothing was said."""
    named = parse(call, params["FunctionName"], params.get("Qualifier"))
    return _view(named, *await service.store.read(lambda tx: _get(tx, named)))


def _put(tx: Tx, named: FunctionName, mode: str, arn: str | None) -> None:
    record = existing(tx, named)
    there = version_arn(record.configuration.runtime, named.region)
    if arn is not None and arn != there:
        raise invalid_parameter(f"The runtime version {arn} is not on this server, which has {there}.")
    tx.execute(_SQL["put"], {**_place(named), "update_runtime_on": mode, "runtime_version_arn": arn})


def _get(tx: Tx, named: FunctionName) -> tuple[str, str | None]:
    existing(tx, named)
    row = tx.one(_SQL["load"], _place(named))
    return ("Auto", None) if row is None else (row["update_runtime_on"], row["runtime_version_arn"])


def _place(named: FunctionName) -> dict[str, str]:
    return {**named.key.names(), "qualifier": named.qualifier or LATEST}


def _view(named: FunctionName, mode: str, arn: str | None) -> dict[str, Any]:
    view = {"UpdateRuntimeOn": mode, "FunctionArn": named.key.arn(named.qualifier or LATEST)}
    return view if arn is None else {**view, "RuntimeVersionArn": arn}
