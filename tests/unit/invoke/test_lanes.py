from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lambent.invoke.lanes import FIRST_LIMIT, PATIENCE_S, Lanes


def made(most: int = 1000) -> Lanes:
    return Lanes(lambda _: most)


def test_a_full_lane_takes_nothing_from_another() -> None:
    lanes = made()
    lanes.expect({"slow": 0, "quick": 0}, 0)
    lanes.turns(0, 0)
    lanes.expect({"slow": 0}, 0)
    assert lanes.turns(0, 0) == {}

    lanes.leave(lanes.lane("quick", 0), 0, FIRST_LIMIT)
    lanes.expect({"quick": 0}, 0)
    assert lanes.turns(0, 0) == {"quick": FIRST_LIMIT}


def test_lanes_are_served_in_turn() -> None:
    lanes = made()
    names = [f"f{number:02d}" for number in range(40)]
    lanes.expect(dict.fromkeys(names, 0), 0)
    first = lanes.turns(0, 0)
    assert list(first) == names[: len(first)]
    assert len(first) < len(names)
    for name in first:
        lanes.leave(lanes.lane(name, 0), 0, first[name])
        lanes.expect({name: 0}, 0)
    assert set(lanes.turns(0, 0)) >= set(names[len(first) : 2 * len(first)])


def test_a_lane_whose_events_all_wait_gets_more_room() -> None:
    lanes = made()
    lanes.expect({"f": 0}, 0)
    assert lanes.turns(0, 0) == {"f": FIRST_LIMIT}
    lanes.expect({"f": 0}, 0)
    assert lanes.wait_s(0, 0) == PATIENCE_S
    assert lanes.turns(0, PATIENCE_S) == {"f": FIRST_LIMIT}


def test_a_lane_whose_events_end_keeps_its_room() -> None:
    lanes = made()
    lanes.expect({"f": 0}, 0)
    lanes.turns(0, 0)
    lanes.expect({"f": 0}, 0)
    lanes.leave(lanes.lane("f", 0), 0.2)
    assert lanes.turns(0, 0.3) == {"f": 1}


def test_what_a_function_reserves_is_the_most_that_runs() -> None:
    lanes = made(most=2)
    lanes.expect({"f": 0}, 0)
    assert lanes.turns(0, 0) == {"f": 2}
    lanes.expect({"f": 0}, 0)
    assert lanes.turns(0, 100) == {}


def test_a_new_event_waits_behind_those_that_are_due() -> None:
    lanes = made()
    lane = lanes.lane("f", 0)
    assert lanes.enter(lane, 0)
    lane.expect(5)
    assert lanes.enter(lane, 4)
    assert not lanes.enter(lane, 5)


def test_nothing_is_kept_of_a_lane_without_events() -> None:
    lanes = made()
    lane = lanes.lane("f", 0)
    assert lanes.enter(lane, 0)
    lanes.leave(lane, 0)
    assert len(lanes) == 0
    assert lanes.wait_s(0, 0) is None


def test_the_next_thing_to_do_is_waited_for() -> None:
    lanes = made()
    lanes.expect({"f": 5000, "g": 3000}, 0)
    assert lanes.wait_s(1000, 0) == 2
    assert lanes.turns(2999, 2) == {}
    assert lanes.turns(3000, 2) == {"g": FIRST_LIMIT}


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 100), max_size=60), st.integers(1, 50), st.integers(0, 100))
def test_no_lane_gets_more_than_its_room(ready: dict[str, int], most: int, now: int) -> None:
    lanes = made(most)
    lanes.expect(ready, 0)
    for _ in range(3):
        for arn in lanes.turns(now, 0):
            lane = lanes.lane(arn, 0)
            assert ready[arn] <= now
            assert lane.running <= min(most, FIRST_LIMIT)
            lane.expect(ready[arn])
