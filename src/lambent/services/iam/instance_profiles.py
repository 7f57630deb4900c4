"""Instance profiles: nothing here runs on EC2, but tools make them with roles, and look for them when roles go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambent.services.iam import create, repository, view
from lambent.services.iam.names import addressed
from lambent.services.iam.paging import after, cut, most, page
from lambent.services.iam.record import INSTANCE_PROFILE, ROLE, InstanceProfile, name_key
from lambent.services.iam.refusals import must_first, no_such_entity, quota_exceeded

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.iam.context import Iam
    from lambent.store import Tx


async def create_instance_profile(service: Iam, call: Call, params: Params) -> Output:
    """Keep a new instance profile. Raises AwsError EntityAlreadyExists, InvalidInput, LimitExceeded."""
    profile = InstanceProfile(**create.columns(service, call, INSTANCE_PROFILE, params))

    def work(tx: Tx) -> dict[str, Any]:
        create.keep(tx, INSTANCE_PROFILE, profile, params)
        return _with_tags(tx, call, profile)

    return {"InstanceProfile": await service.store.write(work)}


async def get_instance_profile(service: Iam, call: Call, params: Params) -> Output:
    """An instance profile with its role and tags."""

    def work(tx: Tx) -> dict[str, Any]:
        return _with_tags(tx, call, addressed(tx, call, INSTANCE_PROFILE, params))

    return {"InstanceProfile": await service.store.read(work)}


async def list_instance_profiles(service: Iam, call: Call, params: Params) -> Output:
    """Instance profiles by name."""
    start, prefix, count = after(params), params.get("PathPrefix") or "/", most(params) + 1

    def work(tx: Tx) -> dict[str, Any]:
        found = repository.page(tx, INSTANCE_PROFILE, call.account, prefix=prefix, after=start, count=count)
        shown, more = cut(found, lambda one: name_key(one.name), params)
        return {"InstanceProfiles": [view.instance_profile(tx, call, one) for one in shown], **more}

    return await service.store.read(work)


async def list_instance_profiles_for_role(service: Iam, call: Call, params: Params) -> Output:
    """The instance profiles that have a role, by name."""

    def work(tx: Tx) -> dict[str, Any]:
        found = repository.holders(tx, INSTANCE_PROFILE, addressed(tx, call, ROLE, params))
        shown, more = page(found, lambda one: name_key(one.name), params)
        return {"InstanceProfiles": [view.instance_profile(tx, call, one) for one in shown], **more}

    return await service.store.read(work)


async def delete_instance_profile(service: Iam, call: Call, params: Params) -> Output:
    """Delete an instance profile without a role. Raises AwsError DeleteConflict, NoSuchEntity."""

    def work(tx: Tx) -> None:
        profile = addressed(tx, call, INSTANCE_PROFILE, params)
        if repository.members(tx, ROLE, profile):
            raise must_first("remove roles from instance profile")
        repository.delete(tx, profile)

    await service.store.write(work)
    return {}


async def add_role_to_instance_profile(service: Iam, call: Call, params: Params) -> Output:
    """Give an instance profile its role. Raises AwsError LimitExceeded, NoSuchEntity."""

    def work(tx: Tx) -> None:
        profile, role = addressed(tx, call, INSTANCE_PROFILE, params), addressed(tx, call, ROLE, params)
        if repository.members(tx, ROLE, profile):
            raise quota_exceeded("InstanceSessionsPerInstanceProfile", 1)
        repository.put_member(tx, profile, role)

    await service.store.write(work)
    return {}


async def remove_role_from_instance_profile(service: Iam, call: Call, params: Params) -> Output:
    """Take its role from an instance profile. Raises AwsError NoSuchEntity."""

    def work(tx: Tx) -> None:
        profile, role = addressed(tx, call, INSTANCE_PROFILE, params), addressed(tx, call, ROLE, params)
        if not repository.delete_member(tx, profile, role):
            raise no_such_entity(f"The role with name {role.name} cannot be found.")

    await service.store.write(work)
    return {}


def _with_tags(tx: Tx, call: Call, profile: InstanceProfile) -> dict[str, Any]:
    return {**view.instance_profile(tx, call, profile), "Tags": repository.tags(tx, profile)}
