from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

import pytest

from conformance.store.things import add, names, writer_held
from eventloop import turns
from lambent.store import StoreClosedError, make_store

if TYPE_CHECKING:
    from pathlib import Path

    from lambent.store import Store


async def test_closing_finishes_what_waits_and_refuses_what_comes(store: Store) -> None:
    writes = [asyncio.ensure_future(store.write(partial(add, name=f"n{number}"))) for number in range(1500)]
    reads = [asyncio.ensure_future(names(store)) for _ in range(50)]
    await turns()
    await store.close()
    await asyncio.gather(*writes, *reads)
    with pytest.raises(StoreClosedError):
        await store.write(partial(add, name="late"))
    with pytest.raises(StoreClosedError):
        await names(store)


async def test_who_closes_a_store_that_is_closing_waits_for_the_same_end(store: Store) -> None:
    async with writer_held(store):
        closings = [asyncio.ensure_future(store.close()) for _ in range(3)]
        await turns(20)
        assert not any(closing.done() for closing in closings)
    await asyncio.gather(*closings)
    await store.close()


async def test_a_closing_that_is_cancelled_goes_on(store: Store) -> None:
    async with writer_held(store):
        writing = asyncio.ensure_future(store.write(partial(add, name="x")))
        await turns()
        closing = asyncio.ensure_future(store.close())
        await turns(5)
        closing.cancel()
        await turns(5)
        assert closing.cancelled()
    await writing
    await store.close()


@pytest.mark.parametrize("on_disk", [False, True])
async def test_closing_what_was_never_opened_is_harmless(tmp_path: Path, on_disk: bool) -> None:
    await make_store(tmp_path / "data" if on_disk else None).close()
