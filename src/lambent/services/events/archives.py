"""CreateArchive, DescribeArchive, ListArchives, UpdateArchive, DeleteArchive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambent.services.events import archive, pattern
from lambent.services.events.event import from_ms
from lambent.services.events.names import bus_of_arn, bus_to_write
from lambent.services.events.paging import check_filters, page
from lambent.services.events.refusals import already_exists, invalid, no_archive, not_built

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.events.archive import Archive
    from lambent.services.events.context import Events
    from lambent.services.events.record import BusKey
    from lambent.store import Tx

ENABLED = "ENABLED"


async def create_archive(service: Events, call: Call, params: Params) -> Output:
    """Keep events of a bus from now on. Raises AwsError ResourceAlreadyExistsException."""
    bus_key = _bus(call, params["EventSourceArn"])
    _check(params)
    name, now_ms = params["ArchiveName"], service.now_ms()
    row = {
        "name": name,
        "description": params.get("Description"),
        "pattern": params.get("EventPattern") or None,
        "retention_days": params.get("RetentionDays") or 0,
        "now": now_ms,
    }

    def work(tx: Tx) -> Archive:
        if not archive.insert(tx, bus_to_write(tx, bus_key, now_ms), row):
            raise already_exists(f"Archive {name}")
        return existing(tx, call, name)

    return _written(await service.store.write(work))


async def describe_archive(service: Events, call: Call, params: Params) -> Output:
    """One archive."""

    def work(tx: Tx) -> dict[str, Any]:
        found = existing(tx, call, params["ArchiveName"])
        more = {"ArchiveArn": found.arn, "Description": found.description, "EventPattern": found.pattern}
        return _view(service, tx, found) | {name: value for name, value in more.items() if value is not None}

    return await service.store.read(work)


async def list_archives(service: Events, call: Call, params: Params) -> Output:
    """Archives by name, in pages; those of one bus or state where that is asked for."""
    check_filters(params, "ListArchives")
    source, state = params.get("EventSourceArn"), params.get("State")

    def work(tx: Tx) -> dict[str, Any]:
        found = [
            one
            for one in archive.all_of(tx, call.account, call.region)
            if source in {None, one.bus.arn} and state in {None, ENABLED}
        ]
        shown, more = page(found, lambda one: one.name, params)
        return {"Archives": [_view(service, tx, one) for one in shown], **more}

    return await service.store.read(work)


async def update_archive(service: Events, call: Call, params: Params) -> Output:
    """Change what is named of an archive."""
    _check(params)

    def work(tx: Tx) -> Archive:
        found = existing(tx, call, params["ArchiveName"])
        changed = {
            "description": params.get("Description", found.description),
            "pattern": params.get("EventPattern", found.pattern) or None,
            "retention_days": params.get("RetentionDays", found.retention_days),
        }
        archive.update(tx, bus_to_write(tx, found.bus, service.now_ms()), found, changed)
        return existing(tx, call, found.name)

    return _written(await service.store.write(work))


async def delete_archive(service: Events, call: Call, params: Params) -> Output:
    """Delete an archive with all that is in it."""

    def work(tx: Tx) -> None:
        found = existing(tx, call, params["ArchiveName"])
        archive.delete(tx, bus_to_write(tx, found.bus, service.now_ms()), found)

    await service.store.write(work)
    return {}


def existing(tx: Tx, call: Call, name: str) -> Archive:
    """Raises AwsError ResourceNotFoundException."""
    found = archive.load(tx, call.account, call.region, name)
    if found is None:
        raise no_archive(name)
    return found


def _bus(call: Call, arn: str) -> BusKey:
    key = bus_of_arn(arn)
    if key is None or (key.account, key.region) != (call.account, call.region):
        raise invalid(f"Parameter EventSourceArn is not valid. Reason: {arn} is not an event bus of this account.")
    return key


def _check(params: Params) -> None:
    if params.get("KmsKeyIdentifier"):
        raise not_built("KmsKeyIdentifier of archives")
    if params.get("EventPattern"):
        pattern.check(params["EventPattern"])


def _written(found: Archive) -> dict[str, Any]:
    return {"ArchiveArn": found.arn, "State": ENABLED, "CreationTime": from_ms(found.created_ms)}


def _view(service: Events, tx: Tx, found: Archive) -> dict[str, Any]:
    count, size_bytes = archive.size(tx, found, service.now_ms())
    return {
        "ArchiveName": found.name,
        "EventSourceArn": found.bus.arn,
        "State": ENABLED,
        "RetentionDays": found.retention_days,
        "SizeBytes": size_bytes,
        "EventCount": count,
        "CreationTime": from_ms(found.created_ms),
    }
