"""Tags of users, roles, instance profiles and policies.

Keys of users' and roles' tags are the same whatever their case; those of other entities are not.

Source: IAM user guide, "Tags for AWS Identity and Access Management resources".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambent.services.iam import repository
from lambent.services.iam.names import addressed, existing_policy, own_policy
from lambent.services.iam.paging import page
from lambent.services.iam.record import POLICY, ROLE, USER
from lambent.services.iam.refusals import invalid_input, quota_exceeded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lambent.call import Call, Output, Params
    from lambent.services.iam.context import Iam
    from lambent.services.iam.record import AnyKind, Entity
    from lambent.services.iam.table import Operation
    from lambent.store import Tx

_MOST = 50


def put(tx: Tx, kind: AnyKind, entity: Entity, new: Iterable[Mapping[str, str]]) -> None:
    """Add tags. Raises AwsError InvalidInput for keys that come twice, LimitExceeded."""
    by_key: dict[str, Mapping[str, str]] = {}
    for tag in new:
        key = _same(kind, tag["Key"])
        if key in by_key:
            text = "Duplicate tag keys found."
            raise invalid_input(f"{text} Please note that Tag keys are case insensitive." if _folds(kind) else text)
        by_key[key] = tag
    repository.put_tags(tx, entity, by_key)
    if len(repository.tags(tx, entity)) > _MOST:
        raise quota_exceeded(f"TagsPer{kind.title}", _MOST)


def tag(kind: AnyKind) -> Operation:
    """TagRole and its kin."""

    async def operation(service: Iam, call: Call, params: Params) -> Output:
        def work(tx: Tx) -> None:
            put(tx, kind, _changeable(tx, call, kind, params), params["Tags"])

        await service.store.write(work)
        return {}

    return operation


def untag(kind: AnyKind) -> Operation:
    """UntagRole and its kin; keys that are not there are ignored."""

    async def operation(service: Iam, call: Call, params: Params) -> Output:
        def work(tx: Tx) -> None:
            keys = [_same(kind, key) for key in params["TagKeys"]]
            repository.remove_tags(tx, _changeable(tx, call, kind, params), keys)

        await service.store.write(work)
        return {}

    return operation


def list_tags(kind: AnyKind) -> Operation:
    """ListRoleTags and its kin."""

    async def operation(service: Iam, call: Call, params: Params) -> Output:
        def work(tx: Tx) -> list[dict[str, str]]:
            if kind is POLICY:
                return repository.tags(tx, existing_policy(tx, call, params["PolicyArn"]))
            return repository.tags(tx, addressed(tx, call, kind, params))

        found = await service.store.read(work)
        # Keys of tags may be longer than markers.
        shown, more = page(enumerate(found), lambda pair: f"{pair[0]:02d}", params)
        return {"Tags": [tag for _, tag in shown], **more}

    return operation


def _changeable(tx: Tx, call: Call, kind: AnyKind, params: Params) -> Entity:
    if kind is POLICY:
        return own_policy(tx, call, params["PolicyArn"], "Cannot tag policies outside your own account.")
    return addressed(tx, call, kind, params)


def _same(kind: AnyKind, key: str) -> str:
    return key.lower() if _folds(kind) else key


def _folds(kind: AnyKind) -> bool:
    return kind is USER or kind is ROLE
