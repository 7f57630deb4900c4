"""Functions and their tags in the store. Each function here runs within a transaction that its caller holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lambent.services.lambda_.layers import repository as layers
from lambent.services.lambda_.record import LATEST, FunctionKey, FunctionRecord, configuration_of, from_row, to_row
from lambent.store import load_queries

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lambent.store import Tx

_SQL = load_queries("lambent.services.lambda_", "functions.sql")


def insert(tx: Tx, record: FunctionRecord) -> None:
    """Keep a new function; its key must be free."""
    tx.execute(_SQL["insert"], to_row(record))


def save(tx: Tx, record: FunctionRecord, *, read: FunctionRecord) -> bool:
    """Keep what became of the record that was `read`; False, and nothing kept, when somebody changed it meanwhile."""
    return tx.execute(_SQL["update"], {**to_row(record), "read_generation": read.generation}) == 1


def load(tx: Tx, key: FunctionKey) -> FunctionRecord | None:
    """One version of a function, None where it does not exist."""
    row = tx.one(_SQL["load"], key._asdict())
    return None if row is None else from_row(row)


def page(tx: Tx, account: str, region: str, *, after: str, count: int) -> list[FunctionRecord]:
    """The next functions by name, at most `count`, behind the name `after`."""
    rows = tx.all(_SQL["page"], {"account": account, "region": region, "after": after, "count": count})
    return [from_row(row) for row in rows]


def page_of_all(
    tx: Tx, account: str, region: str, *, after: str, after_version: str, count: int
) -> list[FunctionRecord]:
    """The same with all versions of each function, behind a version of the function `after`."""
    place = {"after": after, **_place(after_version), "count": count}
    return [from_row(row) for row in tx.all(_SQL["page_of_all"], {"account": account, "region": region, **place})]


def page_of_versions(tx: Tx, key: FunctionKey, *, after: str, count: int) -> list[FunctionRecord]:
    """The next versions of one function, `$LATEST` first, at most `count`, behind the version `after`."""
    params = {**key.names(), **_place(after), "count": count}
    return [from_row(row) for row in tx.all(_SQL["page_of_versions"], params)]


def _place(version: str) -> dict[str, str | int]:
    """Where a version stands among those of its function; an empty one before all of them."""
    if not version:
        return {"length": -1, "version": ""}
    return {"length": 0 if version == LATEST else len(version), "version": version}


def versions(tx: Tx, key: FunctionKey) -> list[FunctionKey]:
    """All versions of a function, `$LATEST` among them, in no order."""
    return [key._replace(version=row["version"]) for row in tx.all(_SQL["versions"], key.names())]


def delete(tx: Tx, key: FunctionKey) -> bool:
    """Forget all versions of a function; False where there is none."""
    tx.execute(_SQL["forget_published"], key.names())
    return tx.execute(_SQL["delete"], key.names()) > 0


def delete_version(tx: Tx, key: FunctionKey) -> bool:
    """Forget one version of a function; False where there is none."""
    return tx.execute(_SQL["delete_version"], key._asdict()) > 0


class Published(NamedTuple):
    """What was published last under a function's name."""

    number: int
    """The highest that was ever given, by functions of that name that are gone too; 0 before the first."""
    content: str | None
    """That of the record; None where the function has not published yet."""


def last_published(tx: Tx, key: FunctionKey) -> Published:
    """What was published last."""
    row = tx.one(_SQL["version_numbers"], key.names())
    return Published(0, None) if row is None else Published(row["last"], row["content"])


def put_published(tx: Tx, key: FunctionKey, published: Published) -> None:
    """Remember what was published."""
    tx.execute(_SQL["put_version_numbers"], {**key.names(), "last": published.number, "content": published.content})


def usage(tx: Tx, account: str, region: str) -> tuple[int, int]:
    """How many functions there are, and the bytes of all their packages and all layers."""
    row = tx.one(_SQL["usage"], {"account": account, "region": region})
    functions, code_bytes = (0, 0) if row is None else (row["functions"], row["code_bytes"])
    return functions, code_bytes + layers.usage(tx, account, region)


def count(tx: Tx) -> int:
    """How many functions there are, of all accounts and regions."""
    row = tx.one(_SQL["count"], {})
    return 0 if row is None else int(row["functions"])


def unsettled(tx: Tx) -> list[FunctionKey]:
    """What a stop of the server left half-way: being created or being updated."""
    return [FunctionKey(**{name: row[name] for name in FunctionKey._fields}) for row in tx.all(_SQL["unsettled"], {})]


def runtimes(tx: Tx) -> list[str]:
    """Every runtime that some function uses."""
    return [row["runtime"] for row in tx.all(_SQL["runtimes"], {})]


def blobs(tx: Tx) -> set[str]:
    """The keys of all packages in use, those of layers among them: a function keeps a layer that was deleted."""
    found = {row["code_blob"] for row in tx.all(_SQL["blobs"], {})}
    for row in tx.all(_SQL["configs_with_layers"], {}):
        found.update(layer.blob for layer in configuration_of(row["config"]).layers)
    return found | layers.blobs(tx)


def set_revision(tx: Tx, key: FunctionKey, revision_id: str) -> None:
    """Give `$LATEST` a new revision without touching anything else."""
    tx.execute(_SQL["set_revision"], {**key.names(), "revision_id": revision_id})


def tags(tx: Tx, account: str, region: str, arn: str) -> dict[str, str]:
    """A resource's tags by key; empty where there are none."""
    rows = tx.all(_SQL["tags"], {"account": account, "region": region, "arn": arn})
    return {row["key"]: row["value"] for row in rows}


def put_tags(tx: Tx, account: str, region: str, arn: str, new: Mapping[str, str]) -> None:
    """Add tags, replacing those whose keys are there already."""
    names = {"account": account, "region": region, "arn": arn}
    tx.executemany(_SQL["put_tag"], [{**names, "key": key, "value": value} for key, value in new.items()])


def remove_tags(tx: Tx, account: str, region: str, arn: str, keys: Iterable[str] | None = None) -> None:
    """Remove these tags; None removes all."""
    names = {"account": account, "region": region, "arn": arn}
    if keys is None:
        tx.execute(_SQL["delete_tags"], names)
    else:
        tx.executemany(_SQL["delete_tag"], [{**names, "key": key} for key in keys])
