from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambent.runtime.levels import keeper, level_of, reaches

TIME = "2024-11-02T16:51:31.587199Z"
LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]


@pytest.mark.parametrize(
    "line",
    [
        "plain",
        "{not json",
        "[1]",
        '"ERROR"',
        "{}",
        json.dumps({"level": 5, "timestamp": TIME}),
        json.dumps({"level": "loud", "timestamp": TIME}),
        json.dumps({"level": "error"}),
        json.dumps({"level": "error", "timestamp": "2024-11-02 16:51:31"}),
        json.dumps({"level": "error", "timestamp": "2024-11-02T16:51:31"}),
        json.dumps({"level": "error", "timestamp": "soonT"}),
        json.dumps({"level": "error", "timestamp": 1730566291}),
    ],
)
def test_a_line_that_does_not_say_its_level_and_time_is_info(line: str) -> None:
    assert level_of(line) == "INFO"


@pytest.mark.parametrize("level", ["debug", "ERROR", "Warning", "CRITICAL"])
@pytest.mark.parametrize("name", ["timestamp", "time"])
def test_an_object_says_its_level_in_any_case(level: str, name: str) -> None:
    assert level_of(json.dumps({"level": level, "msg": "m", name: TIME}) + "\n") == level.upper()


@given(st.sampled_from(LEVELS), st.sampled_from(LEVELS))
def test_what_matters_as_much_or_more_is_kept(level: str, least: str) -> None:
    assert reaches(level, least) == (LEVELS.index(level) >= LEVELS.index(least))
    assert keeper(least)(json.dumps({"level": level, "time": TIME})) == reaches(level, least)
