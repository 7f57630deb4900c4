"""Resource policies in the store: one for a function, one for each of its versions and aliases.

Each function here runs within a transaction that its caller holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from lambent.services.lambda_.record import LATEST
from lambent.store import load_queries

if TYPE_CHECKING:
    from lambent.services.lambda_.policy import Document
    from lambent.services.lambda_.record import FunctionKey
    from lambent.store import Tx

_SQL = load_queries("lambent.services.lambda_", "policies.sql")


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy and its revision, which is its own and not the function's."""

    document: Document
    text: str
    """The document as clients see it."""
    revision_id: str


def qualifier_of(version: str | None) -> str:
    """The column's value for a version or an alias; that of a function as a whole, which is `$LATEST`, is empty."""
    return "" if version in {None, LATEST} else str(version)


def load(tx: Tx, function: FunctionKey, qualifier: str) -> Policy | None:
    """The policy of a function (qualifier is empty), version or alias; None where there is none."""
    row = tx.one(_SQL["load"], {**function.names(), "qualifier": qualifier})
    return None if row is None else Policy(orjson.loads(row["document"]), row["document"], row["revision_id"])


def put(tx: Tx, function: FunctionKey, qualifier: str, *, text: str, revision_id: str) -> None:
    """Keep a policy in the place of the one before."""
    tx.execute(_SQL["put"], {**function.names(), "qualifier": qualifier, "document": text, "revision_id": revision_id})


def delete(tx: Tx, function: FunctionKey, qualifier: str) -> None:
    """Forget a policy."""
    tx.execute(_SQL["delete"], {**function.names(), "qualifier": qualifier})
