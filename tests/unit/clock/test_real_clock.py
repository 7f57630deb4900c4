import asyncio
from datetime import UTC, timedelta

from eventloop import turns
from lambent.clock import RealClock


def test_the_wall_time_is_aware_and_agrees_with_itself() -> None:
    clock = RealClock()
    before, now, after = clock.time(), clock.now(), clock.time()
    assert now.tzinfo is UTC
    assert now.utcoffset() == timedelta(0)
    assert before <= now.timestamp() <= after


def test_the_monotonic_time_never_goes_back() -> None:
    clock = RealClock()
    moments = [clock.monotonic() for _ in range(1000)]
    assert moments == sorted(moments)


async def test_a_sleep_takes_at_least_its_time() -> None:
    clock = RealClock()
    before = clock.monotonic()
    await clock.sleep(0.002)
    assert clock.monotonic() - before >= 0.0019  # the loop may be early by its resolution


async def test_a_timer_fires_once_and_a_cancelled_one_never() -> None:
    clock = RealClock()
    fired: list[str] = []
    came = asyncio.Event()
    clock.call_later(0.001, lambda: fired.append("cancelled")).cancel()
    clock.call_later(0.001, lambda: fired.append("first"))
    clock.call_later(0.002, came.set)
    await came.wait()
    await turns()
    assert fired == ["first"]


async def test_work_marks_nothing() -> None:
    with RealClock().work():
        pass
