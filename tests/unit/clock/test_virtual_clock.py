import asyncio
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from eventloop import turns
from lambent.clock import VirtualClock

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
