"""Function URLs in the store. Each function here runs within a transaction that its caller holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambent.services.lambda_.urls.record import from_row, to_row
from lambent.store import load_queries

if TYPE_CHECKING:
    from lambent.services.lambda_.urls.record import FunctionUrl
    from lambent.store import Tx

_SQL = load_queries("lambent.services.lambda_.urls", "urls.sql")


def insert(tx: Tx, url: FunctionUrl) -> None:
    """Keep a new URL; its function and alias must have none."""
    tx.execute(_SQL["insert"], to_row(url))


def save(tx: Tx, url: FunctionUrl) -> None:
    """Keep the new settings of a URL."""
    tx.execute(_SQL["update"], to_row(url))


def load(tx: Tx, account: str, region: str, name: str, alias: str | None) -> FunctionUrl | None:
    """The URL of a function, or of its alias; None where there is none."""
    row = tx.one(_SQL["load"], {"account": account, "region": region, "name": name, "alias": alias or ""})
    return None if row is None else from_row(row)


def by_id(tx: Tx, url_id: str) -> FunctionUrl | None:
    """The URL with this id, of whatever account and region."""
    row = tx.one(_SQL["by_id"], {"id": url_id})
    return None if row is None else from_row(row)


def page(tx: Tx, account: str, region: str, name: str, *, after: str | None, count: int) -> list[FunctionUrl]:
    """A function's URLs, its own first, then by alias: at most `count`, behind the one of the alias `after`.

    after: None begins at the beginning, the empty string behind the function's own.
    """
    names = {"account": account, "region": region, "name": name}
    own = load(tx, account, region, name, None) if after is None else None
    rows = tx.all(_SQL["page"], {**names, "after": after or "", "count": count})
    return [*([own] if own is not None else []), *map(from_row, rows)][:count]


def delete(tx: Tx, account: str, region: str, name: str, alias: str | None) -> None:
    """Forget the URL of a function, or of its alias; there may be none."""
    tx.execute(_SQL["delete"], {"account": account, "region": region, "name": name, "alias": alias or ""})


def delete_all(tx: Tx, account: str, region: str, name: str) -> None:
    """Forget all URLs of a function, its aliases' too."""
    tx.execute(_SQL["delete_all"], {"account": account, "region": region, "name": name})
