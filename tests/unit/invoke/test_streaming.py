"""Responses that are taken while they are made."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from eventloop import turns
from lambent.errors import AwsError
from lambent.invoke.streaming import ResponseStream
from lambent.runtime.spec import Outcome

MB = 1 << 20
OUTCOME = Outcome(b"1", "success", False, None, 1.0, 1, None, 30, b"", "stream")


class Flow:
    """Counts how often the function was held up."""

    def __init__(self) -> None:
        self.paused = False
        self.pauses = 0

    def pause(self) -> None:
        self.paused = True
        self.pauses += 1

    def resume(self) -> None:
        self.paused = False


class Called:
    """A call that ends when it is told to."""

    def __init__(self) -> None:
        self.stream = ResponseStream()
        self.flow = Flow()
        self.end: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.task = asyncio.create_task(self._run())

    async def _run(self) -> Any:
        return await self.end

    async def begun(self) -> ResponseStream:
        self.stream.begin("text/x", self.flow)
        await self.stream.start(self.task)
        return self.stream


async def test_what_the_call_raises_is_raised_before_anything_is_answered() -> None:
    called = Called()
    called.end.set_exception(AwsError("TooManyRequestsException", "Rate Exceeded."))
    with pytest.raises(AwsError, match="Rate Exceeded"):
        await called.stream.start(called.task)


async def test_a_response_that_comes_whole_has_no_pieces() -> None:
    called = Called()
    called.end.set_result(OUTCOME)
    await called.stream.start(called.task)
    assert called.stream.content_type is None
    assert [piece async for piece in called.stream.pieces()] == []
    assert called.stream.outcome is OUTCOME


async def test_a_piece_is_there_before_the_call_is_over() -> None:
    called = Called()
    stream = await called.begun()
    assert (stream.content_type, called.task.done()) == ("text/x", False)
    pieces = stream.pieces()
    stream.piece(b"one")
    assert await anext(pieces) == b"one"
    waiting = asyncio.ensure_future(anext(pieces))
    await turns(1)
    stream.piece(b"two")
    assert await waiting == b"two"
    called.end.set_result(OUTCOME)
    assert [piece async for piece in pieces] == []
    assert stream.outcome is OUTCOME


async def test_a_function_that_writes_faster_than_it_is_read_is_held_up() -> None:
    called = Called()
    stream = await called.begun()
    for _ in range(6):
        stream.piece(bytes(MB))
    assert (called.flow.paused, called.flow.pauses) == (True, 1)
    pieces = stream.pieces()
    for _ in range(5):
        await anext(pieces)
    before = called.flow.paused
    await anext(pieces)
    assert (before, called.flow.paused) == (True, False)
    called.end.set_result(None)
    await pieces.aclose()


async def test_nobody_is_let_go_on_behind_the_end_of_the_call() -> None:
    called = Called()
    stream = await called.begun()
    for _ in range(6):
        stream.piece(bytes(MB))
    called.end.set_result(None)
    await called.task
    assert len([piece async for piece in stream.pieces()]) == 6
    assert called.flow.paused


async def test_a_caller_who_leaves_holds_nothing_up() -> None:
    called = Called()
    stream = await called.begun()
    pieces = stream.pieces()
    for _ in range(6):
        stream.piece(bytes(MB))
    await anext(pieces)
    before = called.flow.paused
    await pieces.aclose()
    assert (before, called.flow.paused) == (True, False)
    for _ in range(10):
        stream.piece(bytes(MB))
    assert (called.flow.paused, called.task.done()) == (False, False)
    called.end.set_result(OUTCOME)
    assert await called.task is OUTCOME
