from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

import pytest

from eventloop import turns
from lambent.clock import VirtualClock
from lambent.runtime import provisioned as module
from lambent.runtime.pool import FunctionKey, Pool, PoolKey, key_of
from lambent.runtime.provisioned import InitFailed, ProvisionedEnvironments
from lambent.runtime.spec import PROVISIONED

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambent.runtime.environment import Environment
    from lambent.runtime.spec import FunctionSpec


class Made:
    """An environment without processes."""

    def __init__(self, spec: FunctionSpec) -> None:
        self.spec = spec
        self.pool = key_of(spec)
        self.ready = True
        self.ended = False

    def end(self) -> None:
        self.ended = True


class World:
    """Environments that are initialised when they are let, with what comes of it."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.made: list[Made] = []
        self.idle: list[Made] = []
        self.given_up = 0
        self.go = asyncio.Event()
        self.go.set()
        self.problems: list[Exception] = []
        self.kept = ProvisionedEnvironments(
            clock=self.clock, make=cast("Any", self.make), give_back=cast("Any", self.idle.append), give_up=self.give_up
        )

    async def make(self, spec: FunctionSpec) -> Made:
        self.made.append(Made(spec))
        return self.made[-1]

    def give_up(self) -> None:
        self.given_up += 1

    async def initialise(self, _: Environment) -> None:
        await self.go.wait()
        if self.problems:
            raise self.problems.pop(0)

    def lose(self, environment: Made) -> None:
        """Its processes are gone."""
        environment.ended = True
        self.kept.gone(cast("Environment", environment))

    def keeps(self, environment: Made) -> bool:
        return self.kept.keeps(cast("Environment", environment))


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    one = World()
    monkeypatch.setattr(module, "_initialise", one.initialise)
    return one


def function(spec: FunctionSpec) -> FunctionKey:
    return key_of(spec).function


# --- what goes wrong


async def test_an_environment_that_cannot_be_initialised_is_given_up_and_told(
    world: World, spec: Callable[..., FunctionSpec]
) -> None:
    world.problems.append(InitFailed("no"))
    with pytest.raises(InitFailed):
        await world.kept.keep(spec(), 2)
    assert [one.ended for one in world.made] == [True, False]
    assert (world.given_up, world.kept.ready(function(spec()))) == (1, 1)


async def test_who_gives_up_waiting_leaves_nothing_half_made(world: World, spec: Callable[..., FunctionSpec]) -> None:
    world.go.clear()
    keeping = asyncio.create_task(world.kept.keep(spec(), 2))
    await turns(20)
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    assert [one.ended for one in world.made] == [True, True]
    assert world.given_up == 2
    world.go.set()
    await world.kept.keep(spec(), 1)
    assert world.kept.ready(function(spec())) == 1


async def test_one_that_dies_is_replaced_and_tried_again_ever_more_slowly(
    world: World, spec: Callable[..., FunctionSpec]
) -> None:
    await world.kept.keep(spec(), 1)
    world.problems += [InitFailed("no"), OSError("no room")]
    world.lose(world.made[0])
    await world.clock.advance(0.9)
    assert (len(world.made), world.kept.ready(function(spec()))) == (2, 0)
    await world.clock.advance(1.0)
    assert (len(world.made), world.kept.ready(function(spec()))) == (3, 0)
    await world.clock.advance(2.0)
    assert (len(world.made), world.kept.ready(function(spec()))) == (4, 1)


async def test_one_that_dies_is_not_replaced_once_nobody_wants_it(
    world: World, spec: Callable[..., FunctionSpec]
) -> None:
    await world.kept.keep(spec(), 1)
    assert world.kept.release(function(spec())) == [key_of(spec())]
    world.lose(world.made[0])
    await turns(20)
    assert len(world.made) == 1
    assert world.kept.ready(function(spec())) == 0


async def test_a_stop_ends_what_is_tried_again(world: World, spec: Callable[..., FunctionSpec]) -> None:
    await world.kept.keep(spec(), 1)
    world.go.clear()
    world.lose(world.made[0])
    await turns(20)
    await world.kept.stop()
    world.go.set()
    world.lose(world.made[1])
    await turns(20)
    assert len(world.made) == 2


# --- what is kept


async def test_as_many_are_started_as_are_wanted_and_say_what_they_are(
    world: World, spec: Callable[..., FunctionSpec]
) -> None:
    await world.kept.keep(spec(), 10)
    assert world.idle == world.made
    assert {one.spec.initialization_type for one in world.made} == {PROVISIONED}
    assert {one.pool for one in world.made} == {key_of(spec())}
    assert world.kept.ready(function(spec())) == 10
    await world.kept.keep(spec(), 10)
    assert len(world.made) == 10


async def test_one_that_comes_back_is_kept_while_it_is_whole_and_wanted(
    world: World, spec: Callable[..., FunctionSpec]
) -> None:
    await world.kept.keep(spec(), 2)
    first, second = world.made
    assert world.keeps(first)
    await world.kept.keep(spec(), 1)
    assert world.kept.surplus(key_of(spec())) == 1
    assert [world.keeps(first), world.keeps(second)] == [False, True]
    second.ready = False
    assert not world.keeps(second), "its runtime ended in a call"
    await turns(20)
    assert len(world.made) == 3
    assert world.kept.ready(function(spec())) == 1
    assert not world.keeps(Made(spec())), "it is none of these"


async def test_generations_that_are_over_are_forgotten(world: World, spec: Callable[..., FunctionSpec]) -> None:
    await world.kept.keep(spec(generation=1), 1)
    await world.kept.keep(spec(generation=2), 1)
    assert world.kept.forget(lambda key: key.generation < 2) == [key_of(spec(generation=1))]
    assert world.kept.ready(function(spec())) == 1


# --- in the pool


class Pooled:
    def __init__(self, name: str = "f", generation: int = 1) -> None:
        self.pool = PoolKey("0" * 12, "us-east-1", name, "1", generation)


def given_back(pool: Pool[Pooled], environment: Pooled, *, ready: bool) -> Pooled:
    assert pool.reserve()[0]
    assert pool.give_back(environment, 0.0, ready=ready)
    return environment


def test_what_is_kept_ready_is_taken_first_and_neither_expires_nor_makes_room() -> None:
    pool: Pool[Pooled] = Pool(3)
    first, kept, last = (given_back(pool, Pooled(), ready=ready) for ready in (False, True, False))
    assert pool.idle == pool.count == 3
    assert pool.expired(1e9, 1.0) == [first, last]
    assert pool.reserve() == (True, None)
    assert pool.reserve() == (True, None)
    assert pool.reserve() == (False, None)
    assert pool.take(kept.pool) is kept
    assert pool.take(kept.pool) is None


def test_what_is_kept_ready_leaves_when_it_is_gone_or_outdated() -> None:
    pool: Pool[Pooled] = Pool(3)
    gone, old, new = (given_back(pool, Pooled(generation=number), ready=True) for number in (1, 1, 2))
    pool.remove(gone)
    pool.remove(gone)
    assert pool.discard(old.pool.function, 2) == [old]
    assert (pool.count, pool.idle) == (1, 1)
    assert pool.take_kept(new.pool) is new
    assert pool.take_kept(new.pool) is None
