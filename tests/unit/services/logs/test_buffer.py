from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventloop import turns
from lambent.clock import VirtualClock
from lambent.services.logs import buffer, reader
from lambent.services.logs.buffer import _FULL_BYTES, LogBuffer
from lambent.store import Store, StoreFullError, make_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

WORLD = ("000000000000", "us-east-1", "/aws/lambda/f")
EVENTS = st.lists(st.tuples(st.sampled_from("abc"), st.lists(st.text(max_size=5), max_size=4)), max_size=12)


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    one = make_store(None)
    await one.open()
    yield one
    await one.close()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def logs(store: Store, clock: VirtualClock) -> LogBuffer:
    return LogBuffer(store=store, clock=clock)


class Held:
    """A store whose transactions wait until they may go, and may be made to fail."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.go = asyncio.Event()
        self.writes = 0
        self.problem: Exception | None = None

    async def write(self, work: Callable[[Any], Any]) -> Any:
        self.writes += 1
        await self.go.wait()
        if self.problem is not None:
            raise self.problem
        return await self._store.write(work)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


async def read(store: Store) -> list[tuple[str, str]]:
    """Stream and text of everything."""
    found: list[tuple[str, str]] = []
    position = 0
    while (page := await reader.after(store, *WORLD, position)).events:
        found += [(stream, text) for _, stream, text in page.events]
        position = page.position
    return found


async def stop(running: asyncio.Task[None]) -> None:
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


# --- what cannot be kept


async def test_what_is_too_much_for_memory_is_dropped_counted_and_said(
    store: Store, logs: LogBuffer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(buffer, "_LIMIT_BYTES", 2000)
    logs.append(*WORLD, "s", [(0, "kept")])
    logs.append(*WORLD, "s", [(1, "x" * 3000), (2, "y")])
    logs.append(*WORLD, "s", [(3, "kept, too")])

    await logs.run_once()

    assert await read(store) == [("s", "kept"), ("s", "kept, too")]
    assert "2 log events were dropped" in caplog.text
    caplog.clear()
    await logs.run_once()
    assert caplog.text == ""


async def test_empty_lines_take_memory_too(
    store: Store, logs: LogBuffer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(buffer, "_LIMIT_BYTES", 10_000)
    for number in range(1000):
        logs.append(*WORLD, "s", [(number, "")])
    await logs.run_once()
    assert 10 < len(await read(store)) < 100
    assert "log events were dropped" in caplog.text


async def test_what_the_store_refuses_is_counted_and_the_next_is_written(
    store: Store, clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    held = Held(store)
    held.go.set()
    logs = LogBuffer(store=held, clock=clock)
    running = asyncio.create_task(logs.run())
    for problem in (StoreFullError("full"), TypeError("not text")):
        held.problem = problem
        logs.append(*WORLD, "s", [(0, "lost"), (1, "lost")])
        await clock.advance(1)
        assert "2 log events could not be written and are lost" in caplog.text
        assert str(problem) in caplog.text
        caplog.clear()
    held.problem = None
    logs.append(*WORLD, "s", [(2, "written")])
    await clock.advance(1)
    await stop(running)

    assert await read(store) == [("s", "written")]


async def test_nothing_is_nothing(store: Store, logs: LogBuffer) -> None:
    logs.append(*WORLD, "s", [])
    await logs.run_once()
    assert await read(store) == []


# --- what is kept


@settings(deadline=None)
@given(EVENTS, st.lists(st.booleans(), min_size=12, max_size=12))
def test_events_are_read_in_the_order_of_their_stream(events: list[tuple[str, list[str]]], pauses: list[bool]) -> None:
    async def run() -> list[tuple[str, str]]:
        store = make_store(None)
        await store.open()
        logs = LogBuffer(store=store, clock=VirtualClock())
        for (stream, texts), pause in zip(events, pauses, strict=False):
            logs.append(*WORLD, stream, [(0, text) for text in texts])
            if pause:
                await logs.run_once()
        await logs.run_once()
        try:
            return await read(store)
        finally:
            await store.close()

    found = asyncio.run(run())
    for one in "abc":
        expected = [text for stream, texts in events for text in texts if stream == one]
        assert [text for stream, text in found if stream == one] == expected


async def test_one_transaction_takes_everything_that_waits(store: Store, clock: VirtualClock) -> None:
    held = Held(store)
    held.go.set()
    logs = LogBuffer(store=held, clock=clock)
    for stream in "abcdef":
        logs.append(*WORLD, stream, [(0, stream)])
    await logs.run_once()
    await logs.run_once()
    assert held.writes == 1
    assert len(await read(store)) == 6


async def test_much_of_one_stream_is_written_in_pieces(store: Store, logs: LogBuffer) -> None:
    events = [(number, f"line {number}") for number in range(2500)] + [(2500, "x" * 900_000), (2501, "y" * 900_000)]
    logs.append(*WORLD, "s", events)
    await logs.run_once()

    rows = await store.read(lambda tx: tx.all("SELECT count, first_ms, last_ms FROM log_chunks ORDER BY id", {}))
    assert [row["count"] for row in rows] == [1000, 1000, 501, 1]
    assert [(row["first_ms"], row["last_ms"]) for row in rows][1:] == [(1000, 1999), (2000, 2500), (2501, 2501)]
    assert [text for _, text in await read(store)] == [text for _, text in events]


async def test_groups_accounts_and_regions_are_apart(store: Store, logs: LogBuffer) -> None:
    others = [("111111111111", *WORLD[1:]), (WORLD[0], "eu-west-1", WORLD[2]), (*WORLD[:2], "/aws/lambda/g")]
    for number, where in enumerate([WORLD, *others]):
        logs.append(*where, "s", [(0, f"text {number}")])
    await logs.run_once()
    for number, where in enumerate([WORLD, *others]):
        assert (await reader.after(store, *where, 0)).events == [(0, "s", f"text {number}")]


async def test_a_group_is_told_of_what_is_new(store: Store, logs: LogBuffer) -> None:
    seen: list[str] = []
    store.signals.on(reader.topic(*WORLD), lambda: seen.append("news"))
    store.signals.on(reader.topic(*WORLD[:2], "other"), lambda: seen.append("other"))
    logs.append(*WORLD, "a", [(0, "x")])
    logs.append(*WORLD, "b", [(0, "x")])
    await logs.run_once()
    assert seen == ["news"]


# --- when it is written


async def test_a_moment_is_waited_for_more(store: Store, clock: VirtualClock) -> None:
    held = Held(store)
    held.go.set()
    logs = LogBuffer(store=held, clock=clock)
    running = asyncio.create_task(logs.run())
    logs.append(*WORLD, "s", [(0, "a")])
    await clock.advance(0.1)
    logs.append(*WORLD, "s", [(1, "b")])
    await clock.advance(0.05)
    assert held.writes == 0
    await clock.advance(0.05)
    assert held.writes == 1
    await stop(running)
    assert await read(store) == [("s", "a"), ("s", "b")]


async def test_enough_for_a_batch_waits_for_no_moment(store: Store, clock: VirtualClock) -> None:
    held = Held(store)
    held.go.set()
    logs = LogBuffer(store=held, clock=clock)
    running = asyncio.create_task(logs.run())
    logs.append(*WORLD, "s", [(0, "x" * _FULL_BYTES)])
    while not held.writes:
        await turns()
    assert clock.monotonic() == 0
    await stop(running)


async def test_nothing_is_written_while_nothing_comes(clock: VirtualClock, store: Store) -> None:
    held = Held(store)
    logs = LogBuffer(store=held, clock=clock)
    running = asyncio.create_task(logs.run())
    await clock.advance(3600)
    await clock.run_until_idle()
    assert held.writes == 0
    await stop(running)


async def test_what_comes_during_a_write_is_written_next(store: Store, clock: VirtualClock) -> None:
    held = Held(store)
    logs = LogBuffer(store=held, clock=clock)
    running = asyncio.create_task(logs.run())
    logs.append(*WORLD, "s", [(0, "first")])
    await clock.advance(0.2)
    assert held.writes == 1
    logs.append(*WORLD, "s", [(1, "second")])
    held.go.set()
    with store.signals.subscribe(reader.topic(*WORLD)) as news:
        await news.wait()
    await clock.advance(0.2)
    while held.writes < 2:
        await turns()
    await stop(running)
    assert await read(store) == [("s", "first"), ("s", "second")]


async def test_who_is_told_to_stop_in_the_middle_of_a_write_has_written(store: Store, clock: VirtualClock) -> None:
    logs = LogBuffer(store=store, clock=clock)
    running = asyncio.create_task(logs.run())
    logs.append(*WORLD, "s", [(0, "a")])
    await clock.advance(0.2)
    await stop(running)
    logs.append(*WORLD, "s", [(1, "b")])
    await logs.run_once()
    assert await read(store) == [("s", "a"), ("s", "b")]
