"""Managed policies attached to users, groups and roles, and the boundaries of users and roles."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lambent.errors import AwsError
from lambent.services.iam import create, repository
from lambent.services.iam.inline import owner
from lambent.services.iam.names import addressed, arn, policy, policy_by_id
from lambent.services.iam.paging import page
from lambent.services.iam.record import LINKED, POLICY, name_key
from lambent.services.iam.refusals import not_attachable, policy_not_found, quota_exceeded

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.iam.context import Iam
    from lambent.services.iam.record import AnyKind, Entity, Policy
    from lambent.services.iam.table import Operation
    from lambent.store import Tx

MOST = 10
"""Managed policies of one user, group or role."""


def attach(kind: AnyKind) -> Operation:
    """AttachRolePolicy and its kin; a policy that is attached already stays.

    Raise AwsError LimitExceeded, NoSuchEntity, PolicyNotAttachable, UnmodifiableEntity, ValidationError.
    """

    async def operation(service: Iam, call: Call, params: Params) -> Output:
        text = params["PolicyArn"]

        def work(tx: Tx) -> None:
            holder, found = owner(tx, call, kind, params), policy(tx, call, text)
            if found is None:
                raise not_attachable(text)
            if found.is_aws and found.path.startswith(LINKED):
                text_ = f"Cannot attach a Service Role Policy to a Customer {kind.title}."
                raise AwsError("PolicyNotAttachable", text_, status=400)
            repository.attach(tx, holder, found.id)
            if len(repository.attached(tx, holder)) > MOST:
                raise quota_exceeded(f"PoliciesPer{kind.title}", MOST)

        await service.store.write(work)
        return {}

    return operation


def detach(kind: AnyKind) -> Operation:
    """DetachRolePolicy and its kin. Raise AwsError NoSuchEntity."""

    async def operation(service: Iam, call: Call, params: Params) -> Output:
        def work(tx: Tx) -> None:
            holder, found = owner(tx, call, kind, params), policy(tx, call, params["PolicyArn"])
            if found is None or not repository.detach(tx, holder, found.id):
                raise policy_not_found(params["PolicyArn"])

        await service.store.write(work)
        return {}

    return operation


def list_attached(kind: AnyKind) -> Operation:
    """ListAttachedRolePolicies and its kin."""

    async def operation(service: Iam, call: Call, params: Params) -> Output:
        prefix = params.get("PathPrefix") or "/"

        def work(tx: Tx) -> list[Policy]:
            return attached(tx, addressed(tx, call, kind, params))

        found = await service.store.read(work)
        here = [one for one in found if one.path.startswith(prefix)]
        shown, more = page(here, _key, params)
        return {"AttachedPolicies": [attachment(call, one) for one in shown], **more}

    return operation


def put_boundary(kind: AnyKind) -> Operation:
    """PutRolePermissionsBoundary and PutUserPermissionsBoundary. Raise AwsError NoSuchEntity, UnmodifiableEntity."""

    async def operation(service: Iam, call: Call, params: Params) -> Output:
        def work(tx: Tx) -> None:
            holder = owner(tx, call, kind, params)
            bound = create.boundary(tx, call, params["PermissionsBoundary"])
            repository.save(tx, kind, replace(holder, boundary=bound))

        await service.store.write(work)
        return {}

    return operation


def delete_boundary(kind: AnyKind) -> Operation:
    """DeleteRolePermissionsBoundary and DeleteUserPermissionsBoundary; where there is none, none stays."""

    async def operation(service: Iam, call: Call, params: Params) -> Output:
        def work(tx: Tx) -> None:
            repository.save(tx, kind, replace(owner(tx, call, kind, params), boundary=None))

        await service.store.write(work)
        return {}

    return operation


def attached(tx: Tx, holder: Entity) -> list[Policy]:
    """The managed policies that are attached to a user, group or role, by name."""
    return sorted((policy_by_id(tx, one) for one in repository.attached(tx, holder)), key=_key)


def attachment(call: Call, one: Policy) -> dict[str, Any]:
    """An attached policy as lists show it."""
    return {"PolicyName": one.name, "PolicyArn": arn(call, POLICY, one)}


def _key(one: Policy) -> str:
    # AWS's and the account's own policies may share a name.
    return f"{name_key(one.name)}/{one.id}"
