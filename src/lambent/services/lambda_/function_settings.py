"""What is set for a function as a whole, and is not part of its configuration: how it is kept.

Each function here runs within a transaction that its caller holds.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from lambent.services.lambda_.record import FunctionKey
from lambent.store import load_queries

if TYPE_CHECKING:
    from lambent.store import Tx

_SQL = load_queries("lambent.services.lambda_", "function_settings.sql")


@dataclass(frozen=True, slots=True)
class FunctionSettings:
    """None where something was never set, or was removed."""

    reserved_concurrency: int | None = None
    recursive_loop: str | None = None
    """`Allow` or `Terminate`."""
    code_signing_config: str | None = None
    """An ARN."""


def load(tx: Tx, function: FunctionKey) -> FunctionSettings:
    """A function's settings; those of a function that does not exist are unset."""
    row = tx.one(_SQL["load"], function.names())
    if row is None:
        return FunctionSettings()
    return FunctionSettings(row["reserved_concurrency"], row["recursive_loop"], row["code_signing_config"])


def change(tx: Tx, function: FunctionKey, **fields: Any) -> None:
    """Set these and leave the others; None removes."""
    settings = replace(load(tx, function), **fields)
    tx.execute(_SQL["put"], {**function.names(), **asdict(settings)})


def reserved(tx: Tx) -> dict[FunctionKey, int]:
    """The reserved concurrency of every function that has one, of all accounts and regions."""
    return {
        FunctionKey(row["account"], row["region"], row["name"]): row["reserved_concurrency"]
        for row in tx.all(_SQL["reserved"], {})
    }


def page_by_code_signing_config(tx: Tx, arn: str, *, after: str, count: int) -> list[FunctionKey]:
    """The next functions with this code signing configuration, behind the name `after`."""
    rows = tx.all(_SQL["page_by_code_signing_config"], {"arn": arn, "after": after, "count": count})
    return [FunctionKey(row["account"], row["region"], row["name"]) for row in rows]
