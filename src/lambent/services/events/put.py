"""PutEvents: what is answered with an EventId is kept for every target that it concerns."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, NamedTuple

from lambent.services.events import repository
from lambent.services.events.document import compact
from lambent.services.events.event import MOST_BYTES, Problem, entry_bytes, from_entry
from lambent.services.events.names import bus_key
from lambent.services.events.outbox import Letter
from lambent.services.events.permissions import lets_in
from lambent.services.events.refusals import invalid, not_built

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.events.context import Events
    from lambent.services.events.record import BusKey
    from lambent.store import Tx


class _Taken(NamedTuple):
    bus: BusKey
    event: dict[str, Any]
    letter: Letter


async def put_events(service: Events, call: Call, params: Params) -> Output:
    """Take events. What is wrong with one of them is told beside it; an unknown bus is not, as on AWS."""
    if params.get("EndpointId"):
        raise not_built("global endpoints (EndpointId)")
    entries = params["Entries"]
    if sum(map(entry_bytes, entries)) > MOST_BYTES:
        raise invalid("Total size of the entries in the request is over the limit.")
    found = [_taken(service, call, entry) for entry in entries]
    taken = [one for one in found if isinstance(one, _Taken)]

    def work(tx: Tx) -> None:
        for bus, event, letter in taken:
            if _may_put(tx, call, bus):
                service.routing.route(tx, bus, event, letter)

    if taken:
        await service.store.write(work)
    return {"FailedEntryCount": len(found) - len(taken), "Entries": [_result(one) for one in found]}


def _taken(service: Events, call: Call, entry: dict[str, Any]) -> _Taken | Problem:
    bus, now = bus_key(call, entry.get("EventBusName")), service.clock.now()
    event = from_entry(entry, str(uuid.uuid4()), call.account, call.region, now)
    if isinstance(event, Problem):
        return event
    trace_header = entry.get("TraceHeader") or call.trace_header
    return _Taken(bus, event, Letter(compact(event), int(now.timestamp() * 1000), trace_header=trace_header))


def _may_put(tx: Tx, call: Call, key: BusKey) -> bool:
    """Whether the bus is the caller's, or one whose policy lets the caller's account in."""
    if key.account == call.account:
        return True
    bus = repository.load_bus(tx, key)
    return bus is not None and lets_in(bus.policy, call.account)


def _result(found: _Taken | Problem) -> dict[str, str]:
    if isinstance(found, Problem):
        return {"ErrorCode": found.code, "ErrorMessage": found.text}
    return {"EventId": found.event["id"]}
