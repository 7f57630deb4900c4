from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, MultipleResults, RuleBasedStateMachine, consumes, invariant, multiple, rule

from lambent.runtime.pool import FunctionKey, Pool, PoolKey

LIMIT = 4


@dataclass(frozen=True, eq=False)
class Environment:
    pool: PoolKey


def key(name: str = "f", generation: int = 1) -> PoolKey:
    return PoolKey("0" * 12, "us-east-1", name, "$LATEST", generation)


def made(pool: Pool[Environment], which: PoolKey) -> Environment:
    room, _ = pool.reserve()
    assert room
    return Environment(which)


def test_the_environment_that_was_used_last_is_taken_first() -> None:
    pool: Pool[Environment] = Pool(LIMIT)
    first, second = made(pool, key()), made(pool, key())
    pool.give_back(first, 1.0)
    pool.give_back(second, 2.0)
    assert pool.take(key()) is second
    assert pool.take(key()) is first
    assert pool.take(key()) is None


def test_a_full_pool_evicts_what_is_idle_for_longest_and_then_refuses() -> None:
    pool: Pool[Environment] = Pool(2)
    first, second = made(pool, key("a")), made(pool, key("b"))
    pool.give_back(first, 1.0)
    pool.give_back(second, 2.0)
    assert pool.reserve() == (True, first)
    assert pool.reserve() == (True, second)
    assert pool.reserve() == (False, None)
    pool.give_up()
    assert pool.reserve() == (True, None)


def test_generations_do_not_mix_and_old_ones_go() -> None:
    pool: Pool[Environment] = Pool(LIMIT)
    old, busy, new = made(pool, key(generation=1)), made(pool, key(generation=1)), made(pool, key(generation=2))
    pool.give_back(old, 1.0)
    pool.give_back(new, 1.0)
    function = FunctionKey(*key()[:4])
    assert pool.discard(function, 2) == [old]
    assert pool.discard(function, 1) == []
    assert not pool.give_back(busy, 2.0)
    assert pool.is_outdated(key(generation=1))
    assert not pool.is_outdated(key("g", generation=1))
    assert (pool.count, pool.idle) == (1, 1)
    assert pool.take(key(generation=2)) is new


@pytest.mark.parametrize("timeout", [0.1, 600.0, 1e9 / 3])
@given(since=st.floats(0, 1e9))
def test_an_environment_expires_exactly_when_its_timer_says(since: float, timeout: float) -> None:
    pool: Pool[Environment] = Pool(LIMIT)
    pool.give_back(made(pool, key()), since)
    assert pool.longest_idle_since() == since
    assert pool.expired(since + timeout - timeout / 1000, timeout) == [] or timeout < 1
    assert len(pool.expired(since + timeout, timeout)) == 1
    assert pool.longest_idle_since() is None


class PoolMachine(RuleBasedStateMachine):
    """Whatever is done with a pool, its books agree."""

    busy: Bundle[Environment] = Bundle("busy")

    def __init__(self) -> None:
        super().__init__()
        self.pool: Pool[Environment] = Pool(LIMIT)
        self.idle: list[Environment] = []
        self.working = 0
        self.now = 0.0

    @rule(target=busy, name=st.sampled_from("ab"), generation=st.integers(1, 3))
    def call(self, name: str, generation: int) -> Environment | MultipleResults[Environment]:
        wanted = key(name, generation)
        environment = self.pool.take(wanted)
        if environment is not None:
            assert environment is [one for one in self.idle if one.pool == wanted][-1]
            self.idle.remove(environment)
        else:
            assert wanted not in [one.pool for one in self.idle]
            room, evicted = self.pool.reserve()
            if not room:
                assert self.working == LIMIT
                return multiple()
            if evicted is not None:
                assert evicted is self.idle.pop(0)
            environment = Environment(wanted)
        self.working += 1
        return environment

    @rule(environment=consumes(busy))
    def give_back(self, environment: Environment) -> None:
        self.now += 1
        self.working -= 1
        if self.pool.give_back(environment, self.now):
            self.idle.append(environment)

    @rule(environment=consumes(busy))
    def break_down(self, environment: Environment) -> None:
        self.working -= 1
        self.pool.remove(environment)
        self.pool.give_up()

    @rule(name=st.sampled_from("ab"), generation=st.integers(1, 3))
    def discard(self, name: str, generation: int) -> None:
        for one in self.pool.discard(key(name).function, generation):
            assert one.pool.name == name
            self.idle.remove(one)

    @rule(timeout=st.integers(0, 5))
    def expire(self, timeout: int) -> None:
        for one in self.pool.expired(self.now, timeout):
            assert one is self.idle.pop(0)

    @rule()
    def lose_one(self) -> None:
        if self.idle:
            self.pool.remove(self.idle.pop(0))

    @invariant()
    def books_agree(self) -> None:
        assert self.pool.idle == len(self.idle)
        assert self.pool.count == len(self.idle) + self.working <= LIMIT


TestPool = PoolMachine.TestCase
TestPool.settings = hypothesis_settings(max_examples=50, stateful_step_count=30)
