"""The pages under `/_lambent/events`: what became of asynchronous calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from lambent.admin.app import Answer, json_answer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from lambent.admin.app import Request

_MOST = 1000


class EventHistory(Protocol):
    """Knows what became of events."""

    async def find(self, request_id: str) -> dict[str, Any] | None:
        """One event, None where none is known."""

    async def page(
        self, account: str, region: str, name: str | None, *, failed: bool, count: int
    ) -> list[dict[str, Any]]:
        """Events of a function or of all, those that have not ended first."""


class EventPages:
    """What is answered under `/_lambent/events`."""

    def __init__(self, history: EventHistory) -> None:
        self._history = history

    def table(self) -> dict[str, Callable[[Request], Awaitable[Answer]]]:
        """The pages by the pattern of their paths."""
        return {"events": self.events, "events/(?P<id>[0-9A-Za-z-]{1,64})": self.event}

    async def events(self, request: Request) -> Answer:
        """Events by their function.

        Query: account, region; `function` for those of one; `failed=1` for those that ended without success; `count`,
        the most of them, is 100 where it is not said.
        """
        query = request.query
        try:
            account, region, count = query["account"], query["region"], int(query.get("count", "100"))
        except (KeyError, ValueError):
            return json_answer({"error": "account and region are needed; count is a number"}, 400)
        if not 1 <= count <= _MOST:
            return json_answer({"error": f"count lies between 1 and {_MOST}"}, 400)
        failed = query.get("failed") == "1"
        found = await self._history.page(account, region, query.get("function"), failed=failed, count=count)
        return json_answer({"events": found})

    async def event(self, request: Request) -> Answer:
        """One event with all its attempts."""
        found = await self._history.find(request.groups["id"])
        if found is None:
            return json_answer({"error": "no such event is known: those that ended are kept for a week"}, 404)
        return json_answer(found)
