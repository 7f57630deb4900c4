import sys
from pathlib import Path

import pytest

from lambent.store.queries import load_queries


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "some_queries"
    folder.mkdir()
    (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    yield_ = folder
    sys.modules.pop("some_queries", None)
    load_queries.cache_clear()
    return yield_


def test_statements_are_found_by_name_without_their_comments(package: Path) -> None:
    (package / "q.sql").write_text("-- name: one\n-- why\nSELECT 1\n\n-- name: two\nSELECT\n    2\n")
    assert dict(load_queries("some_queries", "q.sql")) == {"one": "SELECT 1", "two": "SELECT\n    2"}


@pytest.mark.parametrize("text", ["SELECT 0\n-- name: one\nSELECT 1\n", "-- name: a\nSELECT 1\n-- name: a\nSELECT 2\n"])
def test_a_file_that_is_not_clear_is_refused(package: Path, text: str) -> None:
    (package / "q.sql").write_text(text)
    with pytest.raises(ValueError, match=r"some_queries/q\.sql"):
        load_queries("some_queries", "q.sql")
