from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from eventloop import turns
from lambent.services.cloudwatch import sink as sink_module
from lambent.store import StoreFullError
from unit.services.cloudwatch.world import ACCOUNT, REGION, World, dimensions

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

FUNCTION = dimensions(FunctionName="f")


class Held:
    """A store whose transactions wait until they may go, and may be made to fail."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self._write = world.store.write
        self.go = asyncio.Event()
        self.writes = 0
        self.problem: Exception | None = None
        monkeypatch.setattr(world.store, "write", self.write)

    async def write(self, work: Callable[[Any], Any]) -> Any:
        self.writes += 1
        await self.go.wait()
        if self.problem is not None:
            raise self.problem
        return await self._write(work)


@pytest.fixture
def held(world: World, monkeypatch: pytest.MonkeyPatch) -> Held:
    return Held(world, monkeypatch)


@asynccontextmanager
async def running(world: World) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(world.buffer.run())
    await turns()
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def call(world: World, function: str = "f") -> None:
    counters = world.buffer.sink.function(ACCOUNT, REGION, function, None)
    counters.started()
    counters.succeeded(5)
    counters.ended()


async def invocations(world: World) -> list[float]:
    points = await world.statistics("Sum", metric="Invocations", Namespace="AWS/Lambda", Dimensions=FUNCTION)
    return [point["Sum"] for point in points]


async def rows(world: World) -> int:
    found = await world.store.read(lambda tx: tx.all("SELECT metric_id FROM cloudwatch_samples", {}))
    return len(found)


async def until(world: World, wanted: int) -> None:
    while await rows(world) != wanted:
        await turns()


async def test_what_the_store_refuses_is_said_and_the_next_is_written(
    world: World, held: Held, caplog: pytest.LogCaptureFixture
) -> None:
    held.go.set()
    held.problem = StoreFullError("full")
    call(world)
    await world.buffer.run_once()
    assert "could not be written and are lost" in caplog.text
    held.problem = None
    call(world)
    assert await invocations(world) == [1.0]


async def test_what_is_dropped_is_said(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sink_module, "_MOST_SERIES", 1)
    for number in range(3):
        world.buffer.sink.count(ACCOUNT, REGION, "X", str(number), [], 1)
    await world.buffer.run_once()
    assert "2 samples were dropped" in caplog.text
    caplog.clear()
    await world.buffer.run_once()
    assert caplog.text == ""


async def test_a_pass_that_is_cancelled_is_finished_by_the_next(world: World, held: Held) -> None:
    for number in range(200):
        call(world, f"f{number}")
    passing = asyncio.create_task(world.buffer.run_once())
    await turns(3)
    held.go.set()
    while held.writes < 2:
        await turns()
    passing.cancel()
    await asyncio.gather(passing, return_exceptions=True)
    await world.buffer.run_once()
    points = await world.statistics("SampleCount", metric="Invocations", Namespace="AWS/Lambda")
    assert points[0]["SampleCount"] == 200


async def test_readers_see_all_that_was_counted_before(world: World) -> None:
    call(world)
    assert await invocations(world) == [1.0]
    call(world)
    assert await invocations(world) == [2.0]
    listed = await world.call("ListMetrics", Namespace="AWS/Lambda", Dimensions=FUNCTION)
    assert {one["MetricName"] for one in listed["Metrics"]} == {
        *["ConcurrentExecutions", "Duration", "Errors", "Invocations", "Throttles"]
    }


async def test_readers_wait_for_a_pass_that_is_under_way(world: World, held: Held) -> None:
    call(world)
    passing = asyncio.create_task(world.buffer.run_once())
    await turns(3)
    reading = asyncio.create_task(invocations(world))
    await turns(10)
    assert not reading.done()
    held.go.set()
    assert await reading == [1.0]
    await passing


async def test_it_gathers_for_ten_seconds_and_then_sleeps(world: World, held: Held) -> None:
    held.go.set()
    async with running(world):
        await world.clock.advance(3600)
        assert held.writes == 0
        call(world)
        await world.clock.advance(9)
        assert held.writes == 0
        await world.clock.advance(1)
        await until(world, 15)
        assert held.writes == 1
        await world.clock.advance(3600)
        assert held.writes == 1


async def test_it_gathers_no_longer_than_the_minute(world: World, held: Held) -> None:
    held.go.set()
    async with running(world):
        await world.clock.advance(57)
        call(world)
        await world.clock.advance(3)
        await until(world, 15)


async def test_many_functions_are_written_in_pieces(world: World, held: Held) -> None:
    held.go.set()
    for number in range(100):
        call(world, f"f{number}")
    await world.buffer.run_once()
    assert held.writes == 4
    points = await world.statistics("SampleCount", "p50", metric="Duration", Namespace="AWS/Lambda")
    assert (points[0]["SampleCount"], points[0]["ExtendedStatistics"]) == (100.0, {"p50": 5.0})
