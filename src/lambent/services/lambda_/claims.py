"""What functions claim of their account's concurrency: how it is kept, and how it adds up.

Provisioned concurrency of an alias belongs to the versions that it leads to, in the proportion of their weights, and
moves with the alias. Each function here runs within a transaction that its caller holds, if it needs one.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambent.invoke.concurrency import Claims
from lambent.services.lambda_ import alias, function_settings
from lambent.services.lambda_.qualified import is_alias
from lambent.services.lambda_.record import FunctionKey
from lambent.store import load_queries

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lambent.services.lambda_.alias import Alias
    from lambent.store import Row, Tx

_SQL = load_queries("lambent.services.lambda_", "provisioned.sql")


@dataclass(frozen=True, slots=True)
class Provisioned:
    """Provisioned concurrency of a version or an alias, as it was asked for."""

    function: FunctionKey
    qualifier: str
    requested: int
    failure: str | None
    """Why its environments could not be started; what has failed claims nothing."""
    last_modified_ms: int

    def params(self) -> dict[str, str | int]:
        """The columns that name it."""
        return {**self.function.names(), "qualifier": self.qualifier}


def shares(requested: int, weights: Mapping[str, float], version: str) -> dict[str, int]:
    """How many environments each version of an alias gets: the second its weight, rounded down, the first the rest.

    weights: of the versions beside `version`. No version gets more than there are, all together get `requested`.
    """
    found = {other: int(requested * weight) for other, weight in weights.items()}
    found[version] = requested - sum(found.values())
    return {one: count for one, count in found.items() if count}


def by_version(configs: Iterable[Provisioned], aliases: Mapping[str, Alias]) -> dict[str, dict[str, int]]:
    """For each qualifier that has provisioned concurrency and has not failed, how many environments of each version."""
    found = {}
    for config in configs:
        if config.failure is not None:
            continue
        named = aliases.get(config.qualifier)
        if named is not None:
            found[config.qualifier] = shares(config.requested, named.weights, named.version)
        elif not is_alias(config.qualifier):
            found[config.qualifier] = {config.qualifier: config.requested}
    return found


# --- as they are kept


def provisioned_by_version(tx: Tx, function: FunctionKey) -> dict[str, dict[str, int]]:
    """`by_version` of a function as it is now."""
    aliases = {one.name: one for one in alias.of_function(tx, function)}
    return by_version(of_function(tx, function), aliases)


def claims(tx: Tx, function: FunctionKey) -> Claims:
    """What a function claims."""
    together: Counter[str] = Counter()
    for counts in provisioned_by_version(tx, function).values():
        together.update(counts)
    return Claims(function_settings.load(tx, function).reserved_concurrency, dict(together))


def everything(tx: Tx) -> dict[FunctionKey, Claims]:
    """The claims of all functions that have any."""
    provisioned = [FunctionKey(row["account"], row["region"], row["name"]) for row in tx.all(_SQL["functions"], {})]
    return {key: claims(tx, key) for key in {*function_settings.reserved(tx), *provisioned}}


def claimed_by_others(tx: Tx, function: FunctionKey) -> int:
    """What all other functions of the same account and region claim together."""
    return sum(
        each.total
        for key, each in everything(tx).items()
        if (key.account, key.region) == (function.account, function.region) and key.name != function.name
    )


def load(tx: Tx, function: FunctionKey, qualifier: str) -> Provisioned | None:
    """Provisioned concurrency of a version or an alias; None where it has none."""
    row = tx.one(_SQL["load"], {**function.names(), "qualifier": qualifier})
    return None if row is None else _from_row(row)


def of_function(tx: Tx, function: FunctionKey) -> list[Provisioned]:
    """That of all versions and aliases of a function."""
    return [_from_row(row) for row in tx.all(_SQL["of_function"], function.names())]


def page(tx: Tx, function: FunctionKey, *, after: str, count: int) -> list[Provisioned]:
    """The same by qualifier, behind the qualifier `after`, at most `count`."""
    return [_from_row(row) for row in tx.all(_SQL["page"], {**function.names(), "after": after, "count": count})]


def put(tx: Tx, config: Provisioned) -> None:
    """Keep what was asked for; it has not failed yet."""
    tx.execute(
        _SQL["put"],
        {**config.params(), "requested": config.requested, "last_modified": config.last_modified_ms},
    )


def fail(tx: Tx, config: Provisioned, failure: str) -> bool:
    """Keep why it came to nothing; False where something else was asked for meanwhile."""
    asked = {"requested": config.requested, "last_modified": config.last_modified_ms}
    return tx.execute(_SQL["fail"], {**config.params(), **asked, "failure": failure}) > 0


def retry(tx: Tx, function: FunctionKey, qualifier: str) -> None:
    """Let what failed be tried again."""
    tx.execute(_SQL["retry"], {**function.names(), "qualifier": qualifier})


def delete(tx: Tx, function: FunctionKey, qualifier: str) -> None:
    """Forget it; there may be none."""
    tx.execute(_SQL["delete"], {**function.names(), "qualifier": qualifier})


def _from_row(row: Row) -> Provisioned:
    return Provisioned(
        function=FunctionKey(row["account"], row["region"], row["name"]),
        qualifier=row["qualifier"],
        requested=row["requested"],
        failure=row["failure"],
        last_modified_ms=row["last_modified"],
    )
