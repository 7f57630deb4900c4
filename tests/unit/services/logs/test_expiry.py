from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from eventloop import turns
from lambent.store import StoreError
from unit.services.logs.world import DAY_MS, GROUP

if TYPE_CHECKING:
    from unit.services.logs.world import World

DAY_S = 86_400


@pytest.fixture
async def running(world: World) -> asyncio.Task[None]:
    return asyncio.create_task(world.expiry.run())


async def stop(running: asyncio.Task[None]) -> None:
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def chunks_become(world: World, count: int) -> None:
    """Wait until the loop has done its work; time stands still meanwhile."""
    while await world.rows("log_chunks") != count:
        await turns()


@pytest.mark.parametrize("days", [0, 2, 4, 3654, -1])
async def test_a_retention_that_aws_does_not_have_is_refused(world: World, days: int) -> None:
    await world.make()
    code, text = await world.refused("PutRetentionPolicy", logGroupName=GROUP, retentionInDays=days)
    assert code == "InvalidParameterException"
    assert (text or "").startswith("Invalid retention value. Valid values are: [1, 3, 5, 7, 14,")


async def test_a_retention_is_shown_until_it_is_taken_back(world: World) -> None:
    await world.make()
    await world.call("PutRetentionPolicy", logGroupName=GROUP, retentionInDays=7)
    (group,) = (await world.call("DescribeLogGroups"))["logGroups"]
    assert group["retentionInDays"] == 7
    await world.call("DeleteRetentionPolicy", logGroupName=GROUP)
    (group,) = (await world.call("DescribeLogGroups"))["logGroups"]
    assert "retentionInDays" not in group


async def test_only_what_is_over_is_removed(world: World) -> None:
    await world.log("s", (-2 * DAY_MS, "over"), (-DAY_MS + 1000, "fine"))
    await world.log("s", (-3 * DAY_MS, "kept for ever"), group="other")
    await world.call("PutRetentionPolicy", logGroupName=GROUP, retentionInDays=1)
    await world.expiry.run_once()
    assert await world.messages("FilterLogEvents") == ["fine"]
    assert await world.messages("FilterLogEvents", logGroupName="other") == ["kept for ever"]
    assert await world.rows("log_chunks") == 2
    (group, _) = (await world.call("DescribeLogGroups"))["logGroups"]
    assert group["storedBytes"] == 4 + 26


async def test_events_go_when_their_time_has_come(world: World, running: asyncio.Task[None]) -> None:
    await world.call("CreateLogGroup", logGroupName=GROUP)
    await world.call("PutRetentionPolicy", logGroupName=GROUP, retentionInDays=1)
    await world.log("s", (0, "a"))
    await world.clock.advance(DAY_S - 1)
    assert await world.rows("log_chunks") == 1
    for _ in range(3):
        await world.clock.advance(3600)
        await world.rows("log_chunks")
    await chunks_become(world, 0)
    await stop(running)


async def test_what_is_deleted_goes_at_once(world: World, running: asyncio.Task[None]) -> None:
    await world.log("s", *[(number * 100_000, "x") for number in range(450)])
    await world.log("t", (0, "x"))
    await world.call("DeleteLogStream", logGroupName=GROUP, logStreamName="s")
    await chunks_become(world, 1)
    await world.call("DeleteLogGroup", logGroupName=GROUP)
    await chunks_become(world, 0)
    await stop(running)


async def test_what_a_stop_left_half_way_is_finished_with_the_next_start(world: World) -> None:
    await world.log("s", (0, "x"))
    await world.call("DeleteLogGroup", logGroupName=GROUP)
    running = asyncio.create_task(world.expiry.run())
    await chunks_become(world, 0)
    await stop(running)


async def test_nothing_runs_while_nothing_ends(world: World, running: asyncio.Task[None]) -> None:
    await world.log("s", (0, "x"))
    await world.clock.run_until_idle()
    assert await world.rows("log_chunks") == 1
    await stop(running)


async def test_a_pass_that_fails_is_told_and_tried_again(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await world.log("s", (0, "x"))
    await world.call("DeleteLogGroup", logGroupName=GROUP)

    async def fail(_: object) -> None:
        raise StoreError("no")

    with monkeypatch.context() as broken:
        broken.setattr(world.store, "write", fail)
        await world.expiry.run_once()
    assert "could not be removed" in caplog.text
    await world.expiry.run_once()
    assert await world.rows("log_chunks") == 0
