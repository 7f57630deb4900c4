from __future__ import annotations

import asyncio
import io
import os
import zipfile
from typing import TYPE_CHECKING

import pytest

from eventloop import turns
from lambent.runtime.archive import BadArchive
from lambent.runtime.code_cache import CodeCache

if TYPE_CHECKING:
    from pathlib import Path


def package(text: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("m.py", text)
    return out.getvalue()


class Store:
    """Packages, and how often each was asked for."""

    def __init__(self, folder: Path) -> None:
        self.packages = {"a": package("a"), "b": package("b")}
        self.asked: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.cache = CodeCache(folder, self.fetch)

    async def fetch(self, key: str) -> bytes:
        self.asked.append(key)
        await self.gate.wait()
        return self.packages[key]


@pytest.fixture
async def store(tmp_path: Path) -> Store:
    made = Store(tmp_path / "code")
    await made.cache.start()
    return made


async def test_a_package_is_unpacked_once_for_all_that_hold_it(store: Store) -> None:
    places = await asyncio.gather(*(store.cache.hold("a", holder) for holder in range(5)))
    assert len(set(places)) == 1
    assert (places[0] / "m.py").read_text() == "a"
    assert store.asked == ["a"]
    assert await store.cache.hold("b", 0) != places[0]


async def test_a_package_goes_with_the_last_who_holds_it(store: Store) -> None:
    place = await store.cache.hold("a", "one")
    await store.cache.hold("a", "two")
    store.cache.let_go("a", "one")
    store.cache.let_go("a", "one")
    assert place.is_dir()
    store.cache.let_go("a", "two")
    assert not place.exists()
    await store.cache.stop()
    assert os.listdir(store.cache.folder) == []
    assert (await store.cache.hold("a", "three") / "m.py").read_text() == "a"


async def test_what_cannot_be_unpacked_is_tried_again_by_who_asks_next(store: Store) -> None:
    store.packages["a"] = b"no zip"
    for _ in range(2):
        with pytest.raises(BadArchive):
            await store.cache.hold("a", "one")
    store.packages["a"] = package("mended")
    assert (await store.cache.hold("a", "one") / "m.py").read_text() == "mended"


async def test_who_gives_up_while_it_is_fetched_holds_nothing(store: Store) -> None:
    store.gate.clear()
    waiting = asyncio.create_task(store.cache.hold("a", "one"))
    await turns(3)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    store.gate.set()
    while len(asyncio.all_tasks()) > 1:
        await turns()
    await store.cache.stop()
    assert os.listdir(store.cache.folder) == []


async def test_what_an_earlier_run_left_is_deleted(tmp_path: Path) -> None:
    left = tmp_path / "code" / "a"
    left.mkdir(parents=True)
    (left / "m.py").write_text("old")
    store = Store(tmp_path / "code")
    await store.cache.start()
    assert (await store.cache.hold("a", 0) / "m.py").read_text() == "a"
    await store.cache.stop()
    assert sorted(os.listdir(tmp_path)) == ["code"]
