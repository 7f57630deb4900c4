from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambent.errors import AwsError
from lambent.services.logs import tokens
from lambent.services.logs.chunks import SPAN_MS, cut
from lambent.services.logs.record import Position
from lambent.store import make_store
from unit.services.logs.world import GROUP, World

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

DAY_MS = 86_400_000
TIMES = st.integers(-200_000, 200_000) | st.sampled_from([-60_000, -1, 0, 0, 0, 1, 60_000])
BATCHES = st.lists(st.tuples(st.sampled_from("abc"), st.lists(TIMES, min_size=1, max_size=6)), max_size=10)


async def forward(world: World, operation: str, **params: Any) -> list[list[str]]:
    """The pages from the beginning to the end."""
    name = "nextForwardToken" if operation == "GetLogEvents" else "nextToken"
    pages: list[list[str]] = []
    token: str | None = None
    while True:
        more = {} if token is None else {"nextToken": token}
        answer = await world.call(operation, logGroupName=GROUP, **params, **more)
        pages.append([event["message"] for event in answer["events"]])
        if answer.get(name) in {None, token}:
            return pages
        token = answer[name]


async def backward(world: World, **params: Any) -> list[list[str]]:
    """The pages of GetLogEvents from the end to the beginning."""
    pages: list[list[str]] = []
    token: str | None = None
    while True:
        more = {} if token is None else {"nextToken": token}
        answer = await world.call("GetLogEvents", logGroupName=GROUP, **params, **more)
        pages.append([event["message"] for event in answer["events"]])
        if answer["nextBackwardToken"] == token:
            return pages
        token = answer["nextBackwardToken"]


# --- refusals


@pytest.mark.parametrize("token", ["x", "f/12/s", "f/" + "x" * 56 + "/s", "c/" + "0" * 56 + "/s"])
async def test_a_token_that_was_never_given_is_refused(world: World, token: str) -> None:
    await world.make("s")
    refusal = ("InvalidParameterException", "The specified nextToken is invalid.")
    assert await world.refused("GetLogEvents", logGroupName=GROUP, logStreamName="s", nextToken=token) == refusal
    assert await world.refused("FilterLogEvents", logGroupName=GROUP, nextToken=token) == refusal
    assert await world.refused("FilterLogEvents", logGroupName=GROUP, nextToken=tokens.pack(token)) == refusal


async def test_names_and_a_prefix_of_streams_exclude_each_other(world: World) -> None:
    await world.make("s")
    code, _ = await world.refused("FilterLogEvents", logGroupName=GROUP, logStreamNames=["s"], logStreamNamePrefix="s")
    assert code == "InvalidParameterException"


async def test_newest_first_needs_a_start_that_is_not_too_long_ago(world: World) -> None:
    await world.make("s")
    code, _ = await world.refused("FilterLogEvents", logGroupName=GROUP, startFromHead=False)
    assert code == "InvalidParameterException"


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("me@example.com", "Invalid filter pattern"),
        ("{ $.a = 1", "If a filter pattern starts with '{' it must end with '}'"),
        ("{ $.a EXISTS }", "Invalid filter pattern"),
    ],
)
async def test_a_pattern_that_cannot_be_read_is_refused(world: World, pattern: str, text: str) -> None:
    await world.make("s")
    assert await world.refused("FilterLogEvents", logGroupName=GROUP, filterPattern=pattern) == (
        "InvalidParameterException",
        text,
    )


async def test_an_expression_that_runs_away_is_refused_and_holds_nobody_up(world: World) -> None:
    await world.make("s")
    await world.put("s", (0, "a" * 5000 + "d"))
    code, text = await world.refused("FilterLogEvents", logGroupName=GROUP, filterPattern="%a*a*a*a*a*a*[bc]+d%")
    assert code == "InvalidParameterException"
    assert "takes too long" in (text or "")


# --- pages


async def test_an_empty_stream_has_an_empty_page_and_tokens_that_stay(world: World) -> None:
    await world.make("s")
    directions: list[dict[str, Any]] = [{}, {"startFromHead": True}]
    for params in directions:
        answer = await world.call("GetLogEvents", logGroupName=GROUP, logStreamName="s", **params)
        assert answer["events"] == []
        for name in ("nextForwardToken", "nextBackwardToken"):
            again = await world.call("GetLogEvents", logGroupName=GROUP, logStreamName="s", nextToken=answer[name])
            assert again[name] == answer[name]


async def test_the_last_page_comes_first_unless_the_head_is_asked_for(world: World) -> None:
    await world.make("s")
    await world.put("s", *[(number, str(number)) for number in range(10)])
    of_s = {"logStreamName": "s", "limit": 3}
    assert await world.messages("GetLogEvents", **of_s) == ["7", "8", "9"]
    assert await world.messages("GetLogEvents", **of_s, startFromHead=True) == ["0", "1", "2"]
    assert await backward(world, **of_s) == [["7", "8", "9"], ["4", "5", "6"], ["1", "2", "3"], ["0"], []]


async def test_who_has_reached_the_end_gets_what_comes_with_the_same_token(world: World) -> None:
    await world.make("s")
    await world.put("s", (0, "a"))
    end = await world.call("GetLogEvents", logGroupName=GROUP, logStreamName="s")
    of_s = {"logStreamName": "s", "nextToken": end["nextForwardToken"]}
    nothing = await world.call("GetLogEvents", logGroupName=GROUP, **of_s)
    assert (nothing["events"], nothing["nextForwardToken"]) == ([], end["nextForwardToken"])
    assert await world.messages("GetLogEvents", logStreamName="s", nextToken=nothing["nextBackwardToken"]) == ["a"]

    await world.put("s", (1, "b"))
    assert await world.messages("GetLogEvents", **of_s) == ["b"]


async def test_the_end_is_excluded_from_a_stream_and_included_in_a_group(world: World) -> None:
    await world.make("s")
    await world.put("s", (0, "a"), (1, "b"), (2, "c"))
    when = {"startTime": world.now_ms, "endTime": world.now_ms + 2}
    assert await world.messages("GetLogEvents", logStreamName="s", **when) == ["a", "b"]
    assert await world.messages("FilterLogEvents", **when) == ["a", "b", "c"]


async def test_an_event_is_shown_with_its_id(world: World) -> None:
    await world.log("s", (-5, "text\n"))
    (event,) = (await world.call("FilterLogEvents", logGroupName=GROUP))["events"]
    assert len(event.pop("eventId")) == 56
    assert event == {
        "logStreamName": "s",
        "timestamp": world.now_ms - 5,
        "message": "text\n",
        "ingestionTime": world.now_ms,
    }


async def test_streams_are_chosen_by_name_or_prefix(world: World) -> None:
    for stream in ("a1", "a2", "b1"):
        await world.log(stream, (0, stream))
    for params, texts in (
        ({"logStreamNames": ["a1"]}, ["a1"]),
        ({"logStreamNames": ["a1", "b1"]}, ["a1", "b1"]),
        ({"logStreamNames": ["a1", "a2"]}, ["a1", "a2"]),
        ({"logStreamNamePrefix": "a"}, ["a1", "a2"]),
        ({"logStreamNamePrefix": "a1"}, ["a1"]),
        ({"logStreamNamePrefix": "x"}, []),
    ):
        assert await world.messages("FilterLogEvents", **params) == texts


async def test_a_page_holds_a_mebibyte(world: World) -> None:
    await world.make("s")
    for number in range(5):
        await world.put("s", (number, f"{number}" * 400_000))
    for pages in (
        await forward(world, "FilterLogEvents"),
        await forward(world, "GetLogEvents", logStreamName="s", startFromHead=True),
    ):
        assert [[text[0] for text in page] for page in pages if page] == [["0", "1"], ["2", "3"], ["4"]]


async def test_events_that_are_over_are_not_shown_even_before_they_are_removed(world: World) -> None:
    await world.log("s", (-2 * DAY_MS, "over"), (0, "fine"))
    await world.call("PutRetentionPolicy", logGroupName=GROUP, retentionInDays=1)
    assert await world.messages("FilterLogEvents") == ["fine"]
    assert await world.messages("GetLogEvents", logStreamName="s") == ["fine"]


async def test_a_search_ends_early_rather_than_late_and_goes_on_where_it_was(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lambent.services.logs.selection.BUDGET_BYTES", 300)
    texts = [f"{number} {'x' * 90}" for number in range(40)]
    for number, text in enumerate(texts):
        await world.log("s", (number * 70_000, text))
    for direction in ({}, {"startFromHead": False, "startTime": world.now_ms}):
        pages = await forward(world, "FilterLogEvents", filterPattern='"39 " ', **direction)
        assert len(pages) > 5
        assert [text for page in pages for text in page] == [texts[39]]


# --- properties


def searched(batches: list[tuple[str, list[int]]], check: Callable[[World, list[str]], Awaitable[None]]) -> None:
    """Check a group of streams a, b and c that batches of events were written to; given their order."""

    async def run() -> None:
        store = make_store(None)
        await store.open()
        try:
            world = World(store)
            await world.make("a", "b", "c")
            written: list[tuple[int, int, str]] = []
            for number, (stream, times) in enumerate(batches):
                lines = [(at_ms, f"{stream} {number} {index}") for index, at_ms in enumerate(times)]
                await world.log(stream, *lines)
                written += [(at_ms, place, text) for place, (at_ms, text) in enumerate(lines, len(written))]
            await check(world, [text for _, _, text in sorted(written)])
        finally:
            await store.close()

    asyncio.run(run())


@settings(deadline=None)
@given(BATCHES, st.integers(1, 7))
def test_pages_of_a_group_are_all_events_in_order_either_way(batches: list[tuple[str, list[int]]], limit: int) -> None:
    async def check(world: World, texts: list[str]) -> None:
        pages = await forward(world, "FilterLogEvents", limit=limit)
        assert [text for page in pages for text in page] == texts
        assert all(len(page) <= limit for page in pages)
        back = await forward(world, "FilterLogEvents", limit=limit, startFromHead=False, startTime=world.now_ms - 10**6)
        assert [text for page in back for text in page] == texts[::-1]

    searched(batches, check)


@settings(deadline=None)
@given(BATCHES, st.integers(1, 7))
def test_pages_of_a_stream_are_its_events_in_order_either_way(batches: list[tuple[str, list[int]]], limit: int) -> None:
    async def check(world: World, texts: list[str]) -> None:
        mine = [text for text in texts if text.startswith("a")]
        pages = await forward(world, "GetLogEvents", logStreamName="a", limit=limit, startFromHead=True)
        assert [text for page in pages for text in page] == mine
        back = await backward(world, logStreamName="a", limit=limit)
        assert [text for page in back[::-1] for text in page] == mine

    searched(batches, check)


@settings(deadline=None)
@given(BATCHES, TIMES, TIMES, st.sampled_from("0123"))
def test_a_range_and_a_pattern_choose_what_they_say(
    batches: list[tuple[str, list[int]]], first_ms: int, last_ms: int, wanted: str
) -> None:
    async def check(world: World, texts: list[str]) -> None:
        when = {"startTime": world.now_ms + first_ms, "endTime": world.now_ms + last_ms}
        found = [text for page in await forward(world, "FilterLogEvents", limit=3, **when) for text in page]
        chosen = []
        for text in texts:
            number, index = map(int, text.split()[1:])
            if first_ms <= batches[number][1][index] <= last_ms:
                chosen.append(text)
        assert found == chosen
        pages = await forward(world, "FilterLogEvents", limit=2, filterPattern=f'" {wanted} "')
        assert [text for page in pages for text in page] == [text for text in texts if f" {wanted} " in text]

    searched(batches, check)


@given(st.lists(st.tuples(TIMES, st.text(max_size=3)), max_size=60))
def test_pieces_are_together_what_was_written_and_span_a_minute_at_most(lines: list[tuple[int, str]]) -> None:
    pieces = list(cut(lines))
    assert [line for piece in pieces for line in piece] == lines
    for piece in pieces:
        times = [at_ms for at_ms, _ in piece]
        assert max(times) - min(times) <= SPAN_MS


POSITIONS = st.builds(Position, st.integers(0, 2**41), st.integers(0, 2**62), st.integers(0, 20_000))


@given(POSITIONS, POSITIONS)
def test_ids_are_in_the_order_of_events(one: Position, other: Position) -> None:
    assert (tokens.event_id(one) < tokens.event_id(other)) == (one < other)


@given(POSITIONS)
def test_a_token_leads_back_to_its_place(position: Position) -> None:
    assert tokens.read(tokens.forward(position)) == (position, False)
    assert tokens.read(tokens.backward(position)) == (position, True)


@given(st.text(max_size=80))
def test_whatever_comes_as_a_token_is_read_or_refused(token: str) -> None:
    for read in (tokens.read, lambda text: tokens.unpack(text, list)):
        try:
            read(token)
        except AwsError as refusal:
            assert refusal.code == "InvalidParameterException"  # noqa: PT017  either is fine, but nothing else
