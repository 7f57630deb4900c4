from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lambent.invoke import event as events
from lambent.invoke import history
from lambent.invoke.event import Attempt, Event
from lambent.invoke.history import History, noted
from lambent.invoke.retry import Condition, Result
from lambent.store import make_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from lambent.store import Store

A = "arn:aws:lambda:eu-west-1:111111111111:function:"
FAILED = Attempt(Result.FAILED, 200, "3", "{}", "no", began_ms=5, duration_ms=1.5, log_stream="s")
WORLD = ("111111111111", "eu-west-1")


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    one = make_store(None)
    await one.open()
    yield one
    await one.close()


async def end(store: Store, request: str, condition: Condition, name: str = "f", at: int = 10) -> None:
    event = noted(Event(request, A + name, "", "{}", 1, 1, attempts=1), FAILED)
    await store.write(
        lambda tx: history.put(tx, event, condition, told=[("arn:q", None), ("arn:t", "gone")], now_ms=at)
    )


async def test_an_event_that_nobody_knows_has_no_history(store: Store) -> None:
    assert await History(store).find("x") is None


async def test_an_end_is_shown_with_every_attempt_and_whom_it_was_told(store: Store) -> None:
    await end(store, "a", Condition.RETRIES_EXHAUSTED)
    assert await History(store).find("a") == {
        "id": "a",
        "function_arn": f"{A}f",
        "qualifier": None,
        "source": None,
        "accepted_at_ms": 1,
        "ended_at_ms": 10,
        "ready_at_ms": None,
        "state": "ended",
        "condition": "RetriesExhausted",
        "attempts": 1,
        "refusals": 0,
        "timeline": [
            {
                "at_ms": 5,
                "result": "failed",
                "status": 200,
                "version": "3",
                "duration_ms": 1.5,
                "log_stream": "s",
                "message": "no",
                "retry_at_ms": None,
            }
        ],
        "told": [{"arn": "arn:q", "failure": None}, {"arn": "arn:t", "failure": "gone"}],
    }


async def test_what_waits_and_what_runs_is_shown_as_such(store: Store) -> None:
    await store.write(lambda tx: events.put(tx, Event("a", f"{A}f", "blue", "{}", 1, 7, source="sns.amazonaws.com")))
    await store.write(lambda tx: events.put(tx, Event("b", f"{A}f", "", "{}", 1, 8), owner="me"))
    waiting, running = await History(store).page(*WORLD, "f", failed=False, count=10)
    assert (waiting["state"], waiting["ready_at_ms"], waiting["qualifier"]) == ("waiting", 7, "blue")
    assert waiting["source"] == "sns.amazonaws.com"
    assert (running["state"], running["ready_at_ms"]) == ("running", None)


async def test_pages_are_of_one_function_or_of_all_the_newest_end_first(store: Store) -> None:
    await store.write(lambda tx: events.put(tx, Event("waits", f"{A}f", "", "{}", 1, 7)))
    await end(store, "good", Condition.SUCCESS, at=20)
    await end(store, "bad", Condition.RETRIES_EXHAUSTED, at=10)
    await end(store, "other", Condition.RETRIES_EXHAUSTED, name="f-2", at=30)
    page = History(store).page

    async def ids(name: str | None, *, failed: bool = False, count: int = 10) -> list[str]:
        return [one["id"] for one in await page(*WORLD, name, failed=failed, count=count)]

    assert await ids("f") == ["waits", "good", "bad"]
    assert await ids("f", failed=True) == ["bad"]
    assert await ids(None) == ["waits", "other", "good", "bad"]
    assert await ids(None, failed=True) == ["other", "bad"]
    assert await ids(None, count=2) == ["waits", "other"]
    assert await ids("nobody") == []
    assert await page("222222222222", "eu-west-1", None, failed=False, count=10) == []


async def test_the_oldest_are_forgotten(store: Store) -> None:
    week = 7 * 86_400_000
    for number in range(5):
        await end(store, str(number), Condition.SUCCESS, at=number)
    await store.write(lambda tx: history.trim(tx, now_ms=week + 1))
    left = [one["id"] for one in await History(store).page(*WORLD, None, failed=False, count=10)]
    assert left == ["4", "3", "2", "1"]
    await store.write(lambda tx: history.trim(tx, now_ms=week, most=2))
    left = [one["id"] for one in await History(store).page(*WORLD, None, failed=False, count=10)]
    assert left == ["4", "3"]
