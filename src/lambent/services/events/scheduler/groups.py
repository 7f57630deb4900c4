"""Groups of schedules, and their tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambent.services.events import repository as events
from lambent.services.events.event import from_ms
from lambent.services.events.scheduler import repository
from lambent.services.events.scheduler.paging import page
from lambent.services.events.scheduler.refusals import conflict, invalid, not_found
from lambent.services.events.scheduler.repository import DEFAULT, GroupKey

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.events.scheduler.context import Scheduler
    from lambent.services.events.scheduler.repository import Group
    from lambent.store import Tx


async def create_schedule_group(service: Scheduler, call: Call, params: Params) -> Output:
    """Keep a group. Raises AwsError ConflictException, unless the same request came before."""
    key, token = _key(call, params), params.get("ClientToken")

    def work(tx: Tx) -> None:
        if key.name != DEFAULT and repository.insert_group(tx, key, token, service.now_ms()):
            events.put_tags(tx, key.arn, params.get("Tags") or [])
            return
        before = repository.load_group(tx, key)
        if token is None or before is None or before.client_token != token:
            raise conflict(f"Schedule group {key.name}")

    await service.store.write(work)
    return {"ScheduleGroupArn": key.arn}


async def get_schedule_group(service: Scheduler, call: Call, params: Params) -> Output:
    """One group."""
    key = _key(call, params)
    return _view(await service.store.read(lambda tx: _existing(tx, key)))


async def list_schedule_groups(service: Scheduler, call: Call, params: Params) -> Output:
    """Groups by name, in pages."""
    prefix = params.get("NamePrefix") or ""
    everything = await service.store.read(lambda tx: repository.groups(tx, call.account, call.region))
    found = [one for one in everything if one.key.name.startswith(prefix)]
    shown, more = page(found, lambda one: one.key.name, params)
    return {"ScheduleGroups": [_view(one) for one in shown], **more}


async def delete_schedule_group(service: Scheduler, call: Call, params: Params) -> Output:
    """Delete a group with its schedules, at once."""
    key = _key(call, params)
    if key.name == DEFAULT:
        raise invalid("The default schedule group cannot be deleted.")

    def work(tx: Tx) -> None:
        _existing(tx, key)
        repository.delete_group(tx, key)
        events.delete_tags(tx, key.arn)

    await service.store.write(work)
    return {}


async def tag_resource(service: Scheduler, call: Call, params: Params) -> Output:
    """Add tags to a group, replacing those with the same keys."""
    key = _of_arn(call, params["ResourceArn"])

    def work(tx: Tx) -> None:
        events.put_tags(tx, _existing(tx, key).key.arn, params["Tags"])

    await service.store.write(work)
    return {}


async def untag_resource(service: Scheduler, call: Call, params: Params) -> Output:
    """Remove tags from a group; keys that are not there are ignored."""
    key = _of_arn(call, params["ResourceArn"])

    def work(tx: Tx) -> None:
        events.remove_tags(tx, _existing(tx, key).key.arn, params["TagKeys"])

    await service.store.write(work)
    return {}


async def list_tags_for_resource(service: Scheduler, call: Call, params: Params) -> Output:
    """A group's tags."""
    key = _of_arn(call, params["ResourceArn"])
    return {"Tags": await service.store.read(lambda tx: events.tags(tx, _existing(tx, key).key.arn))}


def _key(call: Call, params: Params) -> GroupKey:
    return GroupKey(call.account, call.region, params["Name"])


def _of_arn(call: Call, arn: str) -> GroupKey:
    key = GroupKey(call.account, call.region, arn.rpartition("/")[2])
    if key.arn != arn:
        raise not_found(f"Schedule group {arn}")
    return key


def _existing(tx: Tx, key: GroupKey) -> Group:
    found = repository.load_group(tx, key)
    if found is None:
        raise not_found(f"Schedule group {key.name}")
    return found


def _view(found: Group) -> dict[str, Any]:
    return {
        "Arn": found.key.arn,
        "Name": found.key.name,
        "State": "ACTIVE",
        "CreationDate": from_ms(found.created_ms),
        "LastModificationDate": from_ms(found.modified_ms),
    }
