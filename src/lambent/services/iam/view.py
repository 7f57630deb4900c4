"""What IAM keeps, as its shapes show it. Which optional members a shape has depends on the operation, as on AWS."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lambent.services.iam import repository
from lambent.services.iam.documents import encoded
from lambent.services.iam.names import arn, policy_by_id
from lambent.services.iam.record import INSTANCE_PROFILE, POLICY, ROLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambent.call import Call
    from lambent.services.iam.record import AnyKind, Entity, InstanceProfile, Policy, Role, Version
    from lambent.store import Tx


def moment(epoch_ms: int) -> datetime:
    """A date as IAM tells it: whole seconds."""
    return datetime.fromtimestamp(epoch_ms // 1000, UTC)


def plain(call: Call, kind: AnyKind, entity: Entity) -> dict[str, Any]:
    """What users, groups, roles and instance profiles have in common."""
    return {
        "Path": entity.path,
        kind.member: entity.name,
        f"{kind.title}Id": entity.id,
        "Arn": arn(call, kind, entity),
        "CreateDate": moment(entity.created_ms),
    }


def role(call: Call, entity: Role) -> dict[str, Any]:
    """A role as other things show it, without what may be set later."""
    return {**plain(call, ROLE, entity), "AssumeRolePolicyDocument": encoded(entity.trust_policy)}


def listed_role(call: Call, entity: Role) -> dict[str, Any]:
    """A role as ListRoles shows it."""
    view = {**role(call, entity), "MaxSessionDuration": entity.max_session_s}
    if entity.description is not None:
        view["Description"] = entity.description
    return view


def extras(tx: Tx, call: Call, entity: Entity) -> dict[str, Any]:
    """Tags and boundary of an entity, where it has them."""
    view: dict[str, Any] = {}
    if entity.boundary is not None:
        bound = arn(call, POLICY, policy_by_id(tx, entity.boundary))
        view["PermissionsBoundary"] = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": bound}
    if tags := repository.tags(tx, entity):
        view["Tags"] = tags
    return view


def instance_profile(tx: Tx, call: Call, entity: InstanceProfile) -> dict[str, Any]:
    """An instance profile with its role."""
    roles = [role(call, one) for one in repository.members(tx, ROLE, entity)]
    return {**plain(call, INSTANCE_PROFILE, entity), "Roles": roles}


def policy(call: Call, entity: Policy, attached: Mapping[str, int], bounds: Mapping[str, int]) -> dict[str, Any]:
    """A managed policy as lists show it. attached, bounds: to how many entities, by policy id."""
    return {
        "PolicyName": entity.name,
        "PolicyId": entity.id,
        "Arn": arn(call, POLICY, entity),
        "Path": entity.path,
        "DefaultVersionId": f"v{entity.default_version}",
        "AttachmentCount": attached.get(entity.id, 0),
        "PermissionsBoundaryUsageCount": bounds.get(entity.id, 0),
        "IsAttachable": True,
        "CreateDate": moment(entity.created_ms),
        "UpdateDate": moment(entity.updated_ms),
    }


def version(entity: Policy, one: Version) -> dict[str, Any]:
    """A version of a managed policy, without its document."""
    return {
        "VersionId": f"v{one.number}",
        "IsDefaultVersion": one.number == entity.default_version,
        "CreateDate": moment(one.created_ms),
    }
