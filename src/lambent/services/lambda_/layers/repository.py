"""Layers in the store. Each function here runs within a transaction that its caller holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lambent.services.lambda_.layers.record import from_row, to_row
from lambent.store import load_queries

if TYPE_CHECKING:
    from lambent.services.lambda_.layers.record import LayerName, LayerVersion
    from lambent.store import Tx

_SQL = load_queries("lambent.services.lambda_.layers", "layers.sql")


class Filter(NamedTuple):
    """Which versions a list asks for; None asks for all."""

    runtime: str | None = None
    architecture: str | None = None

    def params(self) -> dict[str, str]:
        """Patterns over the JSON lists that are kept."""
        return {name: "%" if value is None else f'%"{value}"%' for name, value in self._asdict().items()}


def next_version(tx: Tx, layer: LayerName) -> int:
    """A number above all that this layer's versions ever had; the first is 1."""
    tx.execute(_SQL["next_version"], layer._asdict())
    row = tx.one(_SQL["last_version"], layer._asdict())
    if row is None:
        raise AssertionError("a layer whose number was just counted is not there")
    return int(row["last_version"])


def insert(tx: Tx, version: LayerVersion) -> None:
    """Keep a new version."""
    tx.execute(_SQL["insert"], to_row(version))


def load(tx: Tx, layer: LayerName, version: int) -> LayerVersion | None:
    """One version, None where it does not exist."""
    row = tx.one(_SQL["load"], {**layer._asdict(), "version": version})
    return None if row is None else from_row(row)


def set_policy(tx: Tx, version: LayerVersion) -> None:
    """Keep who may use a version."""
    tx.execute(_SQL["set_policy"], to_row(version))


def delete(tx: Tx, layer: LayerName, version: int) -> None:
    """Forget a version; it may not be there."""
    tx.execute(_SQL["delete"], {**layer._asdict(), "version": version})


def versions(tx: Tx, layer: LayerName, wanted: Filter, *, before: int, count: int) -> list[LayerVersion]:
    """A layer's versions below `before`, the newest first, at most `count`."""
    params = {**layer._asdict(), **wanted.params(), "before": before, "count": count}
    return [from_row(row) for row in tx.all(_SQL["versions"], params)]


def newest(tx: Tx, account: str, region: str, wanted: Filter, *, after: str, count: int) -> list[LayerVersion]:
    """Of each layer by name, behind the name `after`, its newest version that is wanted; at most `count`."""
    params = {"account": account, "region": region, **wanted.params(), "after": after, "count": count}
    return [from_row(row) for row in tx.all(_SQL["newest"], params)]


def usage(tx: Tx, account: str, region: str) -> int:
    """The bytes of all zips."""
    row = tx.one(_SQL["usage"], {"account": account, "region": region})
    return 0 if row is None else int(row["code_bytes"])


def blobs(tx: Tx) -> set[str]:
    """The keys of the zips of all versions."""
    return {row["code_blob"] for row in tx.all(_SQL["blobs"], {})}
