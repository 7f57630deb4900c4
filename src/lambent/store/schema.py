"""Brings a database's schema up to date: numbered migrations, frozen once they were released.

Each migration and the note that it ran are one transaction, so that a crash leaves whole steps only.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

from lambent.store.errors import MigrationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_FILE = re.compile(r"(\d{4})_(\w+)\.sql")
_TABLE = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    checksum TEXT NOT NULL
)
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered step."""

    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """Changes when the text does."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def migrations() -> list[Migration]:
    """All steps of this version of Lambent, in order."""
    folder = files("lambent.store").joinpath("migrations")
    found = [
        Migration(int(name[1]), name[2], file.read_text("utf-8"))
        for file in folder.iterdir()
        if (name := _FILE.fullmatch(file.name))
    ]
    return sorted(found, key=lambda step: step.number)


def migrate(connection: sqlite3.Connection, steps: Sequence[Migration]) -> None:
    """Run the steps that this database has not seen.

    connection: in autocommit mode. Raises MigrationError for a database that these steps did not make.
    """
    connection.execute(_TABLE)
    rows = connection.execute("SELECT number, name, checksum FROM schema_migrations").fetchall()
    seen = {number: (name, checksum) for number, name, checksum in rows}
    known = {step.number: step for step in steps}
    for number, (name, checksum) in sorted(seen.items()):
        step = known.get(number)
        if step is None:
            raise MigrationError(
                f"the database was written by a newer Lambent (it has migration {number:04d}_{name}): "
                "use that version, or another data directory"
            )
        if step.checksum != checksum:
            raise MigrationError(
                f"the database was made by another text of migration {number:04d}_{name}: "
                "use the version that made it, or another data directory"
            )
    for step in steps:
        if step.number not in seen:
            _run(connection, step)


def _run(connection: sqlite3.Connection, step: Migration) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in statements(step.sql):
            connection.execute(statement)
        connection.execute(
            "INSERT INTO schema_migrations (number, name, checksum) VALUES (?, ?, ?)",
            (step.number, step.name, step.checksum),
        )
        connection.execute("COMMIT")
    except sqlite3.Error as problem:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise MigrationError(f"migration {step.number:04d}_{step.name} failed: {problem}") from problem


def statements(sql: str) -> Iterator[str]:
    """A script's statements one by one."""
    gathered = ""
    for line in sql.splitlines():
        gathered += line + "\n"
        if sqlite3.complete_statement(gathered):
            yield gathered
            gathered = ""
    if gathered.strip():
        raise ValueError("a statement is not complete")
