from __future__ import annotations

import json
from typing import Any

import pytest

from lambent.admin.app import Request
from lambent.admin.events import EventPages

WHERE = {"account": "1", "region": "r"}


class Asked:
    """Knows one event, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    async def find(self, request_id: str) -> dict[str, Any] | None:
        return {"id": "a"} if request_id == "a" else None

    async def page(self, *where: Any, **more: Any) -> list[dict[str, Any]]:
        self.asked.append((*where, more))
        return [{"id": "a"}]


@pytest.mark.parametrize("query", [{}, {"account": "1"}, {**WHERE, "count": "x"}, {**WHERE, "count": "0"}])
async def test_a_question_that_makes_no_sense_is_refused(query: dict[str, str]) -> None:
    assert (await EventPages(Asked()).events(Request({}, query))).status == 400


async def test_an_event_that_nobody_knows_is_not_found() -> None:
    assert (await EventPages(Asked()).event(Request({"id": "b"}, {}))).status == 404


async def test_events_are_found_by_function_and_by_id() -> None:
    history = Asked()
    pages = EventPages(history)
    answer = await pages.events(Request({}, {**WHERE, "function": "f", "failed": "1", "count": "5"}))
    assert json.loads(answer.body) == {"events": [{"id": "a"}]}
    assert history.asked == [("1", "r", "f", {"failed": True, "count": 5})]
    assert json.loads((await pages.event(Request({"id": "a"}, {}))).body) == {"id": "a"}
