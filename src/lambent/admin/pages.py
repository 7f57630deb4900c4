"""The pages under `/_lambent/`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from lambent.admin.app import Answer, json_answer
from lambent.services.cloudwatch import prometheus
from lambent.services.logs import reader

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from lambent.admin.app import Request
    from lambent.clock import Clock
    from lambent.services.lambda_.code_urls import CodeUrls
    from lambent.store import Store

_FOLLOW_S = 20.0
_LARGEST = (1 << 63) - 1
"""Of the store's numbers."""


class Pages:
    """What is answered under `/_lambent/`."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        code_urls: CodeUrls,
        health: Callable[[], dict[str, Any]],
        status: Callable[[], Awaitable[dict[str, Any]]],
        exposition: Callable[[], str],
    ) -> None:
        """`health`, `status`, `exposition` (Prometheus' text): what the server says of itself."""
        self._store = store
        self._clock = clock
        self._code_urls = code_urls
        self._health = health
        self._status = status
        self._exposition = exposition
        self._ending = False
        self._waits: set[asyncio.Event] = set()

    def end_waits(self) -> None:
        """Answer who waits for news now, and let nobody wait from here on: the server is about to end."""
        self._ending = True
        for wait in self._waits:
            wait.set()

    def table(self) -> dict[str, Callable[[Request], Awaitable[Answer]]]:
        """The pages by the pattern of their paths."""
        return {
            "health": self.health,
            "status": self.status,
            "metrics": self.metrics,
            "logs": self.logs,
            "code/(?P<blob>[0-9a-f]{64})": self.code,
        }

    async def health(self, _request: Request) -> Answer:
        """Whether the server is ready: 200, or 503 while it drains."""
        facts = self._health()
        return json_answer(facts, 200 if facts["status"] == "ok" else 503)

    async def status(self, _request: Request) -> Answer:
        """What is in force, and how much of everything there is."""
        return json_answer(await self._status())

    async def metrics(self, _request: Request) -> Answer:
        """The metrics of functions and environments since the start, for Prometheus."""
        return Answer(200, prometheus.CONTENT_TYPE, self._exposition().encode())

    async def logs(self, request: Request) -> Answer:
        """Log events of one group as `[[epoch ms, stream, text], …]`, and the position behind them.

        Query: account, region, group; `position` to go on from, or `tail` for the last so many batches; `wait=1` waits
        up to 20 s for something new.
        """
        query = request.query
        try:
            where = (query["account"], query["region"], query["group"])
            position, tail = int(query.get("position", "0")), int(query.get("tail", "0"))
        except (KeyError, ValueError):
            return json_answer({"error": "account, region and group are needed; position and tail are numbers"}, 400)
        if not (0 <= position <= _LARGEST and tail <= _LARGEST):
            return json_answer({"error": f"position and tail lie between 0 and {_LARGEST}"}, 400)
        if tail > 0:
            position = await reader.tail_position(self._store, *where, tail)
        page = await reader.after(self._store, *where, position)
        if not page.events and query.get("wait") == "1" and not self._ending:
            page = await self._next(where, position)
        return json_answer({"events": page.events, "position": page.position})

    async def code(self, request: Request) -> Answer:
        """A deployment package, for who holds a signed link."""
        blob = request.groups["blob"]
        if not self._code_urls.allows(blob, request.query):
            return json_answer({"error": "the link is not valid, or is over: ask GetFunction for a new one"}, 403)
        data = await self._store.blobs.get(blob)
        if data is None:
            return json_answer({"error": "the function has other code now"}, 404)
        return Answer(200, "application/zip", data)

    async def _next(self, where: tuple[str, str, str], position: int) -> reader.Page:
        """Wait for the group's next batch, and read it."""
        with self._store.signals.subscribe(reader.topic(*where)) as news:
            page = await reader.after(self._store, *where, position)
            if page.events:
                return page
            over = asyncio.Event()
            self._waits.add(over)
            timer = self._clock.call_later(_FOLLOW_S, over.set)
            waits = [asyncio.ensure_future(news.wait()), asyncio.ensure_future(over.wait())]
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                timer.cancel()
                self._waits.discard(over)
                for wait in waits:
                    wait.cancel()
        return await reader.after(self._store, *where, position)
