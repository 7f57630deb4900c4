"""An alias: a name for a version, or for two of which each gets its share of the calls. How it is kept, too.

Source: Lambda API reference, AliasConfiguration and AliasRoutingConfiguration.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from lambent.services.lambda_.record import LATEST, FunctionKey
from lambent.services.lambda_.refusals import invalid_parameter, invalid_parameter_untyped
from lambent.store import load_queries

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambent.store import Row, Tx

_SQL = load_queries("lambent.services.lambda_", "aliases.sql")


@dataclass(frozen=True, slots=True)
class Alias:
    """One alias of a function."""

    function: FunctionKey
    name: str
    version: str
    description: str
    revision_id: str
    weights: Mapping[str, float] = field(default_factory=dict)
    """Versions beside `version`, at most one, and their share of the calls, 0 to 1."""

    @property
    def arn(self) -> str:
        """The function's ARN with the alias."""
        return self.function.arn(self.name)

    @property
    def versions(self) -> list[str]:
        """All versions that it names, its own first."""
        return [self.version, *self.weights]

    def view(self) -> dict[str, Any]:
        """The shape AliasConfiguration."""
        view: dict[str, Any] = {
            "AliasArn": self.arn,
            "Name": self.name,
            "FunctionVersion": self.version,
            "Description": self.description,
            "RevisionId": self.revision_id,
        }
        if self.weights:
            view["RoutingConfig"] = {"AdditionalVersionWeights": dict(self.weights)}
        return view


def check_weights(version: str, weights: Mapping[str, float]) -> None:
    """Refuse weights that Lambda refuses beside this version.

    Raises AwsError InvalidParameterValueException.
    """
    if len(weights) > 1:
        raise invalid_parameter("Number of items in AdditionalVersionWeights cannot be greater than 1")
    if version in weights:
        raise invalid_parameter(
            f"Invalid function version {version}. "
            f"Function version {version} is already included in routing configuration."
        )
    if weights and version == LATEST:
        raise invalid_parameter_untyped("$LATEST is not supported for an alias pointing to more than 1 version")


# --- how it is kept


def insert(tx: Tx, alias: Alias) -> None:
    """Keep a new alias; its name must be free."""
    tx.execute(_SQL["insert"], _to_row(alias))


def save(tx: Tx, alias: Alias) -> None:
    """Keep what became of an alias."""
    tx.execute(_SQL["update"], _to_row(alias))


def load(tx: Tx, function: FunctionKey, name: str) -> Alias | None:
    """One alias, None where it does not exist."""
    row = tx.one(_SQL["load"], {**function.names(), "alias": name})
    return None if row is None else _from_row(row)


def page(tx: Tx, function: FunctionKey, *, version: str, after: str, count: int) -> list[Alias]:
    """The next aliases by name, behind the name `after`. version: only those of it, empty for all."""
    params = {**function.names(), "version": version, "after": after, "count": count}
    return [_from_row(row) for row in tx.all(_SQL["page"], params)]


def of_function(tx: Tx, function: FunctionKey) -> list[Alias]:
    """All aliases of a function, by name."""
    return [_from_row(row) for row in tx.all(_SQL["all"], function.names())]


def delete(tx: Tx, function: FunctionKey, name: str) -> bool:
    """Forget an alias; False where there is none."""
    return tx.execute(_SQL["delete"], {**function.names(), "alias": name}) > 0


def delete_all(tx: Tx, function: FunctionKey) -> None:
    """Forget all aliases of a function."""
    tx.execute(_SQL["delete_all"], function.names())


def _to_row(alias: Alias) -> dict[str, Any]:
    return {
        **alias.function.names(),
        "alias": alias.name,
        "version": alias.version,
        "weights": orjson.dumps(dict(alias.weights)).decode(),
        "description": alias.description,
        "revision_id": alias.revision_id,
    }


def _from_row(row: Row) -> Alias:
    return Alias(
        function=FunctionKey(row["account"], row["region"], row["name"]),
        name=row["alias"],
        version=row["version"],
        description=row["description"],
        revision_id=row["revision_id"],
        weights=orjson.loads(row["weights"]),
    )
