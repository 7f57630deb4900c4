"""GetFunction, GetFunctionConfiguration, ListFunctions."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lambent.services.lambda_ import repository
from lambent.services.lambda_.machine import as_it_runs_now
from lambent.services.lambda_.names import parse
from lambent.services.lambda_.record import LATEST, FunctionKey, FunctionRecord
from lambent.services.lambda_.refusals import function_not_found, invalid_parameter
from lambent.services.lambda_.view import configuration, listed

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.lambda_.context import Lambda
    from lambent.services.lambda_.names import FunctionName
    from lambent.store import Tx

_PAGE = 50


async def get_function(service: Lambda, call: Call, params: Params) -> Output:
    """A function's configuration, a link to its code, and its tags if it has any."""
    named = parse(call, params["FunctionName"], params.get("Qualifier"))
    record, tags = await service.store.read(lambda tx: _with_tags(tx, named))
    record = await _as_it_runs_now(service, record)
    output: dict[str, Any] = {
        "Configuration": configuration(record, qualified=named.qualifier is not None),
        "Code": {
            "RepositoryType": "S3",
            "Location": service.code_urls.sign(call.endpoint, record.code.blob),
        },
    }
    if tags:
        output["Tags"] = tags
    return output


async def get_function_configuration(service: Lambda, call: Call, params: Params) -> Output:
    """A function's configuration."""
    named = parse(call, params["FunctionName"], params.get("Qualifier"))
    record = await _as_it_runs_now(service, await service.store.read(lambda tx: existing(tx, named)))
    return configuration(record, qualified=named.qualifier is not None)


async def list_functions(service: Lambda, call: Call, params: Params) -> Output:
    """The account's functions in this region by name, at most 50 a page."""
    if params.get("MasterRegion") not in {None, "ALL", call.region}:
        return {"Functions": []}
    after = _after(params.get("Marker"))
    count = min(params.get("MaxItems") or _PAGE, _PAGE)
    records = await service.store.read(
        lambda tx: repository.page(tx, call.account, call.region, after=after, count=count + 1)
    )
    qualified = params.get("FunctionVersion") == "ALL"
    output: dict[str, Any] = {"Functions": [listed(record, qualified=qualified) for record in records[:count]]}
    if len(records) > count:
        output["NextMarker"] = base64.b64encode(records[count - 1].key.name.encode()).decode()
    return output


def existing(tx: Tx, named: FunctionName) -> FunctionRecord:
    """The version of the function that was addressed.

    Raises AwsError ResourceNotFoundException, which names the qualifier only if one was sent.
    """
    key = FunctionKey(named.account, named.region, named.name, named.qualifier or LATEST)
    record = repository.load(tx, key)
    if record is None:
        raise function_not_found(named.qualified_arn)
    return record


async def _as_it_runs_now(service: Lambda, record: FunctionRecord) -> FunctionRecord:
    return replace(record, configuration=await as_it_runs_now(service.environments, record.configuration))


def _with_tags(tx: Tx, named: FunctionName) -> tuple[FunctionRecord, dict[str, str]]:
    record = existing(tx, named)
    return record, repository.tags(tx, named.account, named.region, named.arn)


def _after(marker: str | None) -> str:
    if not marker:
        return ""
    try:
        return base64.b64decode(marker, validate=True).decode()
    except ValueError:
        # Not ASCII, not base64, or not UTF-8.
        raise invalid_parameter("Invalid marker.") from None
