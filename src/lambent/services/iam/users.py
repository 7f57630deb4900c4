"""CreateUser, GetUser, ListUsers, UpdateUser, DeleteUser, and what users of Lambent never have."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lambent.services.iam import create, repository, view
from lambent.services.iam.names import addressed, check_free, existing
from lambent.services.iam.paging import after, cut, most
from lambent.services.iam.record import GROUP, USER, User, name_key
from lambent.services.iam.refusals import invalid, must_first, no_such_entity
from lambent.services.iam.roles import check_no_policies

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.iam.context import Iam
    from lambent.services.iam.table import Operation
    from lambent.store import Tx


async def create_user(service: Iam, call: Call, params: Params) -> Output:
    """Keep a new user. Raises AwsError EntityAlreadyExists, InvalidInput, LimitExceeded, NoSuchEntity."""

    def work(tx: Tx) -> dict[str, Any]:
        bound = create.boundary(tx, call, params.get("PermissionsBoundary"))
        user = User(**create.columns(service, call, USER, params), boundary=bound)
        create.keep(tx, USER, user, params)
        return {**view.plain(call, USER, user), **view.extras(tx, call, user)}

    return {"User": await service.store.write(work)}


async def get_user(service: Iam, call: Call, params: Params) -> Output:
    """A user; without a name the one who asks, which may be the account itself."""

    def work(tx: Tx) -> dict[str, Any]:
        if not params.get("UserName"):
            caller = service.callers.caller(tx, call)
            if caller.arn.endswith(":root"):
                # Accounts are never made here: they were there from the beginning of time.
                return {"UserId": call.account, "Arn": caller.arn, "CreateDate": view.moment(0)}
        user = named_or_caller(tx, service, call, params)
        return {**view.plain(call, USER, user), **view.extras(tx, call, user)}

    return {"User": await service.store.read(work)}


async def list_users(service: Iam, call: Call, params: Params) -> Output:
    """Users by name, without tags and boundaries, as on AWS."""
    start, prefix, count = after(params), params.get("PathPrefix") or "/", most(params) + 1
    users = await service.store.read(
        lambda tx: repository.page(tx, USER, call.account, prefix=prefix, after=start, count=count)
    )
    shown, more = cut(users, lambda user: name_key(user.name), params)
    return {"Users": [view.plain(call, USER, user) for user in shown], **more}


async def update_user(service: Iam, call: Call, params: Params) -> Output:
    """Give a user another name or path; all that belongs to it stays. Raises AwsError EntityAlreadyExists."""

    def work(tx: Tx) -> None:
        user = addressed(tx, call, USER, params)
        name = params.get("NewUserName") or user.name
        if name_key(name) != name_key(user.name):
            check_free(tx, USER, call.account, name)
        repository.save(tx, USER, replace(user, name=name, path=params.get("NewPath") or user.path))

    await service.store.write(work)
    return {}


async def delete_user(service: Iam, call: Call, params: Params) -> Output:
    """Delete a user that nothing hangs on. Raises AwsError DeleteConflict, NoSuchEntity."""

    def work(tx: Tx) -> None:
        user = addressed(tx, call, USER, params)
        check_no_policies(tx, user)
        if repository.keys(tx, user):
            raise must_first("delete access keys")
        if repository.holders(tx, GROUP, user):
            raise must_first("remove users from group")
        repository.delete(tx, user)

    await service.store.write(work)
    return {}


def named_or_caller(tx: Tx, service: Iam, call: Call, params: Params) -> User:
    """The user that was named, else the one who asks. Raises AwsError NoSuchEntity, ValidationError."""
    name = params.get("UserName")
    if not name:
        name = service.callers.caller(tx, call).user_name
        if name is None:
            raise invalid("Must specify userName when calling with non-User credentials")
    return existing(tx, USER, call.account, name)


def list_none(member: str) -> Operation:
    """The list of a user's things that cannot be made here, so that there are none: MFA devices, SSH keys."""

    async def operation(service: Iam, call: Call, params: Params) -> Output:
        if params.get("UserName"):
            await service.store.read(lambda tx: addressed(tx, call, USER, params))
        return {member: [], "IsTruncated": False}

    return operation


async def no_login_profile(service: Iam, call: Call, params: Params) -> Output:
    """GetLoginProfile, DeleteLoginProfile: nobody has a password, since there is no console to sign in to."""
    user = await service.store.read(lambda tx: named_or_caller(tx, service, call, params))
    raise no_such_entity(f"Login Profile for User {user.name} cannot be found.")
