"""PutTargets, ListTargetsByRule, RemoveTargets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambent.services.events import repository
from lambent.services.events.names import existing_bus, existing_rule, own_bus
from lambent.services.events.paging import page
from lambent.services.events.refusals import not_built, too_many
from lambent.services.events.target import check_target

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.events.context import Events
    from lambent.store import Tx

_MOST = 5


async def put_targets(service: Events, call: Call, params: Params) -> Output:
    """Keep targets of a rule. All are taken or none: what cannot be a target is refused as a whole."""
    key, wanted = own_bus(call, params), params["Targets"]
    for target in wanted:
        check_target(target)
        if not service.deliveries.takes(target["Arn"]):
            raise not_built(f"targets like {target['Arn']}")

    def work(tx: Tx) -> None:
        bus = existing_bus(tx, key)
        rule = existing_rule(tx, bus, params["Rule"])
        ids = {target["Id"] for target in (*repository.targets(tx, rule), *wanted)}
        if len(ids) > _MOST:
            raise too_many()
        repository.put_targets(tx, bus, rule, wanted)

    await service.store.write(work)
    return {"FailedEntryCount": 0, "FailedEntries": []}


async def list_targets_by_rule(service: Events, call: Call, params: Params) -> Output:
    """A rule's targets by id, in pages."""
    key = own_bus(call, params)
    found = await service.store.read(
        lambda tx: repository.targets(tx, existing_rule(tx, existing_bus(tx, key), params["Rule"]))
    )
    shown, more = page(found, lambda target: str(target["Id"]), params)
    return {"Targets": shown, **more}


async def remove_targets(service: Events, call: Call, params: Params) -> Output:
    """Remove targets; those that are not there are named in the answer."""
    key = own_bus(call, params)

    def work(tx: Tx) -> list[str]:
        bus = existing_bus(tx, key)
        rule = existing_rule(tx, bus, params["Rule"])
        absent = [one for one in params["Ids"] if not repository.delete_target(tx, rule, one)]
        repository.touch_bus(tx, bus)
        return absent

    absent = await service.store.write(work)
    failed = [
        {
            "TargetId": one,
            "ErrorCode": "ResourceNotFoundException",
            "ErrorMessage": f"Rule {params['Rule']} does not have a target with the Id {one}.",
        }
        for one in absent
    ]
    return {"FailedEntryCount": len(failed), "FailedEntries": failed}
