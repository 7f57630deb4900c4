from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING

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
