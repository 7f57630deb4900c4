from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

import pytest

from conformance.store.things import add, names
from eventloop import turns

if TYPE_CHECKING:
    from lambent.store import Store, Tx


def signalling(tx: Tx, name: str) -> None:
    add(tx, name)
    tx.signal("ready")


async def test_a_function_that_raises_sends_no_signal(store: Store) -> None:
    seen: list[str] = []
    store.signals.on("ready", lambda: seen.append("ready"))

    def work(tx: Tx) -> None:
        tx.signal("ready")
        raise LookupError

    with pytest.raises(LookupError):
        await store.write(work)
    await store.write(partial(add, name="next"))
    assert seen == []


async def test_a_reader_sends_no_signal(store: Store) -> None:
    seen: list[str] = []
    store.signals.on("ready", lambda: seen.append("ready"))
    await store.read(lambda tx: tx.signal("ready"))
    await store.write(partial(add, name="next"))
    assert seen == []


async def test_a_listener_that_fails_keeps_no_other_from_hearing(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    def bad() -> None:
        raise ValueError("bad listener")

    store.signals.on("ready", bad)
    with store.signals.subscribe("ready") as news:
        await store.write(partial(signalling, name="x"))
        await news.wait()
    assert "bad listener" in caplog.text


async def test_a_signal_comes_after_the_commit_and_once(store: Store) -> None:
    seen: list[int] = []

    def work(tx: Tx) -> None:
        signalling(tx, "x")
        tx.signal("ready")

    store.signals.on("ready", lambda: seen.append(1))
    with store.signals.subscribe("ready") as news:
        await store.write(work)
        await news.wait()
        assert await names(store) == ["x"]
    assert seen == [1]


async def test_signals_that_nobody_waited_for_count_as_one(store: Store) -> None:
    with store.signals.subscribe("ready") as news:
        for name in "abc":
            await store.write(partial(signalling, name=name))
        await news.wait()
        waiting = asyncio.ensure_future(news.wait())
        await turns()
        assert not waiting.done()
        waiting.cancel()


async def test_who_has_stopped_listening_hears_nothing(store: Store) -> None:
    seen: list[str] = []

    def listener() -> None:
        seen.append("ready")

    store.signals.on("ready", listener)
    store.signals.on("other", listener)
    store.signals.forget("ready", listener)
    store.signals.forget("never", listener)
    await store.write(partial(signalling, name="x"))
    assert seen == []
