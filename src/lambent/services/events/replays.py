"""StartReplay, DescribeReplay, ListReplays, CancelReplay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambent.services.events import archive, replay
from lambent.services.events.event import from_ms
from lambent.services.events.paging import check_filters, page
from lambent.services.events.refusals import already_exists, illegal_status, invalid, no_replay
from lambent.services.events.replay import State

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.events.context import Events
    from lambent.services.events.replay import Replay
    from lambent.store import Tx


async def start_replay(service: Events, call: Call, params: Params) -> Output:
    """Have archived events sent to their bus again. Raises AwsError ResourceAlreadyExistsException."""
    name, source, destination = params["ReplayName"], params["EventSourceArn"], params["Destination"]
    start, end = params["EventStartTime"], params["EventEndTime"]
    if start >= end:
        raise invalid("Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime.")
    row = {
        "account": call.account,
        "region": call.region,
        "name": name,
        "description": params.get("Description"),
        "archive_arn": source,
        "start_at": int(start.timestamp() * 1000),
        "end_at": int(end.timestamp() * 1000),
        "now": service.now_ms(),
    }

    def work(tx: Tx) -> Replay:
        of = archive.load(tx, call.account, call.region, source.rpartition("/")[2])
        if of is None or of.arn != source:
            raise invalid(f"Parameter EventSourceArn is not valid. Reason: Archive {source} does not exist.")
        if destination["Arn"] != of.bus.arn:
            raise invalid("Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not permitted.")
        if not replay.insert(tx, row, destination):
            raise already_exists(f"Replay {name}")
        return _existing(tx, call, name)

    found = await service.store.write(work)
    return {"ReplayArn": found.arn, "State": found.state.value, "ReplayStartTime": from_ms(found.began_ms)}


async def describe_replay(service: Events, call: Call, params: Params) -> Output:
    """One replay."""
    found = await service.store.read(lambda tx: _existing(tx, call, params["ReplayName"]))
    more = {"ReplayArn": found.arn, "Destination": found.destination}
    return {**_view(found), **more, **({} if found.description is None else {"Description": found.description})}


async def list_replays(service: Events, call: Call, params: Params) -> Output:
    """Replays by name, in pages; those of one archive or in one state where that is asked for."""
    check_filters(params, "ListReplays")
    source, state = params.get("EventSourceArn"), params.get("State")
    everything = await service.store.read(lambda tx: replay.all_of(tx, call.account, call.region))
    found = [one for one in everything if source in {None, one.archive_arn} and state in {None, one.state.value}]
    shown, more = page(found, lambda one: one.name, params)
    return {"Replays": [_view(one) for one in shown], **more}


async def cancel_replay(service: Events, call: Call, params: Params) -> Output:
    """Have a replay end early. Raises AwsError IllegalStatusException for one that has ended."""

    def work(tx: Tx) -> Replay:
        found = _existing(tx, call, params["ReplayName"])
        if not replay.cancel(tx, found):
            raise illegal_status(f"Replay {found.name} is not in a valid state for this operation.")
        return found

    found = await service.store.write(work)
    return {"ReplayArn": found.arn, "State": State.CANCELLING.value}


def _existing(tx: Tx, call: Call, name: str) -> Replay:
    found = replay.load(tx, call.account, call.region, name)
    if found is None:
        raise no_replay(name)
    return found


def _view(found: Replay) -> dict[str, Any]:
    view = {
        "ReplayName": found.name,
        "EventSourceArn": found.archive_arn,
        "State": found.state.value,
        "EventStartTime": from_ms(found.start_ms),
        "EventEndTime": from_ms(found.end_ms),
        "ReplayStartTime": from_ms(found.began_ms),
    }
    if found.state_reason is not None:
        view["StateReason"] = found.state_reason
    if found.position_id:
        view["EventLastReplayedTime"] = from_ms(found.position_ms)
    if found.ended_ms is not None:
        view["ReplayEndTime"] = from_ms(found.ended_ms)
    return view
