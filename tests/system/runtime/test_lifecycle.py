"""How environments come, are used again, and go."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from eventloop import turns
from lambent.clock import VirtualClock
from lambent.runtime.archive import BadArchive
from lambent.runtime.environments import CapacityExceeded
from lambent.runtime.interpreters import RuntimeUnavailable
from system.runtime.conftest import MODES
from system.runtime.processes import alive, children, descendants, exists, memory_groups_of
from system.runtime.world import ECHO, RUNTIME, running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from lambent.runtime.spec import FunctionSpec, Outcome
    from system.runtime.world import World

pytestmark = pytest.mark.asyncio(loop_scope="session")

# Tells which process runs it, and waits for a file in /tmp of the machine when it is asked to: see `gate`.
WHO = """
import os, uuid
me = str(uuid.uuid4())
def handler(event, context):
    if event:
        print("in")
        open(event).read()
    return me
"""
WAIT = "import time\ndef handler(event, context):\n    print('in')\n    time.sleep(event or 0)\n    return 1\n"


def counts(world: World) -> tuple[int, int]:
    """Environments that exist and that are idle."""
    found = world.environments.describe()["environments"]
    return found["existing"], found["idle"]


async def begin(world: World, spec: FunctionSpec, event: Any) -> asyncio.Task[Outcome]:
    """A call that is under way: the function has printed `in`."""
    seen = world.log(spec).count("in\n")
    task = asyncio.create_task(world.call(spec, event))
    await world.sink.line(spec, "in\n", seen + 1)
    return task


@asynccontextmanager
async def moved(tmp_path: Path, **options: Any) -> AsyncIterator[tuple[World, VirtualClock]]:
    clock = VirtualClock()
    async with running(tmp_path / "run", clock, **options) as world:
        yield world, clock


async def test_an_environment_serves_call_after_call(world: World) -> None:
    spec = world.function(WHO)
    before, _ = counts(world)
    assert len({await world.result(spec) for _ in range(5)}) == 1
    assert counts(world)[0] == before + 1


async def test_calls_at_the_same_time_get_environments_of_their_own(world: World) -> None:
    spec = world.function(
        "import time\nimport uuid\nme = str(uuid.uuid4())\n"
        "def handler(event, context):\n    time.sleep(event)\n    return me\n"
    )
    first = await asyncio.gather(*(world.result(spec, 0.3) for _ in range(5)))
    assert len(set(first)) == 5
    again = await asyncio.gather(*(world.result(spec, 0.1) for _ in range(5)))
    assert set(again) == set(first)
    assert {await world.result(spec, 0) for _ in range(4)} <= set(first)


async def test_twenty_cold_starts_at_once_all_come_up(world: World) -> None:
    specs = [world.function(ECHO) for _ in range(20)]
    assert await asyncio.gather(*(world.result(spec, n) for n, spec in enumerate(specs))) == list(range(20))


async def test_a_new_generation_gets_new_environments(world: World) -> None:
    old = world.function(WHO)
    first = await world.result(old)
    new = replace(world.function(WHO), name=old.name, generation=2, log_group=old.log_group)
    second = await world.result(new)
    assert first != second
    assert await world.result(old) == first
    world.environments.discard(old.account, old.region, old.name, old.version, 2)
    assert await world.result(new) == second


async def test_a_discarded_environment_ends_and_its_code_goes(world: World) -> None:
    spec = world.function(WHO)
    await world.environments.prepare(spec)
    assert (world.run_dir / "code" / spec.code_key).is_dir()
    first = await world.result(spec)
    before = counts(world)

    world.environments.discard(spec.account, spec.region, spec.name, spec.version, 2)

    assert counts(world) == (before[0] - 1, before[1] - 1)
    # Who was on the way already may still run it, in an environment that is not kept.
    assert await world.result(spec) != first
    assert counts(world) == (before[0] - 1, before[1] - 1)


async def test_a_busy_environment_that_is_discarded_ends_after_its_call(world: World) -> None:
    spec = world.function(WAIT)
    before = counts(world)
    call = await begin(world, spec, 0.2)
    world.environments.discard(spec.account, spec.region, spec.name, spec.version, 2)
    assert (await call).payload == b"1"
    assert counts(world) == before


async def test_environments_that_stand_idle_end_when_their_time_is_up(tmp_path: Path) -> None:
    async with moved(tmp_path, idle_timeout_s=600) as (world, clock):
        first, second = world.function(ECHO), world.function(ECHO)
        await world.result(first)
        await clock.advance(400)
        await world.result(second)
        await clock.advance(199)
        assert counts(world) == (2, 2)
        await clock.advance(1)
        assert counts(world) == (1, 1)
        await clock.run_until_idle()
        assert counts(world) == (0, 0)
        assert clock.monotonic() == 1000
        assert await world.result(first, 1) == 1


async def test_there_are_never_more_environments_than_allowed(tmp_path: Path) -> None:
    async with running(tmp_path / "run", max_environments=2) as world:
        one, two, three = (world.function(WAIT) for _ in range(3))
        await world.result(one, 0)
        await world.result(two, 0)
        assert counts(world) == (2, 2)
        # The one that was idle for longest makes room.
        await world.result(three, 0)
        assert counts(world) == (2, 2)
        calls = [await begin(world, spec, 0.3) for spec in (two, three)]
        with pytest.raises(CapacityExceeded):
            await world.call(one, 0)
        assert [json.loads((await call).payload) for call in calls] == [1, 1]
        assert await world.result(one, 0) == 1


async def test_a_caller_that_gives_up_ends_its_environment(world: World) -> None:
    spec = world.function(WAIT)
    before = counts(world)
    call = await begin(world, spec, 600)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert counts(world) == before
    assert await world.result(spec, 0) == 1


async def test_code_that_cannot_be_unpacked_is_refused_and_holds_nothing(world: World) -> None:
    spec = world.function(b"no zip")
    before = counts(world)
    for attempt in (world.environments.prepare(spec), world.call(spec)):
        with pytest.raises(BadArchive):
            await attempt
    assert counts(world) == before


async def test_a_runtime_that_is_no_python_is_refused(world: World) -> None:
    for runtime in ("java21", "python2.7", "python3.x"):
        with pytest.raises(RuntimeUnavailable):
            await world.call(world.function(ECHO, runtime=runtime))


# --- zygotes


async def test_a_zygote_that_is_killed_is_replaced(tmp_path: Path) -> None:
    async with running(tmp_path / "run") as world:
        before, other = world.function(WHO), world.function(WHO)
        first = await world.result(before)
        (zygote,) = world.zygotes

        os.kill(zygote, signal.SIGKILL)

        # What it had forked goes on, and new ones come from a new one.
        assert await world.result(before) == first
        for _ in range(3):
            assert await world.result(world.function(ECHO), 2) == 2
        assert await world.result(other) != first
        assert zygote not in world.zygotes


async def test_an_environment_that_is_killed_is_replaced(confined: World) -> None:
    spec = confined.function(WHO)
    first = await confined.result(spec)
    for pid in supervisors(confined):
        os.kill(pid, signal.SIGKILL)
    for _ in range(100_000):
        if counts(confined) == (0, 0):
            break
        await turns()
    assert await confined.result(spec) != first
    assert counts(confined) == (1, 1)


async def test_a_call_whose_environment_is_killed_is_a_crash(confined: World) -> None:
    spec = confined.function(WAIT)
    call = await begin(confined, spec, 600)
    for pid in supervisors(confined):
        os.kill(pid, signal.SIGKILL)
    outcome = await call
    assert outcome.error_type == "Runtime.ExitError"
    assert json.loads(outcome.payload)["errorMessage"].endswith("Runtime exited with error: signal: killed")
    assert await confined.result(spec, 0) == 1


def supervisors(world: World) -> list[int]:
    """The first processes of all environments."""
    return [child for zygote in world.zygotes for child in children(zygote)]


async def test_prewarmed_zygotes_are_there_before_the_first_call(tmp_path: Path) -> None:
    async with running(tmp_path / "run", prewarm=[RUNTIME, "no such runtime"]) as world:
        spec = world.function(ECHO)
        await world.environments.prepare(spec)
        assert len(world.zygotes) == 1
        assert await world.result(spec, 1) == 1


# --- the end


@pytest.mark.parametrize("isolation", MODES)
async def test_stopping_lets_running_calls_end_within_the_grace(tmp_path: Path, isolation: str) -> None:
    async with running(tmp_path / "run", isolation=isolation) as world:
        spec = world.function(WAIT)
        call = await begin(world, spec, 0.3)
        await world.environments.stop(10)
        assert (await call).payload == b"1"
        with pytest.raises(CapacityExceeded):
            await world.call(spec)


@pytest.mark.parametrize("isolation", MODES)
async def test_stopping_ends_what_runs_on_and_leaves_no_process(tmp_path: Path, isolation: str) -> None:
    async with moved(tmp_path, isolation=isolation) as (world, clock):
        child = "import subprocess\nsubprocess.Popen(['sleep', '3600'], start_new_session=True)\n"
        spec = world.function(child + WAIT, timeout_s=900)
        idle = world.function(ECHO)
        await world.result(idle)
        call = await begin(world, spec, 3600)
        (zygote,) = world.zygotes
        processes = [zygote, *descendants(zygote)]
        assert len(processes) > 4

        stop = asyncio.create_task(world.environments.stop(5))
        await clock.advance(5)
        await stop

        assert (await call).error
        assert alive(processes) == []
        assert counts(world) == (0, 0)


async def test_stopping_removes_memory_groups(confined: World, tmp_path: Path) -> None:
    async with running(tmp_path / "run") as world:
        await world.result(world.function(ECHO))
        groups = [group for pid in supervisors(world) for group in memory_groups_of(pid)]
        if not groups:
            pytest.skip(f"no memory groups: {world.environments.describe()['isolation']['reasons']}")
        await world.environments.stop(0)
        assert [group for group in groups if exists(group)] == []


async def test_a_run_directory_that_was_left_behind_is_used_again(tmp_path: Path) -> None:
    left = tmp_path / "run" / "code" / "f0"
    left.mkdir(parents=True)
    (left / "m.py").write_text("raise Exception('old')\n")
    for _ in range(2):
        async with running(tmp_path / "run") as world:
            assert await world.result(world.function(ECHO), 3) == 3


async def test_describe_says_what_is_in_force(world: World) -> None:
    await world.result(world.function(ECHO))
    facts = world.environments.describe()
    json.dumps(facts)
    assert facts["isolation"]["level"] == ("none" if world.mode == "plain" else "partial")
    assert facts["isolation"]["reasons"]
    assert facts["environments"]["existing"] == facts["environments"]["idle"] + facts["environments"]["busy"]
    assert {zygote["pid"] for zygote in facts["zygotes"]} == set(world.zygotes)
