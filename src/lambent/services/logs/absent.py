"""What cannot be made here, and is looked for by clients all the same: correctly, there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambent.services.logs.names import existing_group, named
from lambent.services.logs.refusals import not_found

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.logs.context import Logs, Operation


def list_none(member: str) -> Operation:
    """An empty list; of a group, where one is named, which must exist."""

    async def operation(service: Logs, call: Call, params: Params) -> Output:
        if params.get("logGroupName") is not None:
            key = named(call, params)
            await service.store.read(lambda tx: existing_group(tx, key))
        return {member: []}

    return operation


def delete_none(what: str) -> Operation:
    """Refuses to delete what a group does not have."""

    async def operation(service: Logs, call: Call, params: Params) -> Output:
        key = named(call, params)
        await service.store.read(lambda tx: existing_group(tx, key))
        raise not_found(f"The specified {what} does not exist.")

    return operation
