"""The pages under `/_lambent/`, asked as ASGI asks them."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from eventloop import turns
from lambent.admin.app import Admin
from lambent.admin.pages import Pages
from lambent.clock import VirtualClock
from lambent.services.lambda_.code_urls import LIFETIME_S, CodeUrls
from lambent.services.logs.buffer import LogBuffer
from lambent.store import make_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

GROUP = "account=000000000000&region=us-east-1&group=/aws/lambda/f"


class World:
    """The pages, what they show, and a clock that stands still."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.store = make_store(None)
        self.code_urls = CodeUrls(self.clock)
        self.logs = LogBuffer(store=self.store, clock=self.clock)
        self.health = {"status": "ok"}
        self.pages = Pages(
            store=self.store,
            clock=self.clock,
            code_urls=self.code_urls,
            health=lambda: self.health,
            status=self._status,
            exposition=lambda: "lambent_up 1\n",
        )
        self.app = Admin(self.pages.table())

    async def _status(self) -> dict[str, Any]:
        return {"functions": 3}

    async def get(self, target: str, method: str = "GET") -> tuple[int, bytes]:
        """Status and body."""
        path, _, query = target.partition("?")
        scope = {"type": "http", "method": method, "path": path, "query_string": query.encode()}
        sent: list[Mapping[str, Any]] = []

        async def receive() -> Mapping[str, Any]:
            raise AssertionError("no page has a body to read")

        async def send(message: Mapping[str, Any]) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
        return sent[0]["status"], sent[1]["body"]

    async def json(self, target: str) -> Any:
        return json.loads((await self.get(target))[1])

    async def write(self, text: str) -> None:
        self.logs.append("000000000000", "us-east-1", "/aws/lambda/f", "s", [(1, text)])
        await self.logs.run_once()


@pytest.fixture
async def world() -> AsyncIterator[World]:
    one = World()
    await one.store.open()
    yield one
    await one.store.close()


@pytest.mark.parametrize(
    ("target", "method", "status"),
    [
        ("/_lambent/nothing", "GET", 404),
        ("/_lambent/", "GET", 404),
        ("/_lambent/health", "POST", 405),
        ("/_lambent/logs", "GET", 400),
        (f"/_lambent/logs?{GROUP}&position=x", "GET", 400),
        (f"/_lambent/logs?{GROUP}&position={1 << 63}", "GET", 400),
        (f"/_lambent/logs?{GROUP}&tail={1 << 63}", "GET", 400),
        (f"/_lambent/code/{'0' * 64}", "GET", 403),
        (f"/_lambent/code/{'0' * 64}?Expires=x&Signature=ü", "GET", 403),
        ("/_lambent/code/../../etc/passwd", "GET", 404),
    ],
)
async def test_what_is_not_there_is_refused(world: World, target: str, method: str, status: int) -> None:
    found, body = await world.get(target, method)
    assert found == status
    assert json.loads(body)["error"]


async def test_health_is_unavailable_while_the_server_drains(world: World) -> None:
    assert (await world.get("/_lambent/health"))[0] == 200
    world.health["status"] = "draining"
    assert (await world.get("/_lambent/health"))[0] == 503


async def test_a_head_request_has_no_body(world: World) -> None:
    assert await world.get("/_lambent/status", "HEAD") == (200, b"")
    assert await world.json("/_lambent/status") == {"functions": 3}


async def test_logs_go_on_behind_a_position(world: World) -> None:
    await world.write("one\n")
    first = await world.json(f"/_lambent/logs?{GROUP}")
    assert first["events"] == [[1, "s", "one\n"]]
    await world.write("two\n")
    second = await world.json(f"/_lambent/logs?{GROUP}&position={first['position']}")
    assert second["events"] == [[1, "s", "two\n"]]
    assert (await world.json(f"/_lambent/logs?{GROUP}&tail=1"))["events"] == [[1, "s", "two\n"]]
    assert (await world.json(f"/_lambent/logs?{GROUP}x"))["events"] == []


async def test_a_wait_ends_with_the_first_news(world: World) -> None:
    asked = asyncio.create_task(world.json(f"/_lambent/logs?{GROUP}&wait=1"))
    await settle(world)
    assert not asked.done()
    await world.write("news\n")
    assert (await asked)["events"] == [[1, "s", "news\n"]]


async def test_a_wait_without_news_ends_after_twenty_seconds(world: World) -> None:
    asked = asyncio.create_task(world.json(f"/_lambent/logs?{GROUP}&wait=1"))
    await settle(world)
    await world.clock.advance(19.9)
    assert not asked.done()
    await world.clock.advance(0.2)
    assert (await asked)["events"] == []


async def test_the_end_of_the_server_waits_for_nobody_who_waits(world: World) -> None:
    asked = asyncio.create_task(world.json(f"/_lambent/logs?{GROUP}&wait=1"))
    await settle(world)
    world.pages.end_waits()
    assert (await asked)["events"] == []
    assert (await world.json(f"/_lambent/logs?{GROUP}&wait=1"))["events"] == []


async def test_code_is_given_to_who_holds_a_link_and_only_as_long_as_it_is_good(world: World) -> None:
    blob = await world.store.blobs.put(b"a package")
    link = urlsplit(world.code_urls.sign("http://localhost:4566", blob))
    target = f"{link.path}?{link.query}"

    assert await world.get(target) == (200, b"a package")
    assert (await world.get(target.replace(blob, "0" * 64)))[0] == 403
    await world.clock.advance(LIFETIME_S + 1)
    assert (await world.get(target))[0] == 403


async def test_a_link_to_code_that_is_gone_says_so(world: World) -> None:
    link = urlsplit(world.code_urls.sign("http://localhost:4566", "0" * 64))
    assert (await world.get(f"{link.path}?{link.query}"))[0] == 404


async def settle(world: World) -> None:
    """Let a page come to where it waits: its reads are answered by a thread."""
    for _ in range(3):
        await world.store.read(lambda _: None)
        await turns(3)
