"""Who made a call, told from the access key that signed it.

A key that neither IAM nor STS made stands for the account itself, since any signature is accepted. May import the store
and the port to IAM.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from lambent.arn import partition_of
from lambent.services.sts import session
from lambent.services.sts.refusals import expired, invalid_token
from lambent.services.sts.session import Kind

if TYPE_CHECKING:
    from lambent.call import Call
    from lambent.clock import Clock
    from lambent.services.sts.session import Session
    from lambent.store import Tx


class KnownRole(Protocol):
    """A role, as far as STS has to know it."""

    @property
    def id(self) -> str: ...
    @property
    def max_session_s(self) -> int: ...


class KnownUser(Protocol):
    """A user, as far as STS has to know it."""

    @property
    def id(self) -> str: ...
    @property
    def account(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def path(self) -> str: ...


class KnownKey(Protocol):
    """A long-lived access key, as far as STS has to know it."""

    @property
    def user_id(self) -> str: ...
    @property
    def status(self) -> str: ...


class Principals(Protocol):
    """Users and roles: a port, since they are IAM's. Everything happens within the caller's transaction."""

    def role(self, tx: Tx, account: str, path: str, name: str) -> KnownRole | None:
        """The role with this path and name."""

    def user(self, tx: Tx, user_id: str) -> KnownUser | None:
        """The user with this id."""

    def access_key(self, tx: Tx, key_id: str) -> KnownKey | None:
        """A long-lived access key."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody who calls."""

    account: str
    user_id: str
    arn: str
    kind: Kind
    user_name: str | None = None
    """None for everybody who is no user."""
    principal_id: str | None = None
    """The unique id of the user or role."""
    temporary: bool = False
    """Whether the credentials have an end."""


class Callers:
    """Tells who made a call."""

    def __init__(self, principals: Principals, clock: Clock) -> None:
        self._principals = principals
        self._clock = clock

    def caller(self, tx: Tx, call: Call) -> Identity:
        """Who signed. Raises AwsError ExpiredToken, InvalidClientTokenId (switched off, or its user is gone)."""
        if call.access_key is None:
            return _root(call, call.account)
        temporary = session.load(tx, call.access_key)
        if temporary is not None:
            if temporary.expires_ms <= self._clock.time() * 1000:
                raise expired()
            return self._of_session(tx, call, temporary)
        key = self._principals.access_key(tx, call.access_key)
        if key is None:
            return _root(call, call.account)
        if key.status != "Active":
            raise invalid_token()
        return self._user(tx, call, key.user_id)

    def _of_session(self, tx: Tx, call: Call, one: Session) -> Identity:
        start = f"arn:{partition_of(call.region)}:sts::{one.account}"
        match one.kind:
            case Kind.ROLE:
                arn = f"{start}:assumed-role/{one.name}/{one.session}"
                who = f"{one.principal_id}:{one.session}"
                return Identity(one.account, who, arn, one.kind, principal_id=one.principal_id, temporary=True)
            case Kind.FEDERATED:
                arn = f"{start}:federated-user/{one.name}"
                return Identity(one.account, f"{one.account}:{one.name}", arn, one.kind, temporary=True)
            case Kind.USER if one.principal_id is not None:
                return self._user(tx, call, one.principal_id, temporary=True)
            case _:
                return _root(call, one.account, temporary=True)

    def _user(self, tx: Tx, call: Call, user_id: str, *, temporary: bool = False) -> Identity:
        user = self._principals.user(tx, user_id)
        if user is None:
            raise invalid_token()
        arn = f"arn:{partition_of(call.region)}:iam::{user.account}:user{user.path}{user.name}"
        return Identity(user.account, user.id, arn, Kind.USER, user.name, user.id, temporary)


def _root(call: Call, account: str, *, temporary: bool = False) -> Identity:
    arn = f"arn:{partition_of(call.region)}:iam::{account}:root"
    return Identity(account, account, arn, Kind.ROOT, temporary=temporary)
