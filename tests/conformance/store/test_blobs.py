from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING

import pytest

from eventloop import turns

if TYPE_CHECKING:
    from lambent.store import Store


async def nothing() -> set[str]:
    return set()


async def test_a_blob_is_found_under_the_hash_of_its_bytes(store: Store) -> None:
    key = await store.blobs.put(b"bytes")
    assert key == hashlib.sha256(b"bytes").hexdigest()
    assert await store.blobs.get(key) == b"bytes"
    found = await store.blobs.find(key)
    assert found is not None
    assert (found if isinstance(found, bytes) else found.read_bytes()) == b"bytes"


async def test_what_is_not_there_is_none(store: Store) -> None:
    assert await store.blobs.get("0" * 64) is None
    assert await store.blobs.find("0" * 64) is None


async def test_the_same_bytes_at_once_are_one_blob(store: Store) -> None:
    keys = await asyncio.gather(*(store.blobs.put(b"same") for _ in range(20)))
    assert len(set(keys)) == 1
    assert await store.blobs.sweep(nothing) == 1


async def test_a_sweep_leaves_what_is_live(store: Store) -> None:
    live, dead = await store.blobs.put(b"live"), await store.blobs.put(b"dead")

    async def alive() -> set[str]:
        return {live}

    assert await store.blobs.sweep(alive) == 1
    assert await store.blobs.get(live) == b"live"
    assert await store.blobs.get(dead) is None


async def test_what_is_held_is_not_swept(store: Store) -> None:
    async with store.blobs.kept(b"held") as key:
        assert await store.blobs.sweep(nothing) == 0
        assert await store.blobs.get(key) == b"held"
    assert await store.blobs.sweep(nothing) == 1


async def test_what_is_kept_while_a_sweep_looks_around_is_not_swept(store: Store) -> None:
    key = await store.blobs.put(b"again")

    async def stale() -> set[str]:
        live: set[str] = set()
        async with store.blobs.kept(b"again"):
            pass
        return live

    assert await store.blobs.sweep(stale) == 0
    assert await store.blobs.get(key) == b"again"


async def test_a_block_that_raises_lets_go(store: Store) -> None:
    with pytest.raises(LookupError):
        async with store.blobs.kept(b"dropped"):
            raise LookupError
    assert await store.blobs.sweep(nothing) == 1


async def test_what_two_hold_is_held_until_both_let_go(store: Store) -> None:
    async with store.blobs.kept(b"twice"):
        async with store.blobs.kept(b"twice"):
            pass
        assert await store.blobs.sweep(nothing) == 0
    assert await store.blobs.sweep(nothing) == 1


@pytest.mark.parametrize("size", [0, 1, 262_144, 262_145, 3_000_000])
async def test_blobs_of_every_size_are_whole(store: Store, size: int) -> None:
    data = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    assert await store.blobs.get(await store.blobs.put(data)) == data


async def test_sweeps_do_not_end_each_others_care(store: Store) -> None:
    key = await store.blobs.put(b"again")
    looking, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> set[str]:
        looking.set()
        await go_on.wait()
        return set()

    slow_sweep = asyncio.ensure_future(store.blobs.sweep(slow))
    await looking.wait()

    async def quick_live() -> set[str]:
        return {key}

    quick_sweep = asyncio.ensure_future(store.blobs.sweep(quick_live))
    await turns(20)
    async with store.blobs.kept(b"again"):
        pass
    go_on.set()
    assert await slow_sweep == 0
    await quick_sweep
    assert await store.blobs.get(key) == b"again"


async def test_a_sweep_that_is_cancelled_lets_the_next_one_sweep(store: Store) -> None:
    await store.blobs.put(b"dead")
    looking = asyncio.Event()

    async def never() -> set[str]:
        looking.set()
        await asyncio.Event().wait()
        return set()

    sweeping = asyncio.ensure_future(store.blobs.sweep(never))
    await looking.wait()
    sweeping.cancel()
    await asyncio.gather(sweeping, return_exceptions=True)
    assert await store.blobs.sweep(nothing) == 1
