from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

import pytest

from conformance.store.things import INSERT, add, all_names, names, writer_held
from eventloop import turns

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambent.store import Store, Tx

VALUES = [
    ("ünï\x00\U0001f600", 2**63 - 1, b"\x00\xff"),
    ("", -(2**63), b""),
    ("none", None, None),
    ("large", 0, b"x" * 5_000_000),
]


async def test_what_a_function_raises_undoes_it_and_reaches_its_caller(store: Store) -> None:
    def half(tx: Tx) -> None:
        add(tx, "half")
        raise LookupError("no")

    with pytest.raises(LookupError, match="no"):
        await store.write(half)
    assert await names(store) == []


async def test_one_that_raises_undoes_nobody_else_of_the_same_commit(store: Store) -> None:
    def bad(tx: Tx) -> None:
        add(tx, "bad")
        raise ValueError("bad")

    works: list[Callable[[Tx], None]] = [partial(add, name="a"), bad, partial(add, name="b"), partial(add, name="a")]
    async with writer_held(store):
        waiting = [asyncio.ensure_future(store.write(work)) for work in works]
        await turns()
    results = await asyncio.gather(*waiting, return_exceptions=True)

    assert results[0] is None
    assert isinstance(results[1], ValueError)
    assert results[2] is None
    assert isinstance(results[3], Exception)
    assert await names(store) == ["a", "b"]


async def test_a_number_that_no_database_holds_undoes_its_function_only(store: Store) -> None:
    def too_large(tx: Tx) -> None:
        add(tx, "before")
        add(tx, "large", 2**63)

    results = await asyncio.gather(
        store.write(too_large), store.write(partial(add, name="good")), return_exceptions=True
    )

    assert isinstance(results[0], OverflowError)
    assert await names(store) == ["good"]


async def test_a_row_that_fails_undoes_the_rows_before_it(store: Store) -> None:
    rows = [{"name": name, "number": 0, "data": None} for name in ("a", "b", "a")]
    with pytest.raises(Exception, match=r"(?i)unique"):
        await store.write(lambda tx: tx.executemany(INSERT, rows))
    assert await names(store) == []


@pytest.mark.parametrize("problem", [StopIteration, SystemExit, KeyboardInterrupt, GeneratorExit, MemoryError])
async def test_whatever_a_function_raises_nobody_waits_for_ever(store: Store, problem: type[BaseException]) -> None:
    def work(_tx: Tx) -> None:
        raise problem

    told = RuntimeError if problem is StopIteration else problem
    for run in (store.write, store.read):
        neighbour = asyncio.ensure_future(store.write(partial(add, name=run.__name__)))
        with pytest.raises(told):
            await run(work)
        await neighbour
    assert await names(store) == ["read", "write"]


@pytest.mark.parametrize(("name", "number", "data"), VALUES, ids=[value[0][:5].encode().hex() for value in VALUES])
async def test_what_was_written_is_read(store: Store, name: str, number: int | None, data: bytes | None) -> None:
    values = {"name": name, "number": number, "data": data}
    assert await store.write(lambda tx: tx.execute(INSERT, values)) == 1
    row = await store.read(lambda tx: tx.one("SELECT * FROM things WHERE name = :name", values))
    assert row is not None
    assert (row["name"], row["number"], row["data"]) == (name, number, data)


async def test_a_missing_row_is_none(store: Store) -> None:
    assert await store.read(lambda tx: tx.one("SELECT * FROM things", {})) is None


async def test_how_many_rows_changed_is_told(store: Store) -> None:
    rows = [{"name": name, "number": 0, "data": None} for name in "abc"]
    await store.write(lambda tx: tx.executemany(INSERT, rows))
    assert await store.write(lambda tx: tx.execute("UPDATE things SET number = 1 WHERE name > 'a'", {})) == 2
    assert await store.write(lambda tx: tx.execute("DELETE FROM things WHERE name = 'z'", {})) == 0


async def test_functions_run_one_after_the_other_in_the_order_they_came(store: Store) -> None:
    def append(tx: Tx, number: int) -> None:
        row = tx.one("SELECT max(number) AS last FROM things", {})
        assert row is not None
        assert row["last"] == (number - 1 if number else None)
        add(tx, f"n{number}", number)

    await asyncio.gather(*(store.write(partial(append, number=number)) for number in range(2000)))

    assert len(await names(store)) == 2000


async def test_many_rows_go_at_once(store: Store) -> None:
    rows = [{"name": f"n{index:06d}", "number": index, "data": None} for index in range(100_000)]
    await store.write(lambda tx: tx.executemany(INSERT, rows))
    assert await names(store) == [row["name"] for row in rows]


async def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(Exception, match="readonly"):
        await store.read(partial(add, name="sly"))
    await store.write(partial(add, name="honest"))
    assert await names(store) == ["honest"]


async def test_a_reader_sees_nothing_of_what_is_undone(store: Store) -> None:
    async with writer_held(store):

        def undone(tx: Tx) -> None:
            add(tx, "undone")
            raise LookupError

        writing = asyncio.ensure_future(store.write(undone))
        reading = asyncio.ensure_future(names(store))
        await turns()
    assert await reading == []
    with pytest.raises(LookupError):
        await writing


async def test_a_reader_sees_what_was_committed_before_it_asked(store: Store) -> None:
    for number in range(100):
        await store.write(partial(add, name=f"n{number}"))
        counts = await asyncio.gather(*(names(store) for _ in range(8)))
        assert {len(found) for found in counts} == {number + 1}


async def test_a_reader_sees_one_moment(store: Store) -> None:
    def twice(tx: Tx) -> tuple[list[str], list[str]]:
        return all_names(tx), all_names(tx)

    reads = [asyncio.ensure_future(store.read(twice)) for _ in range(20)]
    writes = [asyncio.ensure_future(store.write(partial(add, name=f"n{number}"))) for number in range(20)]
    await asyncio.gather(*writes)
    assert all(before == after for before, after in await asyncio.gather(*reads))


async def test_a_read_that_fails_leaves_the_next_one_well(store: Store) -> None:
    def bad(tx: Tx) -> None:
        all_names(tx)
        raise ValueError("bad")

    results = await asyncio.gather(*(store.read(bad) for _ in range(20)), return_exceptions=True)
    assert {type(result) for result in results} == {ValueError}
    await store.write(partial(add, name="after"))
    assert await names(store) == ["after"]
