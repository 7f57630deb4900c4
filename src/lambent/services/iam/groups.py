"""CreateGroup, GetGroup, ListGroups, UpdateGroup, DeleteGroup, and who is in which group."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lambent.services.iam import create, repository, view
from lambent.services.iam.names import addressed, check_free
from lambent.services.iam.paging import after, cut, most, page
from lambent.services.iam.record import GROUP, USER, Group, name_key
from lambent.services.iam.refusals import must_first, quota_exceeded
from lambent.services.iam.roles import check_no_policies

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.iam.context import Iam
    from lambent.services.iam.record import User
    from lambent.store import Tx

_MOST_OF_A_USER = 10


async def create_group(service: Iam, call: Call, params: Params) -> Output:
    """Keep a new group. Raises AwsError EntityAlreadyExists, LimitExceeded."""
    group = Group(**create.columns(service, call, GROUP, params))
    await service.store.write(lambda tx: create.keep(tx, GROUP, group, params))
    return {"Group": view.plain(call, GROUP, group)}


async def get_group(service: Iam, call: Call, params: Params) -> Output:
    """A group with its users by name, in pages."""

    def work(tx: Tx) -> tuple[Group, list[User]]:
        group = addressed(tx, call, GROUP, params)
        return group, repository.members(tx, USER, group)

    group, users = await service.store.read(work)
    shown, more = page(users, lambda user: name_key(user.name), params)
    return {"Group": view.plain(call, GROUP, group), "Users": [view.plain(call, USER, user) for user in shown], **more}


async def list_groups(service: Iam, call: Call, params: Params) -> Output:
    """Groups by name."""
    start, prefix, count = after(params), params.get("PathPrefix") or "/", most(params) + 1
    groups = await service.store.read(
        lambda tx: repository.page(tx, GROUP, call.account, prefix=prefix, after=start, count=count)
    )
    shown, more = cut(groups, lambda group: name_key(group.name), params)
    return {"Groups": [view.plain(call, GROUP, group) for group in shown], **more}


async def update_group(service: Iam, call: Call, params: Params) -> Output:
    """Give a group another name or path. Raises AwsError EntityAlreadyExists, NoSuchEntity."""

    def work(tx: Tx) -> None:
        group = addressed(tx, call, GROUP, params)
        name = params.get("NewGroupName") or group.name
        if name_key(name) != name_key(group.name):
            check_free(tx, GROUP, call.account, name)
        repository.save(tx, GROUP, replace(group, name=name, path=params.get("NewPath") or group.path))

    await service.store.write(work)
    return {}


async def delete_group(service: Iam, call: Call, params: Params) -> Output:
    """Delete an empty group without policies. Raises AwsError DeleteConflict, NoSuchEntity."""

    def work(tx: Tx) -> None:
        group = addressed(tx, call, GROUP, params)
        check_no_policies(tx, group)
        if repository.members(tx, USER, group):
            raise must_first("remove users from group")
        repository.delete(tx, group)

    await service.store.write(work)
    return {}


async def add_user_to_group(service: Iam, call: Call, params: Params) -> Output:
    """Put a user into a group; one who is in it stays. Raises AwsError LimitExceeded, NoSuchEntity."""

    def work(tx: Tx) -> None:
        group, user = addressed(tx, call, GROUP, params), addressed(tx, call, USER, params)
        repository.put_member(tx, group, user)
        if len(repository.holders(tx, GROUP, user)) > _MOST_OF_A_USER:
            raise quota_exceeded("GroupsPerUser", _MOST_OF_A_USER)

    await service.store.write(work)
    return {}


async def remove_user_from_group(service: Iam, call: Call, params: Params) -> Output:
    """Take a user out of a group; one who is not in it stays out."""

    def work(tx: Tx) -> None:
        group, user = addressed(tx, call, GROUP, params), addressed(tx, call, USER, params)
        repository.delete_member(tx, group, user)

    await service.store.write(work)
    return {}


async def list_groups_for_user(service: Iam, call: Call, params: Params) -> Output:
    """The groups that a user is in, by name."""
    groups = await service.store.read(lambda tx: repository.holders(tx, GROUP, addressed(tx, call, USER, params)))
    shown, more = page(groups, lambda group: name_key(group.name), params)
    views: list[dict[str, Any]] = [view.plain(call, GROUP, group) for group in shown]
    return {"Groups": views, **more}
