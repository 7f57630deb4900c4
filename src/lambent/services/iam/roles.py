"""CreateRole, GetRole, ListRoles, UpdateRole, UpdateRoleDescription, UpdateAssumeRolePolicy, DeleteRole."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lambent.errors import AwsError
from lambent.services.iam import create, repository, view
from lambent.services.iam.documents import size
from lambent.services.iam.names import addressed
from lambent.services.iam.paging import after, cut, most
from lambent.services.iam.record import INSTANCE_PROFILE, ROLE, Role, name_key
from lambent.services.iam.refusals import must_first, not_built, quota_exceeded
from lambent.services.iam.trust import check_trust

if TYPE_CHECKING:
    from typing import Any

    from lambent.call import Call, Output, Params
    from lambent.services.iam.context import Iam
    from lambent.services.iam.record import Entity
    from lambent.store import Tx

_TRUST_LIMIT = 2048
_NOT_BUILT = ("MaxSigninSessionDuration", "ResetMaxSigninSessionDuration")


async def create_role(service: Iam, call: Call, params: Params) -> Output:
    """Keep a new role.

    Raises AwsError EntityAlreadyExists, InvalidInput, LimitExceeded, MalformedPolicyDocument, NoSuchEntity.
    """
    _refuse_not_built(params)
    _check_trust(params["AssumeRolePolicyDocument"])

    def work(tx: Tx) -> dict[str, Any]:
        role = Role(
            **create.columns(service, call, ROLE, params),
            boundary=create.boundary(tx, call, params.get("PermissionsBoundary")),
            trust_policy=params["AssumeRolePolicyDocument"],
            description=params.get("Description"),
            max_session_s=params.get("MaxSessionDuration") or 3600,
        )
        create.keep(tx, ROLE, role, params)
        return {**view.role(call, role), **view.extras(tx, call, role)}

    return {"Role": await service.store.write(work)}


async def get_role(service: Iam, call: Call, params: Params) -> Output:
    """A role with everything that is set of it."""

    def work(tx: Tx) -> dict[str, Any]:
        role = addressed(tx, call, ROLE, params)
        return {**view.listed_role(call, role), **view.extras(tx, call, role), "RoleLastUsed": {}}

    return {"Role": await service.store.read(work)}


async def list_roles(service: Iam, call: Call, params: Params) -> Output:
    """Roles by name, without tags, boundaries and last uses, as on AWS."""
    start, prefix, count = after(params), params.get("PathPrefix") or "/", most(params) + 1
    roles = await service.store.read(
        lambda tx: repository.page(tx, ROLE, call.account, prefix=prefix, after=start, count=count)
    )
    shown, more = cut(roles, lambda role: name_key(role.name), params)
    return {"Roles": [view.listed_role(call, role) for role in shown], **more}


async def update_role(service: Iam, call: Call, params: Params) -> Output:
    """Change a role's description and the longest session of it; what is not sent stays."""
    _refuse_not_built(params)

    def work(tx: Tx) -> None:
        role = changeable(tx, call, params)
        if params.get("Description") is not None:
            role = replace(role, description=params["Description"])
        if params.get("MaxSessionDuration") is not None:
            role = replace(role, max_session_s=params["MaxSessionDuration"])
        repository.save(tx, ROLE, role)

    await service.store.write(work)
    return {}


async def update_role_description(service: Iam, call: Call, params: Params) -> Output:
    """Change a role's description."""

    def work(tx: Tx) -> dict[str, Any]:
        role = replace(changeable(tx, call, params), description=params["Description"])
        repository.save(tx, ROLE, role)
        return {**view.role(call, role), "Description": role.description, **view.extras(tx, call, role)}

    return {"Role": await service.store.write(work)}


async def update_assume_role_policy(service: Iam, call: Call, params: Params) -> Output:
    """Change who may assume a role."""
    document = params["PolicyDocument"]
    _check_trust(document)

    def work(tx: Tx) -> None:
        repository.save(tx, ROLE, replace(changeable(tx, call, params), trust_policy=document))

    await service.store.write(work)
    return {}


async def delete_role(service: Iam, call: Call, params: Params) -> Output:
    """Delete a role that nothing hangs on. Raises AwsError DeleteConflict, NoSuchEntity, UnmodifiableEntity."""

    def work(tx: Tx) -> None:
        role = changeable(tx, call, params)
        if repository.holders(tx, INSTANCE_PROFILE, role):
            raise must_first("remove roles from instance profile")
        check_no_policies(tx, role)
        repository.delete(tx, role)

    await service.store.write(work)
    return {}


def changeable(tx: Tx, call: Call, params: Params) -> Role:
    """The role that was named, to be changed.

    Raises AwsError NoSuchEntity, UnmodifiableEntity where a service alone may change it.
    """
    role = addressed(tx, call, ROLE, params)
    if role.linked_service is not None:
        text = f"Cannot perform the operation on the protected role '{role.name}' - this role is only modifiable by AWS"
        raise AwsError("UnmodifiableEntity", text, status=400)
    return role


def check_no_policies(tx: Tx, holder: Entity) -> None:
    """Refuse to delete what still has policies. Raises AwsError DeleteConflict."""
    if repository.attached(tx, holder):
        raise must_first("detach all policies")
    if repository.inline_policies(tx, holder):
        raise must_first("delete policies")


def _check_trust(document: str) -> None:
    check_trust(document)
    if size(document) > _TRUST_LIMIT:
        raise quota_exceeded("ACLSizePerRole", _TRUST_LIMIT)


def _refuse_not_built(params: Params) -> None:
    for name in _NOT_BUILT:
        if params.get(name):
            raise not_built(f"{name} of roles")
