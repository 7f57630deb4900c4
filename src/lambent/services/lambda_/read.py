"""GetFunction, GetFunctionConfiguration, ListFunctions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lambent.services.lambda_ import function_settings, paging, repository
from lambent.services.lambda_.machine import as_it_runs_now
from lambent.services.lambda_.names import parse
from lambent.services.lambda_.qualified import existing
from lambent.services.lambda_.view import configuration, listed

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.lambda_.context import Lambda
    from lambent.services.lambda_.names import FunctionName
    from lambent.services.lambda_.record import FunctionRecord
    from lambent.store import Tx


async def get_function(service: Lambda, call: Call, params: Params) -> Output:
    """A version's configuration, a link to its code, and what is set for the function: tags, reserved concurrency."""
    named = parse(call, params["FunctionName"], params.get("Qualifier"))
    record, tags, reserved = await service.store.read(lambda tx: _with_settings(tx, named))
    record = await _as_it_runs_now(service, record)
    output: dict[str, Any] = {
        "Configuration": configuration(record, qualifier=named.qualifier),
        "Code": {
            "RepositoryType": "S3",
            "Location": service.code_urls.sign(call.endpoint, record.code.blob),
        },
    }
    if tags:
        output["Tags"] = tags
    if reserved is not None:
        output["Concurrency"] = {"ReservedConcurrentExecutions": reserved}
    return output


async def get_function_configuration(service: Lambda, call: Call, params: Params) -> Output:
    """A function's configuration."""
    named = parse(call, params["FunctionName"], params.get("Qualifier"))
    record = await _as_it_runs_now(service, await service.store.read(lambda tx: existing(tx, named)))
    return configuration(record, qualifier=named.qualifier)


async def list_functions(service: Lambda, call: Call, params: Params) -> Output:
    """The account's functions in this region by name, at most 50 a page."""
    if params.get("MasterRegion") not in {None, "ALL", call.region}:
        return {"Functions": []}
    if params.get("FunctionVersion") == "ALL":
        return await _list_all(service, call, params)
    (after,) = paging.after(params)
    records = await service.store.read(
        lambda tx: repository.page(tx, call.account, call.region, after=after, count=paging.size(params) + 1)
    )
    found, more = paging.cut(records, params, lambda record: [record.key.name])
    return {"Functions": [listed(record) for record in found], **more}


async def _list_all(service: Lambda, call: Call, params: Params) -> Output:
    """All versions of all functions."""
    after, version = paging.after(params, 2)
    count = paging.size(params) + 1
    records = await service.store.read(
        lambda tx: repository.page_of_all(
            tx, call.account, call.region, after=after, after_version=version, count=count
        )
    )
    found, more = paging.cut(records, params, lambda record: [record.key.name, record.key.version])
    return {"Functions": [listed(record, qualifier=record.key.version) for record in found], **more}


async def _as_it_runs_now(service: Lambda, record: FunctionRecord) -> FunctionRecord:
    return replace(record, configuration=await as_it_runs_now(service.environments, record.configuration))


def _with_settings(tx: Tx, named: FunctionName) -> tuple[FunctionRecord, dict[str, str], int | None]:
    """The version, the function's tags, and its reserved concurrency if it has any."""
    record = existing(tx, named)
    tags = repository.tags(tx, named.account, named.region, named.arn)
    return record, tags, function_settings.load(tx, named.key).reserved_concurrency
