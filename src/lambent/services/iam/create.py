"""What the creation of all entities has in common: a free name, a limit, tags, and a boundary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambent.access_keys import new_unique_id
from lambent.services.iam import repository, tags
from lambent.services.iam.names import check_free, policy
from lambent.services.iam.refusals import no_such_entity, quota_exceeded

if TYPE_CHECKING:
    from lambent.call import Call, Params
    from lambent.services.iam.context import Iam
    from lambent.services.iam.record import AnyKind, Entity
    from lambent.store import Tx


def columns(service: Iam, call: Call, kind: AnyKind, params: Params) -> dict[str, Any]:
    """The fields of a new entity that do not depend on its kind."""
    return {
        "id": new_unique_id(kind.prefix, call.account),
        "account": call.account,
        "name": params[kind.member],
        "path": params.get("Path") or "/",
        "created_ms": service.now_ms(),
    }


def keep(tx: Tx, kind: AnyKind, entity: Entity, params: Params) -> None:
    """Keep a new entity with its tags. Raises AwsError EntityAlreadyExists, LimitExceeded, InvalidInput."""
    check_free(tx, kind, entity.account, entity.name)
    if repository.count(tx, kind, entity.account) >= kind.most:
        raise quota_exceeded(kind.quota, kind.most)
    repository.insert(tx, kind, entity)
    tags.put(tx, kind, entity, params.get("Tags") or [])


def boundary(tx: Tx, call: Call, arn: str | None) -> str | None:
    """The id of the policy that is to be a boundary, None where there is to be none. Raises AwsError NoSuchEntity."""
    if not arn:
        return None
    found = policy(tx, call, arn)
    if found is None:
        raise no_such_entity(f"Scope ARN: {arn} does not exist or is not attachable.")
    return found.id
