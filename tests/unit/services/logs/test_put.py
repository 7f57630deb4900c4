from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambent.services.logs.put import sift
from unit.services.logs.world import DAY_MS, GROUP

if TYPE_CHECKING:
    from unit.services.logs.world import World

HOUR_MS = 3_600_000
MINUTE_MS = 60_000


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        ([(1, "a"), (0, "b")], "Log events in a single PutLogEvents request must be in chronological order."),
        (
            [(-DAY_MS - 1, "a"), (0, "b")],
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
        ),
        ([(0, "x" * 1_048_560)], "Log event too large: 1048586 bytes exceeds limit of 1048576"),
        ([(0, "é" * 262_144), (0, "x" * 524_288)], "Upload too large: 1048628 bytes exceeds limit of 1048576"),
    ],
)
async def test_a_batch_that_cannot_be_taken_is_refused_as_a_whole(
    world: World, lines: list[tuple[int, str]], text: str
) -> None:
    await world.make("s")
    events = [{"timestamp": world.now_ms + after_ms, "message": message} for after_ms, message in lines]
    assert await world.refused("PutLogEvents", logGroupName=GROUP, logStreamName="s", logEvents=events) == (
        "InvalidParameterException",
        text,
    )
    assert await world.messages("FilterLogEvents") == []


async def test_more_than_ten_thousand_events_are_refused(world: World) -> None:
    await world.make("s")
    events = [{"timestamp": world.now_ms, "message": "m"}] * 10_001
    code, text = await world.refused("PutLogEvents", logGroupName=GROUP, logStreamName="s", logEvents=events)
    assert code == "InvalidParameterException"
    assert "length less than or equal to 10000" in (text or "")


async def test_events_of_the_wrong_time_are_told_and_the_others_kept(world: World) -> None:
    await world.make("s")
    answer = await world.put(
        "s",
        (-15 * DAY_MS, "too old"),
        (-14 * DAY_MS - 1, "too old"),
        (-HOUR_MS, "fine"),
        (2 * HOUR_MS, "fine"),
        (2 * HOUR_MS + 1, "too new"),
    )
    assert answer["rejectedLogEventsInfo"] == {"tooOldLogEventEndIndex": 2, "tooNewLogEventStartIndex": 4}
    assert await world.messages("FilterLogEvents") == ["fine", "fine"]


async def test_events_that_are_over_already_are_told(world: World) -> None:
    await world.make("s")
    await world.call("PutRetentionPolicy", logGroupName=GROUP, retentionInDays=1)
    answer = await world.put("s", (-DAY_MS - 1, "over"), (0, "fine"))
    assert answer["rejectedLogEventsInfo"] == {"expiredLogEventEndIndex": 1}
    assert await world.messages("FilterLogEvents") == ["fine"]


async def test_sequence_tokens_are_ignored(world: World) -> None:
    await world.make("s")
    event = {"timestamp": world.now_ms, "message": "m"}
    for token in ("never given", "never given"):
        await world.call("PutLogEvents", logGroupName=GROUP, logStreamName="s", logEvents=[event], sequenceToken=token)
    assert await world.messages("FilterLogEvents") == ["m", "m"]


async def test_what_events_are_about_is_refused_and_they_are_kept(world: World) -> None:
    await world.make("s")
    event = {"timestamp": world.now_ms, "message": "m"}
    answer = await world.call(
        "PutLogEvents",
        logGroupName=GROUP,
        logStreamName="s",
        logEvents=[event],
        entity={"keyAttributes": {"Type": "Service", "Name": "x"}},
    )
    assert answer["rejectedEntityInfo"] == {"errorType": "UnsupportedLogGroupType"}
    assert await world.messages("FilterLogEvents") == ["m"]


async def test_events_that_are_far_apart_are_found_by_their_times(world: World) -> None:
    await world.make("s")
    await world.put("s", *[(-minutes * MINUTE_MS, f"{minutes}") for minutes in range(1439, -1, -1)])
    for minutes in (0, 1, 700, 1439):
        at_ms = world.now_ms - minutes * MINUTE_MS
        assert await world.messages("FilterLogEvents", startTime=at_ms, endTime=at_ms) == [f"{minutes}"]


@given(
    times=st.lists(st.integers(-20 * DAY_MS, DAY_MS), min_size=1, max_size=20).map(sorted),
    oldest_ms=st.integers(-20 * DAY_MS, 0),
)
def test_every_event_is_kept_or_told(times: list[int], oldest_ms: int) -> None:
    sifted = sift(times, 0, oldest_ms)
    ends = (sifted.rejected.get("tooOldLogEventEndIndex", 0), sifted.rejected.get("expiredLogEventEndIndex", 0))
    assert sifted.first == max(ends)
    assert sifted.last == sifted.rejected.get("tooNewLogEventStartIndex", len(times))
    for index, at_ms in enumerate(times):
        is_kept = max(-14 * DAY_MS, oldest_ms) <= at_ms <= 2 * HOUR_MS
        assert is_kept == (sifted.first <= index < sifted.last)
