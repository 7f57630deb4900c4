from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pytest

from eventloop import turns
from lambent.store import Store, StoreClosedError

if TYPE_CHECKING:
    from lambent.store import Tx

INSERT = "INSERT INTO things (name, number, data) VALUES (:name, :number, :data)"


def add(tx: Tx, name: str, number: int = 0, data: bytes | None = None) -> None:
    tx.execute(INSERT, {"name": name, "number": number, "data": data})


async def names(store: Store) -> list[str]:
    return await store.read(lambda tx: [row["name"] for row in tx.all("SELECT name FROM things ORDER BY name", {})])


async def test_what_was_written_is_read(store: Store) -> None:
    values = {"name": "ünï", "number": 2**62, "data": b"\x00\xff"}
    assert await store.write(lambda tx: tx.execute(INSERT, values)) == 1
    row = await store.read(lambda tx: tx.one("SELECT * FROM things WHERE name = :name", values))
    assert row is not None
    assert (row["name"], row["number"], row["data"]) == ("ünï", 2**62, b"\x00\xff")


async def test_a_missing_row_is_none(store: Store) -> None:
    assert await store.read(lambda tx: tx.one("SELECT * FROM things", {})) is None


async def test_what_a_function_raises_undoes_it_and_reaches_its_caller(store: Store) -> None:
    def half(tx: Tx) -> None:
        add(tx, "half")
        raise LookupError("no")

    with pytest.raises(LookupError, match="no"):
        await store.write(half)
    assert await names(store) == []


async def test_one_that_raises_undoes_nobody_else_of_the_same_commit(store: Store) -> None:
    gate = threading.Event()

    def hold(_tx: Tx) -> None:
        gate.wait()

    def bad(tx: Tx) -> None:
        add(tx, "bad")
        raise ValueError("bad")

    holding = asyncio.ensure_future(store.write(hold))
    waiting: list[asyncio.Future[Any]] = [
        asyncio.ensure_future(store.write(work))
        for work in (lambda tx: add(tx, "a"), bad, lambda tx: add(tx, "b"), lambda tx: add(tx, "a"))
    ]
    await turns()
    gate.set()
    await holding
    results = await asyncio.gather(*waiting, return_exceptions=True)

    assert results[0] is None
    assert isinstance(results[1], ValueError)
    assert results[2] is None
    assert isinstance(results[3], Exception)
    assert await names(store) == ["a", "b"]


async def test_functions_of_one_store_run_one_after_the_other(store: Store) -> None:
    await store.write(lambda tx: add(tx, "counter"))

    def increase(tx: Tx) -> None:
        row = tx.one("SELECT number FROM things WHERE name = 'counter'", {})
        assert row is not None
        tx.execute("UPDATE things SET number = :number WHERE name = 'counter'", {"number": row["number"] + 1})

    await asyncio.gather(*(store.write(increase) for _ in range(500)))

    row = await store.read(lambda tx: tx.one("SELECT number FROM things", {}))
    assert row is not None
    assert row["number"] == 500


async def test_many_rows_go_at_once(store: Store) -> None:
    rows = [{"name": f"n{index:04d}", "number": index, "data": None} for index in range(1000)]
    await store.write(lambda tx: tx.executemany(INSERT, rows))
    assert await names(store) == [row["name"] for row in rows]


async def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(Exception, match="readonly"):
        await store.read(lambda tx: add(tx, "sly"))
    await store.write(lambda tx: add(tx, "honest"))
    assert await names(store) == ["honest"]


async def test_a_reader_sees_one_moment(store: Store) -> None:
    await store.write(lambda tx: add(tx, "first"))

    def twice(tx: Tx) -> tuple[int, int]:
        one = len(tx.all("SELECT name FROM things", {}))
        return one, len(tx.all("SELECT name FROM things", {}))

    reads = [asyncio.ensure_future(store.read(twice)) for _ in range(20)]
    writes = [asyncio.ensure_future(store.write(lambda tx, n=n: add(tx, f"n{n}"))) for n in range(20)]
    await asyncio.gather(*writes)
    assert all(before == after for before, after in await asyncio.gather(*reads))


async def test_a_signal_comes_after_the_commit_and_once(store: Store) -> None:
    seen: list[int] = []

    def look() -> None:
        seen.append(1)

    def work(tx: Tx) -> None:
        add(tx, "x")
        tx.signal("ready")
        tx.signal("ready")

    store.signals.on("ready", look)
    with store.signals.subscribe("ready") as news:
        await store.write(work)
        await news.wait()
        assert await names(store) == ["x"]
    assert seen == [1]


async def test_a_function_that_raises_sends_no_signal(store: Store) -> None:
    seen: list[str] = []
    store.signals.on("ready", lambda: seen.append("ready"))

    def work(tx: Tx) -> None:
        tx.signal("ready")
        raise LookupError

    with pytest.raises(LookupError):
        await store.write(work)
    await store.write(lambda tx: add(tx, "next"))
    assert seen == []


async def test_signals_that_nobody_waited_for_count_as_one(store: Store) -> None:
    with store.signals.subscribe("ready") as news:
        for name in "abc":
            await store.write(lambda tx, name=name: (add(tx, name), tx.signal("ready")))  # type: ignore[misc]
        await news.wait()
        waiting = asyncio.ensure_future(news.wait())
        await turns()
        assert not waiting.done()
        waiting.cancel()


async def test_closing_finishes_what_waits_and_refuses_what_comes(store: Store) -> None:
    writes = [asyncio.ensure_future(store.write(lambda tx, n=n: add(tx, f"n{n}"))) for n in range(50)]
    await turns()
    await store.close()
    await asyncio.gather(*writes)
    with pytest.raises(StoreClosedError):
        await store.write(lambda tx: add(tx, "late"))
    with pytest.raises(StoreClosedError):
        await names(store)
