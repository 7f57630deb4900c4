"""Temporary credentials: what they stand for, until when, and how they are kept.

They are forgotten a week after their end, so that until then a client is told that they are expired.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import orjson

from lambent.store import load_queries

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambent.store import Tx

_SQL = load_queries("lambent.services.sts", "sts.sql")
_KEPT_MS = 7 * 86_400_000


class Kind(StrEnum):
    """Whom temporary credentials stand for."""

    ROLE = "role"
    """A role that somebody assumed."""
    USER = "user"
    """A user that asked for credentials of its own."""
    FEDERATED = "federated"
    """Somebody whom a user or the account vouches for."""
    ROOT = "root"
    """The account itself."""


@dataclass(frozen=True, slots=True)
class Session:
    """One set of temporary credentials."""

    access_key: str
    account: str
    """The account that they act in: the role's, for a role."""
    kind: Kind
    principal_id: str | None
    """The role's or user's unique id; None where neither is behind them."""
    name: str
    """Of the role or the federated user; empty for others."""
    session: str
    """The session's name; empty for all but roles."""
    secret: str
    token: str
    created_ms: int
    expires_ms: int
    scope: Mapping[str, Any]
    """What narrows the session down: policies, tags, source identity, as parameters named them."""


def insert(tx: Tx, one: Session) -> None:
    """Keep new credentials, and forget some that ended long ago."""
    tx.execute(
        _SQL["insert"],
        {
            "access_key": one.access_key,
            "account": one.account,
            "kind": one.kind,
            "principal_id": one.principal_id,
            "name": one.name,
            "session": one.session,
            "secret": one.secret,
            "token": one.token,
            "scope": orjson.dumps(one.scope).decode(),
            "created_at": one.created_ms,
            "expires_at": one.expires_ms,
        },
    )
    tx.execute(_SQL["forget"], {"before": one.created_ms - _KEPT_MS})


def load(tx: Tx, access_key: str) -> Session | None:
    """The credentials with this key, None where there are none."""
    row = tx.one(_SQL["load"], {"access_key": access_key})
    if row is None:
        return None
    return Session(
        access_key=row["access_key"],
        account=row["account"],
        kind=Kind(row["kind"]),
        principal_id=row["principal_id"],
        name=row["name"],
        session=row["session"],
        secret=row["secret"],
        token=row["token"],
        created_ms=row["created_at"],
        expires_ms=row["expires_at"],
        scope=orjson.loads(row["scope"]),
    )
