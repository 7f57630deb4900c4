"""The loops that do everything behind the API: woken by signals and by the clock, and by nothing else."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from lambent.store import StoreFullError
from unit.services.events.world import QUEUE, TAKEN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from unit.services.events.world import World

TARGET = {"Arn": QUEUE, "RoleArn": "arn:aws:iam::123456789012:role/r"}


@asynccontextmanager
async def running(world: World) -> AsyncIterator[None]:
    parts = (world.courier, world.timetable, world.archivist, world.firing)
    loops = [asyncio.create_task(part.run()) for part in parts]
    yield
    for loop in loops:
        loop.cancel()
    assert all(isinstance(end, asyncio.CancelledError) for end in await asyncio.gather(*loops, return_exceptions=True))


async def test_an_event_is_handed_over_when_it_comes(world: World) -> None:
    await world.rule()
    with world.store.signals.subscribe(TAKEN) as news:
        async with running(world):
            for _ in range(3):
                await world.put()
                await news.wait()
    assert len(await world.taken()) == 3


async def test_schedules_of_both_kinds_fire_by_the_clock(world: World) -> None:
    with world.store.signals.subscribe(TAKEN) as news:
        async with running(world):
            await world.call("PutRule", Name="s", ScheduleExpression="rate(1 hour)")
            await world.call("PutTargets", Rule="s", Targets=[{"Id": "t", "Arn": QUEUE}])
            await world.schedule(
                "CreateSchedule",
                Name="s",
                ScheduleExpression="rate(1 day)",
                FlexibleTimeWindow={"Mode": "OFF"},
                Target=TARGET,
            )
            await news.wait()
            await world.clock.advance(3600)
            await news.wait()
    assert [event["source"] for event in await world.bodies()] == ["aws.scheduler", "aws.events"]


@pytest.mark.parametrize("part", ["courier", "timetable", "archivist", "firing"])
async def test_a_store_that_fails_is_tried_again_later(
    world: World, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = asyncio.Event()
    calls = 0

    async def once() -> float | None:
        nonlocal calls
        calls += 1
        if calls == 1:
            tried.set()
            raise StoreFullError("full")
        tried.set()
        return None

    loop = getattr(world, part)
    monkeypatch.setattr(loop, "run_once", once)
    task = asyncio.create_task(loop.run())
    await tried.wait()
    tried.clear()
    await world.clock.advance(5)
    await tried.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert calls == 2
