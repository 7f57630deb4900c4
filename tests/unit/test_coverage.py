"""docs/coverage.md says of every operation of Lambda what is true of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from lambent.services.lambda_ import service as lambda_service
from lambent.wire.model import load_service

PAGE = Path(__file__).parents[2] / "docs" / "coverage.md"
ROW = re.compile(r"\| ([A-Z]\w+) \| (done|partly|refused) \| (.*?) ?\|")


def rows() -> dict[str, tuple[str, str]]:
    return {name: (state, text) for name, state, text in ROW.findall(PAGE.read_text("utf-8"))}


def test_every_operation_has_a_row() -> None:
    assert rows().keys() == set(load_service("lambda").botocore.operation_names)


def test_what_is_built_is_not_called_refused_and_the_other_way_round() -> None:
    nothing: Any = None
    built = lambda_service.service(nothing).operations.keys()
    assert {name for name, (state, _) in rows().items() if state != "refused"} == built


def test_what_is_partly_there_says_what_is_missing() -> None:
    assert [name for name, (state, text) in rows().items() if state == "partly" and not text] == []
