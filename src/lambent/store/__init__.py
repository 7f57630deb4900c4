"""The store: transactions on a durable database, signals, blobs. The database is the truth; all else is cache.

May import errors, call, arn, clock and settings. The driver is chosen here and nowhere else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambent.store.contract import Blobs, Row, Store, Tx
from lambent.store.errors import (
    DataDirInUseError,
    MigrationError,
    StoreClosedError,
    StoreError,
    StoreFullError,
)
from lambent.store.queries import load_queries
from lambent.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "Blobs",
    "DataDirInUseError",
    "MigrationError",
    "Row",
    "Store",
    "StoreClosedError",
    "StoreError",
    "StoreFullError",
    "Tx",
    "load_queries",
    "make_store",
]


def make_store(data_dir: Path | None) -> Store:
    """A store below this folder; None keeps everything in memory. `open` starts it."""
    return SqliteStore(data_dir)
