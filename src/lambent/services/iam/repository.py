"""What IAM keeps, in the store. Each function here runs within a transaction that its caller holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambent.services.iam.record import AccessKey, Version, from_row, name_key, to_row
from lambent.store import load_queries

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lambent.services.iam.record import AnyKind, E, Entity, Kind
    from lambent.store import Row, Tx

_SQL = load_queries("lambent.services.iam", "iam.sql")

# --- entities


def insert(tx: Tx, kind: AnyKind, entity: Entity) -> None:
    """Keep a new entity; its name must be free."""
    tx.execute(_SQL["insert"], to_row(kind, entity))


def save(tx: Tx, kind: AnyKind, entity: Entity) -> None:
    """Keep what became of an entity."""
    tx.execute(_SQL["update"], to_row(kind, entity))


def delete(tx: Tx, entity: Entity) -> None:
    """Forget an entity with its tags, policies and attachments; nothing else may refer to it."""
    tx.execute(_SQL["delete"], {"id": entity.id})


def load(tx: Tx, kind: Kind[E], account: str, name: str) -> E | None:
    """The entity with this name, in whatever case; None where there is none."""
    row = tx.one(_SQL["load"], {"account": account, "kind": kind.name, "name_key": name_key(name)})
    return None if row is None else from_row(kind, row)


def load_by_id(tx: Tx, kind: Kind[E], entity_id: str) -> E | None:
    """The entity with this id, None where there is none."""
    row = tx.one(_SQL["load_by_id"], {"kind": kind.name, "id": entity_id})
    return None if row is None else from_row(kind, row)


def page(tx: Tx, kind: Kind[E], account: str, *, prefix: str, after: str, count: int) -> list[E]:
    """The next entities by name, at most `count`, behind the name key `after`, whose paths begin with `prefix`."""
    params = {"account": account, "kind": kind.name, "prefix": prefix, "after": after, "count": count}
    return [from_row(kind, row) for row in tx.all(_SQL["page"], params)]


def everything(tx: Tx, kind: Kind[E], account: str) -> list[E]:
    """All entities of a kind by name."""
    return [from_row(kind, row) for row in tx.all(_SQL["all"], {"account": account, "kind": kind.name})]


def count(tx: Tx, kind: AnyKind, account: str) -> int:
    """How many entities of a kind an account has."""
    return _number(tx.one(_SQL["count"], {"account": account, "kind": kind.name}))


def counts(tx: Tx, account: str) -> dict[str, int]:
    """How many entities an account has, by the names of their kinds."""
    return {row["kind"]: row["number"] for row in tx.all(_SQL["counts"], {"account": account})}


# --- tags


def tags(tx: Tx, entity: Entity) -> list[dict[str, str]]:
    """An entity's tags by key, as shapes have them."""
    return [{"Key": row["key"], "Value": row["value"]} for row in tx.all(_SQL["tags"], {"entity_id": entity.id})]


def put_tags(tx: Tx, entity: Entity, new: Mapping[str, Mapping[str, str]]) -> None:
    """Add tags by what makes their keys the same, replacing those that are there already."""
    rows = [
        {"entity_id": entity.id, "tag_key": same, "key": tag["Key"], "value": tag["Value"]} for same, tag in new.items()
    ]
    tx.executemany(_SQL["put_tag"], rows)


def remove_tags(tx: Tx, entity: Entity, keys: Iterable[str]) -> None:
    """Remove tags; keys that are not there are ignored."""
    tx.executemany(_SQL["delete_tag"], [{"entity_id": entity.id, "tag_key": key} for key in keys])


# --- policies


def inline_policies(tx: Tx, entity: Entity) -> dict[str, str]:
    """Documents of an entity's own policies by name."""
    rows = tx.all(_SQL["inline_policies"], {"entity_id": entity.id})
    return {row["name"]: row["document"] for row in rows}


def put_inline_policy(tx: Tx, entity: Entity, name: str, document: str) -> None:
    """Add a policy, or replace the one with its name."""
    tx.execute(_SQL["put_inline_policy"], {"entity_id": entity.id, "name": name, "document": document})


def delete_inline_policy(tx: Tx, entity: Entity, name: str) -> bool:
    """Remove a policy; False where there is none."""
    return tx.execute(_SQL["delete_inline_policy"], {"entity_id": entity.id, "name": name}) == 1


def attached(tx: Tx, entity: Entity) -> list[str]:
    """The ids of the managed policies that are attached to an entity."""
    return [row["policy_id"] for row in tx.all(_SQL["attached"], {"entity_id": entity.id})]


def attach(tx: Tx, entity: Entity, policy_id: str) -> None:
    """Attach a managed policy; one that is attached already stays."""
    tx.execute(_SQL["attach"], {"entity_id": entity.id, "account": entity.account, "policy_id": policy_id})


def detach(tx: Tx, entity: Entity, policy_id: str) -> bool:
    """Detach a managed policy; False where it was not attached."""
    return tx.execute(_SQL["detach"], {"entity_id": entity.id, "policy_id": policy_id}) == 1


def detach_all(tx: Tx, entity: Entity) -> None:
    """Detach every managed policy."""
    tx.execute(_SQL["detach_all"], {"entity_id": entity.id})


def attachment_counts(tx: Tx, account: str) -> dict[str, int]:
    """To how many entities of the account policies are attached, by their ids."""
    return {row["policy_id"]: row["number"] for row in tx.all(_SQL["attachment_counts"], {"account": account})}


def boundary_counts(tx: Tx, account: str) -> dict[str, int]:
    """How many entities of the account policies bound, by their ids."""
    return {row["policy_id"]: row["number"] for row in tx.all(_SQL["boundary_counts"], {"account": account})}


def attached_to(tx: Tx, kind: Kind[E], account: str, policy_id: str) -> list[E]:
    """The entities of a kind that a policy is attached to."""
    rows = tx.all(_SQL["attached_to"], {"account": account, "kind": kind.name, "policy_id": policy_id})
    return [from_row(kind, row) for row in rows]


def bounded_by(tx: Tx, kind: Kind[E], account: str, policy_id: str) -> list[E]:
    """The entities of a kind that a policy bounds."""
    rows = tx.all(_SQL["bounded_by"], {"account": account, "kind": kind.name, "policy_id": policy_id})
    return [from_row(kind, row) for row in rows]


def versions(tx: Tx, policy_id: str) -> list[Version]:
    """A managed policy's versions, the newest first."""
    rows = tx.all(_SQL["versions"], {"policy_id": policy_id})
    return [Version(row["number"], row["document"], row["created_at"]) for row in rows]


def version_count(tx: Tx, account: str) -> int:
    """How many versions all of an account's policies have."""
    return _number(tx.one(_SQL["version_count"], {"account": account}))


def put_version(tx: Tx, policy_id: str, version: Version) -> None:
    """Keep a new version."""
    row = {"number": version.number, "document": version.document, "created_at": version.created_ms}
    tx.execute(_SQL["put_version"], {"policy_id": policy_id, **row})


def delete_version(tx: Tx, policy_id: str, number: int) -> None:
    """Forget a version."""
    tx.execute(_SQL["delete_version"], {"policy_id": policy_id, "number": number})


# --- users in groups, roles in instance profiles


def put_member(tx: Tx, holder: Entity, member: Entity) -> None:
    """Add a member; one that is there already stays."""
    tx.execute(_SQL["put_member"], {"holder_id": holder.id, "member_id": member.id})


def delete_member(tx: Tx, holder: Entity, member: Entity) -> bool:
    """Remove a member; False where it was none."""
    return tx.execute(_SQL["delete_member"], {"holder_id": holder.id, "member_id": member.id}) == 1


def members(tx: Tx, kind: Kind[E], holder: Entity) -> list[E]:
    """What a group or an instance profile has, all of one kind, by name."""
    return [from_row(kind, row) for row in tx.all(_SQL["members"], {"id": holder.id})]


def holders(tx: Tx, kind: Kind[E], member: Entity) -> list[E]:
    """The groups of a user, or the instance profiles of a role, by name."""
    return [from_row(kind, row) for row in tx.all(_SQL["holders"], {"id": member.id})]


# --- access keys


def insert_key(tx: Tx, key: AccessKey) -> None:
    """Keep a new access key."""
    row = {"id": key.id, "user_id": key.user_id, "secret": key.secret, "status": key.status}
    tx.execute(_SQL["insert_key"], {**row, "created_at": key.created_ms})


def key(tx: Tx, key_id: str) -> AccessKey | None:
    """One access key, None where there is none."""
    row = tx.one(_SQL["key"], {"id": key_id})
    return None if row is None else _key(row)


def keys(tx: Tx, user: Entity) -> list[AccessKey]:
    """A user's access keys, the oldest first."""
    return [_key(row) for row in tx.all(_SQL["keys"], {"user_id": user.id})]


def set_key_status(tx: Tx, key_id: str, status: str) -> None:
    """Switch a key on or off."""
    tx.execute(_SQL["set_key_status"], {"id": key_id, "status": status})


def delete_key(tx: Tx, key_id: str) -> None:
    """Forget a key."""
    tx.execute(_SQL["delete_key"], {"id": key_id})


# --- of the account


def alias(tx: Tx, account: str) -> str | None:
    """An account's alias, None where it has none."""
    row = tx.one(_SQL["alias"], {"account": account})
    return None if row is None else str(row["alias"])


def account_of_alias(tx: Tx, name: str) -> str | None:
    """The account that has an alias, None where none has."""
    row = tx.one(_SQL["account_of_alias"], {"alias": name})
    return None if row is None else str(row["account"])


def put_alias(tx: Tx, account: str, name: str) -> None:
    """Give an account its alias, which must be free."""
    tx.execute(_SQL["put_alias"], {"account": account, "alias": name})


def delete_alias(tx: Tx, account: str, name: str) -> bool:
    """Take an alias from its account; False where it is another's or nobody's."""
    return tx.execute(_SQL["delete_alias"], {"account": account, "alias": name}) == 1


def put_deletion(tx: Tx, account: str, task_id: str, now_ms: int) -> None:
    """Remember that a service-linked role was deleted."""
    tx.execute(_SQL["put_deletion"], {"account": account, "task_id": task_id, "created_at": now_ms})


def has_deletion(tx: Tx, account: str, task_id: str) -> bool:
    """Whether this deletion of a service-linked role took place."""
    return tx.one(_SQL["deletion"], {"account": account, "task_id": task_id}) is not None


def _key(row: Row) -> AccessKey:
    return AccessKey(row["id"], row["user_id"], row["secret"], row["status"], row["created_at"])


def _number(row: Row | None) -> int:
    return 0 if row is None else int(row["number"])
