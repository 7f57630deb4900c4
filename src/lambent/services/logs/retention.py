"""PutRetentionPolicy, DeleteRetentionPolicy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambent.services.logs import repository
from lambent.services.logs.names import existing_group, named
from lambent.services.logs.refusals import invalid

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.logs.context import Logs

_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)


async def put_retention_policy(service: Logs, call: Call, params: Params) -> Output:
    """Keep a group's events for so many days."""
    days = params["retentionInDays"]
    if days not in _DAYS:
        raise invalid(f"Invalid retention value. Valid values are: {list(_DAYS)}")
    return await _set(service, call, params, days)


async def delete_retention_policy(service: Logs, call: Call, params: Params) -> Output:
    """Keep a group's events for ever."""
    return await _set(service, call, params, None)


async def _set(service: Logs, call: Call, params: Params, days: int | None) -> Output:
    key = named(call, params)
    await service.store.write(lambda tx: repository.set_retention(tx, existing_group(tx, key), days))
    return {}
