from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lambent.clock import VirtualClock
from lambent.services.logs import reader
from lambent.services.logs.buffer import LogBuffer
from lambent.store import Store, make_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

WORLD = ("000000000000", "us-east-1", "/aws/lambda/f")


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    one = make_store(None)
    await one.open()
    yield one
    await one.close()


async def write(store: Store, *texts: str, stream: str = "s") -> None:
    """One batch."""
    logs = LogBuffer(store=store, clock=VirtualClock())
    logs.append(*WORLD, stream, [(number, text) for number, text in enumerate(texts)])
    await logs.run_once()


async def test_a_group_that_does_not_exist_is_empty(store: Store) -> None:
    assert await reader.after(store, *WORLD, 0) == reader.Page([], 0)
    assert await reader.after(store, *WORLD, 77) == reader.Page([], 77)
    assert await reader.tail_position(store, *WORLD, 5) == 0


async def test_a_page_says_where_the_next_one_begins(store: Store) -> None:
    await write(store, "a", "b")
    first = await reader.after(store, *WORLD, 0)
    assert first.events == [(0, "s", "a"), (1, "s", "b")]
    assert (await reader.after(store, *WORLD, first.position)).events == []

    await write(store, "c", stream="t")
    second = await reader.after(store, *WORLD, first.position)
    assert second.events == [(0, "t", "c")]
    assert second.position > first.position


async def test_pages_are_bounded_and_come_to_the_whole(store: Store) -> None:
    for number in range(50):
        await write(store, f"text {number}", stream=f"s{number % 3}")
    texts: list[str] = []
    sizes: list[int] = []
    position = 0
    while (page := await reader.after(store, *WORLD, position)).events:
        sizes.append(len(page.events))
        texts += [text for _, _, text in page.events]
        position = page.position
    assert sizes == [16, 16, 16, 2]
    assert texts == [f"text {number}" for number in range(50)]


@pytest.mark.parametrize(("batches", "seen"), [(1, ["c"]), (2, ["b", "c"]), (3, ["a", "b", "c"]), (9, ["a", "b", "c"])])
async def test_the_tail_is_the_last_batches(store: Store, batches: int, seen: list[str]) -> None:
    for text in "abc":
        await write(store, text, stream=text)
    position = await reader.tail_position(store, *WORLD, batches)
    page = await reader.after(store, *WORLD, position)
    assert [text for _, _, text in page.events] == seen
