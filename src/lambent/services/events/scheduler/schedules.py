"""CreateSchedule, GetSchedule, ListSchedules, UpdateSchedule, DeleteSchedule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambent.services.events.event import from_ms
from lambent.services.events.scheduler import repository
from lambent.services.events.scheduler.paging import page
from lambent.services.events.scheduler.refusals import conflict, not_built, not_found
from lambent.services.events.scheduler.repository import DEFAULT, GroupKey
from lambent.services.events.scheduler.settings import read_settings, when
from lambent.services.events.scheduler.timing import due_from

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.events.scheduler.context import Scheduler
    from lambent.services.events.scheduler.repository import Schedule
    from lambent.store import Tx

_DATES = ("StartDate", "EndDate")


async def create_schedule(service: Scheduler, call: Call, params: Params) -> Output:
    """Keep a schedule. Raises AwsError ConflictException, unless the same request came before."""
    key, name, settings = _group(call, params), params["Name"], _settings(service, params)
    token, now_ms = params.get("ClientToken"), service.now_ms()
    due = when(settings, due_from(settings, now_ms))

    def work(tx: Tx) -> None:
        if repository.load_group(tx, key) is None:
            raise not_found(f"Schedule group {key.name}")
        if not repository.insert(tx, key, name, settings, client_token=token, now_ms=now_ms, due=due):
            before = repository.load(tx, key, name)
            if token is None or before is None or before.client_token != token:
                raise conflict(f"Schedule {name}")

    await service.store.write(work)
    return {"ScheduleArn": key.schedule_arn(name)}


async def get_schedule(service: Scheduler, call: Call, params: Params) -> Output:
    """One schedule."""
    key = _group(call, params)
    found = await service.store.read(lambda tx: _existing(tx, key, params["Name"]))
    dates = {name: from_ms(found.settings[name]) for name in _DATES if name in found.settings}
    return {**found.settings, **dates, **_head(found)}


async def list_schedules(service: Scheduler, call: Call, params: Params) -> Output:
    """Schedules by group and name, in pages."""
    group, state, prefix = params.get("GroupName"), params.get("State"), params.get("NamePrefix") or ""
    everything = await service.store.read(lambda tx: repository.schedules(tx, call.account, call.region))
    found = [
        one
        for one in everything
        if group in {None, one.group.name} and state in {None, one.settings["State"]} and one.name.startswith(prefix)
    ]
    shown, more = page(found, lambda one: f"{one.group.name}/{one.name}", params)
    schedules = [
        {**_head(one), "State": one.settings["State"], "Target": {"Arn": one.settings["Target"]["Arn"]}}
        for one in shown
    ]
    return {"Schedules": schedules, **more}


async def update_schedule(service: Scheduler, call: Call, params: Params) -> Output:
    """Replace all settings of a schedule: what is not given is as if it never was."""
    key, settings, now_ms = _group(call, params), _settings(service, params), service.now_ms()
    due = when(settings, due_from(settings, now_ms))
    await service.store.write(
        lambda tx: repository.update(tx, _existing(tx, key, params["Name"]), settings, now_ms=now_ms, due=due)
    )
    return {"ScheduleArn": key.schedule_arn(params["Name"])}


async def delete_schedule(service: Scheduler, call: Call, params: Params) -> Output:
    """Delete a schedule."""
    key = _group(call, params)
    await service.store.write(lambda tx: repository.delete(tx, _existing(tx, key, params["Name"])))
    return {}


def _settings(service: Scheduler, params: Params) -> dict[str, Any]:
    settings = read_settings(params)
    arn = settings["Target"]["Arn"]
    if not service.deliveries.takes(arn):
        raise not_built(f"targets like {arn}")
    return settings


def _group(call: Call, params: Params) -> GroupKey:
    return GroupKey(call.account, call.region, params.get("GroupName") or DEFAULT)


def _existing(tx: Tx, key: GroupKey, name: str) -> Schedule:
    found = repository.load(tx, key, name)
    if found is None:
        raise not_found(f"Schedule {name}")
    return found


def _head(found: Schedule) -> dict[str, Any]:
    return {
        "Arn": found.arn,
        "GroupName": found.group.name,
        "Name": found.name,
        "CreationDate": from_ms(found.created_ms),
        "LastModificationDate": from_ms(found.modified_ms),
    }
