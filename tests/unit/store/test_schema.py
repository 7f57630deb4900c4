import sqlite3
from collections.abc import Iterator
from importlib.resources import files

import pytest

from lambent.store.errors import MigrationError
from lambent.store.schema import Migration, migrate, migrations, statements


def tables(connection: sqlite3.Connection) -> dict[str, str]:
    rows = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name != 'schema_migrations'"
    )
    return {name: " ".join(sql.split()) for name, sql in rows}


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    one = sqlite3.connect(":memory:", isolation_level=None)
    yield one
    one.close()


def test_the_chain_of_migrations_gives_the_schema(connection: sqlite3.Connection) -> None:
    migrate(connection, migrations())

    straight = sqlite3.connect(":memory:", isolation_level=None)
    for statement in statements(files("lambent.store").joinpath("schema.sql").read_text("utf-8")):
        straight.execute(statement)
    expected = tables(straight)
    straight.close()
    assert tables(connection) == expected


def test_numbers_have_no_gaps() -> None:
    assert [step.number for step in migrations()] == list(range(1, len(migrations()) + 1))


def test_a_second_run_changes_nothing(connection: sqlite3.Connection) -> None:
    migrate(connection, migrations())
    before = tables(connection)
    migrate(connection, migrations())
    assert tables(connection) == before


def test_a_failing_step_leaves_whole_steps_only(connection: sqlite3.Connection) -> None:
    good = Migration(1, "good", "CREATE TABLE a (x INTEGER);")
    bad = Migration(2, "bad", "CREATE TABLE b (x INTEGER);\nCREATE TABLE a (x INTEGER);")

    with pytest.raises(MigrationError, match="0002_bad"):
        migrate(connection, [good, bad])

    assert set(tables(connection)) == {"a"}
    migrate(connection, [good, Migration(2, "mended", "CREATE TABLE b (x INTEGER);")])
    assert set(tables(connection)) == {"a", "b"}


def test_a_database_of_a_newer_version_is_refused(connection: sqlite3.Connection) -> None:
    migrate(connection, [Migration(1, "one", "CREATE TABLE a (x INTEGER);"), Migration(2, "two", "SELECT 1;")])
    with pytest.raises(MigrationError, match="newer Lambent"):
        migrate(connection, [Migration(1, "one", "CREATE TABLE a (x INTEGER);")])


def test_a_changed_migration_is_refused(connection: sqlite3.Connection) -> None:
    migrate(connection, [Migration(1, "one", "CREATE TABLE a (x INTEGER);")])
    with pytest.raises(MigrationError, match="another text"):
        migrate(connection, [Migration(1, "one", "CREATE TABLE a (y INTEGER);")])
