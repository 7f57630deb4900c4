from __future__ import annotations

import asyncio
import gc
from functools import partial
from typing import TYPE_CHECKING

import pytest

from conformance.store.things import add, names, writer_held
from eventloop import turns

if TYPE_CHECKING:
    from lambent.store import Store, Tx


async def test_a_caller_that_is_cancelled_leaves_when_the_writer_is_done_with_it(store: Store) -> None:
    async with writer_held(store):
        writing = asyncio.ensure_future(store.write(partial(add, name="x")))
        await turns()
        for _ in range(3):
            writing.cancel()
            await turns(5)
            assert not writing.done()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert await names(store) == ["x"]


async def test_a_cancellation_in_the_turn_of_the_answer_loses_nobody(store: Store) -> None:
    for delay in range(6):
        tasks = [asyncio.ensure_future(store.write(partial(add, name=f"{delay}-{n}"))) for n in range(50)]
        await turns(delay)
        for task in tasks[::2]:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(result is None for result in results[1::2])


async def test_what_a_function_raises_that_nobody_waits_for_is_no_complaint(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    def bad(_tx: Tx) -> None:
        raise ValueError("bad")

    async with writer_held(store):
        writing = asyncio.ensure_future(store.write(bad))
        await turns()
        writing.cancel()
        await turns()
    await asyncio.gather(writing, return_exceptions=True)
    del writing
    gc.collect()
    assert caplog.text == ""


async def test_a_read_that_is_cancelled_harms_no_other(store: Store) -> None:
    async with writer_held(store):
        reads = [asyncio.ensure_future(names(store)) for _ in range(20)]
        await turns()
        for read in reads[::2]:
            read.cancel()
    results = await asyncio.gather(*reads, return_exceptions=True)
    assert results[1::2] == [[]] * 10
    assert await names(store) == []


async def test_a_blob_is_held_until_a_cancelled_transaction_is_settled(store: Store) -> None:
    kept = asyncio.Event()

    async def referring() -> None:
        async with store.blobs.kept(b"code") as key:
            kept.set()
            await store.write(partial(add, name=key))

    async def live() -> set[str]:
        return set(await names(store))

    async with writer_held(store):
        referring_task = asyncio.ensure_future(referring())
        await kept.wait()
        await turns()
        referring_task.cancel()
        await turns(20)
        sweeping = asyncio.ensure_future(store.blobs.sweep(live))
        await turns(20)
    await asyncio.gather(referring_task, return_exceptions=True)

    await sweeping
    for key in await names(store):
        assert await store.blobs.get(key) == b"code"
