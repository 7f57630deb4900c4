"""What is attached to functions, versions and aliases, and goes with them. Runs within a caller's transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambent.services.lambda_ import alias
from lambent.services.lambda_.urls import repository as urls
from lambent.store import load_queries

if TYPE_CHECKING:
    from lambent.services.lambda_.record import FunctionKey
    from lambent.store import Tx

_SQL = load_queries("lambent.services.lambda_", "dependents.sql")
_QUALIFIED = ("policies", "provisioned_concurrency", "event_invoke_configs", "runtime_management")
_EVERY = "*"
"""Stands in no qualifier."""


def forget_qualifier(tx: Tx, function: FunctionKey, qualifier: str) -> None:
    """Forget what is attached to a version or an alias."""
    for table in _QUALIFIED:
        tx.execute(_SQL[table], {**function.names(), "qualifier": qualifier})
    urls.delete(tx, function.account, function.region, function.name, qualifier)


def forget_function(tx: Tx, function: FunctionKey) -> None:
    """Forget what is attached to a function, to all its versions and all its aliases, and the aliases themselves."""
    forget_qualifier(tx, function, _EVERY)
    tx.execute(_SQL["function_settings"], function.names())
    alias.delete_all(tx, function)
    urls.delete_all(tx, function.account, function.region, function.name)
