"""What IAM keeps, each a row of `iam_entities` with a name of its own within its account and kind.

What differs between kinds is a subclass's fields, which are kept together as JSON. `KINDS` has what AWS calls each, its
limits, and the letters that its unique ids begin with.

Source: IAM user guide, "IAM identifiers" and "IAM and AWS STS quotas".
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import orjson

if TYPE_CHECKING:
    from lambent.store import Row

AWS = "aws"
"""Stands where an account does in policies that AWS manages."""
LINKED = "/aws-service-role/"
"""Where the paths of service-linked roles begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """One thing with a name."""

    id: str
    account: str
    name: str
    path: str
    created_ms: int
    boundary: str | None = None
    """The id of the policy that bounds the permissions of a user or role."""


@dataclass(frozen=True, slots=True, kw_only=True)
class User(Entity):
    """Somebody with access keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Entity):
    """Users that share policies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Role(Entity):
    """What functions run as, and what others assume."""

    trust_policy: str
    description: str | None = None
    max_session_s: int = 3600
    linked_service: str | None = None
    """The service that alone may change it, e.g. `events.amazonaws.com`; None for a role of the customer's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceProfile(Entity):
    """A role as EC2 instances take it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy(Entity):
    """A managed policy; its documents are versions of it."""

    updated_ms: int
    description: str | None = None
    default_version: int = 1
    last_version: int = 1
    """The number that was given last, since numbers are not given twice."""

    @property
    def is_aws(self) -> bool:
        """Whether AWS manages it."""
        return self.account == AWS


@dataclass(frozen=True, slots=True)
class Version:
    """One document of a managed policy."""

    number: int
    document: str
    created_ms: int


@dataclass(frozen=True, slots=True)
class AccessKey:
    """Long-lived credentials of a user."""

    id: str
    user_id: str
    secret: str
    status: str
    """`Active` or `Inactive`."""
    created_ms: int


E = TypeVar("E", bound=Entity)
E_co = TypeVar("E_co", bound=Entity, covariant=True)


@dataclass(frozen=True, slots=True)
class Kind(Generic[E_co]):
    """What is to be known of all entities of a kind.

    name: as in tables and ARNs. word: as in AWS's sentences. member: what shapes call its name. prefix: of its ids.
    quota, most: how AWS calls and sets the limit of how many an account may have.
    """

    record: type[E_co]
    name: str
    word: str
    member: str
    prefix: str
    quota: str
    most: int

    @property
    def title(self) -> str:
        """As in the names of shapes, members and quotas, e.g. `Role`."""
        return self.member.removesuffix("Name")


USER = Kind(User, "user", "user", "UserName", "AIDA", "UsersPerAccount", 5000)
GROUP = Kind(Group, "group", "group", "GroupName", "AGPA", "GroupsPerAccount", 300)
ROLE = Kind(Role, "role", "role", "RoleName", "AROA", "RolesPerAccount", 1000)
INSTANCE_PROFILE = Kind(
    InstanceProfile,
    "instance-profile",
    "Instance Profile",
    "InstanceProfileName",
    "AIPA",
    "InstanceProfilesPerAccount",
    1000,
)
POLICY = Kind(Policy, "policy", "policy", "PolicyName", "ANPA", "CustomerManagedPoliciesPerAccount", 1500)

AnyKind = Kind[Entity]
HOLDERS: tuple[AnyKind, ...] = (USER, GROUP, ROLE)
"""The kinds that policies are put into or attached to."""

_COLUMNS = frozenset(field.name for field in fields(Entity))


def details(entity: Entity) -> str:
    """What is particular to an entity's kind, as it is kept."""
    own = {field.name: getattr(entity, field.name) for field in fields(entity) if field.name not in _COLUMNS}
    return orjson.dumps(own).decode()


def to_row(kind: AnyKind, entity: Entity) -> dict[str, Any]:
    """The columns of an entity."""
    return {
        "id": entity.id,
        "account": entity.account,
        "kind": kind.name,
        "name": entity.name,
        "name_key": name_key(entity.name),
        "path": entity.path,
        "boundary": entity.boundary,
        "details": details(entity),
        "created_at": entity.created_ms,
    }


def from_row(kind: Kind[E], row: Row) -> E:
    """The entity of a row."""
    return kind.record(
        id=row["id"],
        account=row["account"],
        name=row["name"],
        path=row["path"],
        created_ms=row["created_at"],
        boundary=row["boundary"],
        **orjson.loads(row["details"]),
    )


def name_key(name: str) -> str:
    """What two names have in common that differ in case only: an account may have one of them."""
    return name.lower()
