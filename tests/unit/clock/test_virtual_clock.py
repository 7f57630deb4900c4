import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventloop import turns
from lambent.clock import Timer, VirtualClock

START = datetime(2026, 1, 1, tzinfo=UTC)
DELAYS = st.lists(st.floats(0, 1000), max_size=20)


@given(DELAYS)
def test_timers_fire_in_the_order_of_their_times(delays: list[float]) -> None:
    async def run() -> list[tuple[float, int]]:
        clock = VirtualClock()
        fired: list[tuple[float, int]] = []
        for number, delay in enumerate(delays):
            clock.call_later(delay, lambda number=number: fired.append((clock.monotonic(), number)))  # type: ignore[misc]
        await clock.run_until_idle()
        return fired

    fired = asyncio.run(run())
    assert fired == sorted((delay, number) for number, delay in enumerate(delays))


@given(DELAYS, st.sets(st.integers(0, 19)))
def test_a_cancelled_timer_never_fires(delays: list[float], cancelled: set[int]) -> None:
    async def run() -> list[int]:
        clock = VirtualClock()
        fired: list[int] = []
        timers = [clock.call_later(delay, lambda n=n: fired.append(n)) for n, delay in enumerate(delays)]  # type: ignore[misc]
        for number in cancelled & set(range(len(timers))):
            timers[number].cancel()
        await clock.run_until_idle()
        return fired

    assert set(asyncio.run(run())) == set(range(len(delays))) - cancelled


@given(st.lists(st.floats(0, 100), max_size=10))
def test_time_is_what_it_was_moved_to(steps: list[float]) -> None:
    async def run() -> None:
        clock = VirtualClock()
        for step in steps:
            before = clock.monotonic()
            await clock.advance(step)
            assert clock.monotonic() == before + step
        assert abs(clock.now() - (START + timedelta(seconds=sum(steps)))) < timedelta(milliseconds=1)

    asyncio.run(run())


async def test_advance_fires_what_is_due_and_nothing_else() -> None:
    clock = VirtualClock()
    fired: list[str] = []
    clock.call_later(1, lambda: fired.append("due"))
    clock.call_later(3, lambda: fired.append("later"))

    await clock.advance(2)

    assert fired == ["due"]


async def test_a_chain_of_sleeps_is_walked_through() -> None:
    clock = VirtualClock()
    seen: list[float] = []

    async def retry() -> None:
        for delay in (60, 120, 300):
            await clock.sleep(delay)
            seen.append(clock.monotonic())

    task = asyncio.create_task(retry())
    await clock.run_until_idle()

    assert seen == [60, 180, 480]
    assert task.done()


async def test_time_does_not_jump_while_work_is_in_flight() -> None:
    clock = VirtualClock()
    clock.call_later(10, lambda: None)
    finished = asyncio.Event()

    async def work() -> float:
        with clock.work():
            await finished.wait()
            return clock.monotonic()

    working = asyncio.create_task(work())
    await turns()
    running = asyncio.create_task(clock.run_until_idle())
    await turns(100)
    assert clock.monotonic() == 0

    finished.set()
    assert await working == 0
    await running
    assert clock.monotonic() == 10


async def test_a_sleep_that_is_cancelled_leaves_no_timer() -> None:
    clock = VirtualClock()
    task = asyncio.create_task(clock.sleep(5))
    await turns()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    await clock.run_until_idle()

    assert clock.monotonic() == 0


def test_time_does_not_go_back() -> None:
    clock = VirtualClock()
    with pytest.raises(ValueError, match="does not go back"):
        asyncio.run(clock.advance(-1))


@dataclass(frozen=True)
class Planned:
    """A timer that sets timers of its own when it fires."""

    delay_s: float
    then: list["Planned"]


PLANS = st.lists(
    st.recursive(
        st.builds(Planned, st.integers(0, 50), st.just([])),
        lambda below: st.builds(Planned, st.integers(0, 50), st.lists(below, max_size=3)),
        max_leaves=12,
    ),
    max_size=6,
)


def fire_all(clock: VirtualClock, plans: list[Planned], fired: list[float]) -> None:
    def fire(plan: Planned) -> None:
        fired.append(clock.monotonic())
        fire_all(clock, plan.then, fired)

    for plan in plans:
        clock.call_later(plan.delay_s, partial(fire, plan))


def times(plans: list[Planned], start: float = 0) -> list[float]:
    """When each is due."""
    due: list[float] = []
    for plan in plans:
        due += [start + plan.delay_s, *times(plan.then, start + plan.delay_s)]
    return sorted(due)


@given(PLANS)
def test_timers_that_set_timers_all_fire_on_time(plans: list[Planned]) -> None:
    async def run() -> list[float]:
        clock, fired = VirtualClock(), list[float]()
        fire_all(clock, plans, fired)
        await clock.run_until_idle()
        return fired

    assert asyncio.run(run()) == times(plans)


@given(PLANS, st.lists(st.integers(0, 60), min_size=1, max_size=6))
def test_small_steps_come_to_what_one_large_step_comes_to(plans: list[Planned], steps: list[int]) -> None:
    async def run(steps: list[int]) -> tuple[float, list[float]]:
        clock, fired = VirtualClock(), list[float]()
        fire_all(clock, plans, fired)
        for step in steps:
            await clock.advance(step)
        return clock.monotonic(), fired

    now, fired = asyncio.run(run(steps))
    assert (now, fired) == asyncio.run(run([sum(steps)]))
    assert fired == [due for due in times(plans) if due <= now]


async def test_a_timer_may_cancel_the_next() -> None:
    clock = VirtualClock()
    fired: list[str] = []
    timers: list[Timer] = []

    def cancel_second() -> None:
        timers[0].cancel()

    clock.call_later(1, cancel_second)
    timers.append(clock.call_later(1, lambda: fired.append("second")))
    clock.call_later(1, lambda: fired.append("third"))

    await clock.run_until_idle()

    assert fired == ["third"]


async def test_cancelling_after_the_end_is_harmless() -> None:
    clock = VirtualClock()
    timer = clock.call_later(1, lambda: None)
    await clock.run_until_idle()
    timer.cancel()
    timer.cancel()


async def test_advance_moves_on_though_work_is_in_flight() -> None:
    clock = VirtualClock()
    fired: list[float] = []
    clock.call_later(3, lambda: fired.append(clock.monotonic()))
    with clock.work():
        await clock.advance(5)
    assert (fired, clock.monotonic()) == ([3], 5)


async def test_work_within_work_is_in_flight_until_the_last_has_ended() -> None:
    clock = VirtualClock()
    clock.call_later(1, lambda: None)
    with clock.work():
        with clock.work():
            pass
        running = asyncio.create_task(clock.run_until_idle())
        await turns(100)
        assert not running.done()
    await running
    assert clock.monotonic() == 1


async def test_work_that_a_timer_starts_is_waited_for() -> None:
    clock = VirtualClock()
    seen: list[tuple[str, float]] = []
    go_on = asyncio.Event()

    async def job() -> None:
        await clock.sleep(10)
        with clock.work():
            await go_on.wait()
            seen.append(("worked", clock.monotonic()))

    task = asyncio.create_task(job())
    await turns()
    clock.call_later(20, lambda: seen.append(("timer", clock.monotonic())))
    running = asyncio.create_task(clock.run_until_idle())
    await turns(100)
    assert clock.monotonic() == 10

    go_on.set()
    await running
    await task
    assert seen == [("worked", 10), ("timer", 20)]


async def test_two_who_move_the_clock_never_move_it_back() -> None:
    clock = VirtualClock()
    await asyncio.gather(clock.advance(40), clock.advance(7))
    assert clock.monotonic() == 40


async def test_a_wait_that_is_over_needs_nobody_who_moves_the_clock() -> None:
    clock = VirtualClock()
    await clock.sleep(0)
    await clock.sleep(-1)
    assert clock.monotonic() == 0


async def test_a_callback_that_fails_fails_in_the_test() -> None:
    clock = VirtualClock()

    def bad() -> None:
        raise LookupError("bad")

    clock.call_later(1, bad)
    with pytest.raises(LookupError, match="bad"):
        await clock.advance(2)


async def test_wall_time_and_monotonic_time_move_together() -> None:
    clock = VirtualClock()
    assert clock.now() == START
    await clock.advance(90.5)
    assert clock.now() == START + timedelta(seconds=90.5)
    assert clock.time() == START.timestamp() + 90.5
