"""Policies that belong to one user, group or role: Put, Get, List and Delete of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambent.services.iam import repository
from lambent.services.iam.documents import check, encoded, size
from lambent.services.iam.names import addressed
from lambent.services.iam.paging import page
from lambent.services.iam.record import GROUP, ROLE, USER
from lambent.services.iam.refusals import limit_exceeded, no_such_entity
from lambent.services.iam.roles import changeable

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.errors import AwsError
    from lambent.services.iam.context import Iam
    from lambent.services.iam.record import AnyKind, Entity
    from lambent.services.iam.table import Operation
    from lambent.store import Tx

LIMITS = {USER.name: 2048, GROUP.name: 5120, ROLE.name: 10_240}
"""Characters of all policies of one holder together, without white space."""


def put(kind: AnyKind) -> Operation:
    """PutRolePolicy and its kin. Raise AwsError LimitExceeded, MalformedPolicyDocument, NoSuchEntity."""

    async def operation(service: Iam, call: Call, params: Params) -> Output:
        document = params["PolicyDocument"]
        check(document)

        def work(tx: Tx) -> None:
            holder = owner(tx, call, kind, params)
            repository.put_inline_policy(tx, holder, params["PolicyName"], document)
            limit = LIMITS[kind.name]
            if sum(map(size, repository.inline_policies(tx, holder).values())) > limit:
                raise limit_exceeded(f"Maximum policy size of {limit} bytes exceeded for {kind.word} {holder.name}")

        await service.store.write(work)
        return {}

    return operation


def get(kind: AnyKind) -> Operation:
    """GetRolePolicy and its kin."""

    async def operation(service: Iam, call: Call, params: Params) -> Output:
        name = params["PolicyName"]
        found = await service.store.read(lambda tx: repository.inline_policies(tx, addressed(tx, call, kind, params)))
        if name not in found:
            raise _not_found(kind, name)
        return {kind.member: params[kind.member], "PolicyName": name, "PolicyDocument": encoded(found[name])}

    return operation


def list_names(kind: AnyKind) -> Operation:
    """ListRolePolicies and its kin."""

    async def operation(service: Iam, call: Call, params: Params) -> Output:
        found = await service.store.read(lambda tx: repository.inline_policies(tx, addressed(tx, call, kind, params)))
        shown, more = page(found, str, params)
        return {"PolicyNames": shown, **more}

    return operation


def delete(kind: AnyKind) -> Operation:
    """DeleteRolePolicy and its kin."""

    async def operation(service: Iam, call: Call, params: Params) -> Output:
        def work(tx: Tx) -> None:
            if not repository.delete_inline_policy(tx, owner(tx, call, kind, params), params["PolicyName"]):
                raise _not_found(kind, params["PolicyName"])

        await service.store.write(work)
        return {}

    return operation


def owner(tx: Tx, call: Call, kind: AnyKind, params: Params) -> Entity:
    """The user, group or role whose policies are to be changed. Raises AwsError NoSuchEntity, UnmodifiableEntity."""
    if kind is ROLE:
        return changeable(tx, call, params)
    return addressed(tx, call, kind, params)


def _not_found(kind: AnyKind, name: str) -> AwsError:
    return no_such_entity(f"The {kind.word} policy with name {name} cannot be found.")
