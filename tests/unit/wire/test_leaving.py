from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from eventloop import turns
from lambent.wire.leaving import Leaving

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

TARGET = b"Logs_20140328.StartLiveTail"


class Client:
    """Asks, and may leave."""

    def __init__(self) -> None:
        self.left = asyncio.Event()
        self.got: list[bytes] = []

    async def receive(self) -> Mapping[str, Any]:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Mapping[str, Any]) -> None:
        self.got.append(message.get("body", b""))


class Teller:
    """Streams a part whenever it is told to."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.ended = False

    async def __call__(
        self, _scope: object, _receive: object, send: Callable[[dict[str, Any]], Awaitable[None]]
    ) -> None:
        try:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            for number in range(3):
                await send({"type": "http.response.body", "body": b"%d" % number, "more_body": True})
                await self.go.wait()
                self.go.clear()
            await send({"type": "http.response.body", "body": b"end"})
        finally:
            self.ended = True


def asked(client: Client, teller: Teller, path: str = "/", target: bytes = TARGET) -> asyncio.Task[None]:
    scope = {"type": "http", "path": path, "headers": [(b"host", b"h"), (b"x-amz-target", target)]}
    app = Leaving(teller, frozenset({TARGET}))

    async def run() -> None:
        await app(scope, client.receive, client.send)

    return asyncio.create_task(run())


async def test_a_stream_ends_with_its_client() -> None:
    client, teller = Client(), Teller()
    running = asked(client, teller)
    await turns(3)
    client.left.set()
    await turns(3)
    teller.go.set()
    await running
    assert teller.ended
    assert client.got == [b"", b"0"]


async def test_a_client_that_stays_gets_everything() -> None:
    client, teller = Client(), Teller()
    running = asked(client, teller)
    for _ in range(3):
        await turns(3)
        teller.go.set()
    await running
    assert client.got == [b"", b"0", b"1", b"2", b"end"]


@pytest.mark.parametrize(("path", "target"), [("/", b"Logs_20140328.GetLogEvents"), ("/other", TARGET)])
async def test_other_streams_go_on_without_their_clients(path: str, target: bytes) -> None:
    client, teller = Client(), Teller()
    running = asked(client, teller, path, target)
    client.left.set()
    for _ in range(3):
        await turns(3)
        teller.go.set()
    await running
    assert client.got[-1] == b"end"


async def test_what_fails_otherwise_is_not_taken_for_a_client_that_left() -> None:
    async def fail(_scope: object, _receive: object, _send: object) -> None:
        raise ValueError("a bug")

    client = Client()
    scope = {"path": "/", "headers": [(b"x-amz-target", TARGET)]}
    with pytest.raises(ValueError, match="a bug"):
        await Leaving(fail, frozenset({TARGET}))(scope, client.receive, client.send)
