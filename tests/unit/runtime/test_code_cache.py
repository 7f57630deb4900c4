from __future__ import annotations

import asyncio
import io
import os
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from eventloop import turns
from lambent.runtime.archive import BadArchive
from lambent.runtime.code_cache import CodeCache
from unit.runtime.conftest import SPEC

if TYPE_CHECKING:
    from pathlib import Path

    from lambent.runtime.spec import FunctionSpec


def package(text: str, name: str = "m.py") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, text)
    return out.getvalue()


def function(code_key: str, layers: tuple[str, ...] = ()) -> FunctionSpec:
    return replace(SPEC, code_key=code_key, layers=layers)


class Store:
    """Packages, and how often each was asked for."""

    def __init__(self, folder: Path) -> None:
        self.packages = {"a": package("a"), "b": package("b"), "c": package("c", "n.py")}
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


async def test_layers_together_are_one_folder_that_holds_its_parts(store: Store) -> None:
    both = function("a", layers=("b", "c"))
    held = await store.cache.hold_all(both, "one")
    assert held.layers is not None
    assert {file.name: file.read_text() for file in held.layers.iterdir()} == {"m.py": "b", "n.py": "c"}
    other = await store.cache.hold_all(function("a", layers=("c", "b")), "two")
    assert sorted(store.asked) == ["a", "b", "c"]
    assert other.layers not in {None, held.layers}
    store.cache.let_go_all(both, "one")
    assert not held.layers.exists()
    assert held.code.exists()
    store.cache.let_go_all(function("a", layers=("c", "b")), "two")
    await store.cache.stop()
    assert list(store.cache.folder.iterdir()) == []


async def test_the_last_layer_wins(store: Store) -> None:
    store.packages["c"] = package("c")
    held = await store.cache.hold_all(function("a", layers=("b", "c")), "one")
    assert held.layers is not None
    assert (held.layers / "m.py").read_text() == "c"


async def test_one_layer_is_a_package_as_any_other(store: Store) -> None:
    one = await store.cache.hold_all(function("a", layers=("a",)), "one")
    assert one.layers == one.code
    store.cache.let_go_all(function("a", layers=("a",)), "one")
    await store.cache.stop()
    assert list(store.cache.folder.iterdir()) == []


async def test_a_function_without_layers_has_none(store: Store) -> None:
    assert (await store.cache.hold_all(function("a"), "one")).layers is None


async def test_layers_that_cannot_be_had_leave_nothing_held(store: Store) -> None:
    missing = function("a", layers=("b", "none"))
    for _ in range(2):
        with pytest.raises(KeyError):
            await store.cache.hold_all(missing, "one")
    await store.cache.stop()
    assert list(store.cache.folder.iterdir()) == []
    store.packages["none"] = package("there now")
    held = await store.cache.hold_all(missing, "one")
    assert held.layers is not None
    assert (held.layers / "m.py").read_text() == "there now"


async def test_layers_that_nobody_waits_for_any_more_are_deleted(store: Store) -> None:
    store.gate.clear()
    waiting = asyncio.create_task(store.cache.hold_all(function("a", layers=("b", "c")), "one"))
    await turns()
    store.gate.set()
    while store.asked.count("b") == 0:
        await turns()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    again = await store.cache.hold_all(function("a", layers=("b", "c")), "two")
    assert again.layers is not None
    assert (again.layers / "n.py").read_text() == "c"
