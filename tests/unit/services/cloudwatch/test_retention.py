from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from eventloop import turns
from lambent.store import StoreFullError

if TYPE_CHECKING:
    import pytest

    from unit.services.cloudwatch.world import World

DAY_S = 86_400


async def periods(world: World) -> list[tuple[int, float]]:
    """Period and number of samples of each row."""
    rows = await world.store.read(
        lambda tx: tx.all("SELECT period_s, samples FROM cloudwatch_samples ORDER BY start_s, period_s", {})
    )
    return [(row["period_s"], row["samples"]) for row in rows]


async def put_minutes(world: World, count: int, **datum: Any) -> None:
    for minute in range(count):
        at = world.clock.now() + timedelta(minutes=minute)
        await world.put({"Values": [1.0, float(minute)], "Timestamp": at, **datum})


async def test_a_pass_that_fails_is_said_and_the_next_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await put_minutes(world, 5)
    await world.clock.advance(16 * DAY_S)

    async def full(_work: Any) -> Any:
        raise StoreFullError("there is no room")

    with monkeypatch.context() as patch:
        patch.setattr(world.store, "write", full)
        await world.retention.run_once()
    assert "metrics could not be rolled up" in caplog.text
    assert len(await periods(world)) == 5
    await world.retention.run_once()
    assert await periods(world) == [(300, 10.0)]


async def test_samples_are_rolled_up_step_by_step_and_gone_at_last(world: World) -> None:
    await put_minutes(world, 70)
    await world.retention.run_once()
    assert await periods(world) == [(60, 2.0)] * 70

    await world.clock.advance(16 * DAY_S)
    await world.retention.run_once()
    assert await periods(world) == [(300, 10.0)] * 14

    await world.clock.advance(50 * DAY_S)
    await world.retention.run_once()
    assert await periods(world) == [(3600, 120.0), (3600, 20.0)]

    await world.clock.advance(400 * DAY_S)
    await world.retention.run_once()
    assert await periods(world) == []
    assert await world.store.read(lambda tx: tx.all("SELECT id FROM cloudwatch_metrics", {})) == []


async def test_the_same_is_read_before_and_after(world: World) -> None:
    await put_minutes(world, 30)
    start = world.clock.now()
    span: dict[str, Any] = {"StartTime": start, "EndTime": start + timedelta(hours=1), "Period": 300}
    await world.clock.advance(16 * DAY_S)
    before = await world.statistics("SampleCount", "Sum", "p90", **span)
    await world.retention.run_once()
    assert await periods(world) == [(300, 10.0)] * 6
    assert await world.statistics("SampleCount", "Sum", "p90", **span) == before
    assert len(before) == 6


async def test_more_rows_than_one_transaction_takes_are_all_rolled_up(world: World) -> None:
    for second in range(0, 1200, 100):
        data = [
            {"Value": 1.0, "Timestamp": world.clock.now() + timedelta(seconds=second + one), "StorageResolution": 1}
            for one in range(100)
        ]
        await world.put(*data)
    assert len(await periods(world)) == 1200
    await world.clock.advance(4 * 3600)
    await world.retention.run_once()
    assert await periods(world) == [(60, 60.0)] * 20


async def test_it_runs_when_something_is_written_and_at_most_once_an_hour(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    passes, run_once = 0, world.retention.run_once

    async def counted() -> None:
        nonlocal passes
        await run_once()
        passes += 1

    monkeypatch.setattr(world.retention, "run_once", counted)
    running = asyncio.create_task(world.retention.run())
    await turns()
    try:
        await world.put({"Value": 1.0})
        while passes < 1:
            await turns()
        await world.put({"Value": 1.0})
        await turns(10)
        await world.clock.advance(3600)
        assert passes == 1
        await world.put({"Value": 1.0})
        while passes < 2:
            await turns()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
