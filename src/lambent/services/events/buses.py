"""CreateEventBus, DescribeEventBus, ListEventBuses, UpdateEventBus, DeleteEventBus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambent.services.events import repository
from lambent.services.events.event import from_ms
from lambent.services.events.names import bus_to_write, existing_bus, own_bus
from lambent.services.events.paging import page
from lambent.services.events.record import DEFAULT, BusKey
from lambent.services.events.refusals import already_exists, invalid, not_built

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.events.context import Events
    from lambent.services.events.record import Bus
    from lambent.store import Tx

_NOT_BUILT = ("EventSourceName", "KmsKeyIdentifier", "DeadLetterConfig", "LogConfig")


async def create_event_bus(service: Events, call: Call, params: Params) -> Output:
    """Keep a new bus. Raises AwsError ResourceAlreadyExistsException."""
    _refuse_unbuilt(params)
    key = BusKey(call.account, call.region, params["Name"])
    description = params.get("Description")

    def work(tx: Tx) -> None:
        if key.name == DEFAULT or not repository.insert_bus(tx, key, description, service.now_ms()):
            raise already_exists(f"Event bus {key.name}")
        repository.put_tags(tx, key.arn, params.get("Tags") or [])

    await service.store.write(work)
    return {"EventBusArn": key.arn, **_known(Description=description)}


async def describe_event_bus(service: Events, call: Call, params: Params) -> Output:
    """One bus; `default` where none is named."""
    key = own_bus(call, params, "Name")
    return _view(await service.store.read(lambda tx: existing_bus(tx, key)))


async def list_event_buses(service: Events, call: Call, params: Params) -> Output:
    """Buses by name, in pages."""
    found = await service.store.read(lambda tx: repository.buses(tx, call.account, call.region))
    shown, more = page(found, lambda bus: bus.key.name, params)
    return {"EventBuses": [_view(bus) for bus in shown], **more}


async def update_event_bus(service: Events, call: Call, params: Params) -> Output:
    """Change a bus's description."""
    _refuse_unbuilt(params)
    key = own_bus(call, params, "Name")

    def work(tx: Tx) -> str | None:
        bus = bus_to_write(tx, key, service.now_ms())
        description: str | None = params.get("Description", bus.description)
        repository.set_bus(tx, bus, description=description, policy=bus.policy, now_ms=service.now_ms())
        return description

    description = await service.store.write(work)
    return {"Arn": key.arn, "Name": key.name, **_known(Description=description)}


async def delete_event_bus(service: Events, call: Call, params: Params) -> Output:
    """Delete a bus that has no rules; there may be none."""
    key = own_bus(call, params, "Name")
    if key.name == DEFAULT:
        raise invalid("Cannot delete event bus default.")

    def work(tx: Tx) -> None:
        bus = repository.load_bus(tx, key)
        if bus is None:
            return
        if repository.rules(tx, bus):
            raise invalid("EventBus can't be deleted since it has rules.")
        repository.delete_bus(tx, bus)

    await service.store.write(work)
    return {}


def _refuse_unbuilt(params: Params) -> None:
    for name in _NOT_BUILT:
        if params.get(name):
            raise not_built(f"{name} of event buses")


def _view(bus: Bus) -> dict[str, Any]:
    return {
        "Name": bus.key.name,
        "Arn": bus.key.arn,
        **_known(Description=bus.description, Policy=bus.policy),
        "CreationTime": from_ms(bus.created_ms),
        "LastModifiedTime": from_ms(bus.modified_ms),
    }


def _known(**members: str | None) -> dict[str, str]:
    return {name: value for name, value in members.items() if value is not None}
