from typing import Any

from lambent.cli import events

STEP = {
    "at_ms": 60_001,
    "result": "failed",
    "status": 200,
    "version": "3",
    "duration_ms": 1.5,
    "log_stream": "s",
    "message": "on\npurpose",
    "retry_at_ms": 120_000,
}
EVENT: dict[str, Any] = {
    "id": "a",
    "function_arn": "arn:aws:lambda:us-east-1:000000000000:function:f",
    "qualifier": "blue",
    "source": None,
    "accepted_at_ms": 0,
    "ended_at_ms": None,
    "ready_at_ms": 120_000,
    "state": "waiting",
    "condition": None,
    "attempts": 1,
    "refusals": 0,
    "timeline": [STEP],
    "told": [],
}


def test_an_event_that_waits_says_until_when() -> None:
    assert events.line(EVENT) == "a  1970-01-01T00:00:00.000Z  f:blue  waits until 1970-01-01T00:02:00.000Z"
    assert events.line({**EVENT, "ready_at_ms": None}).endswith("running")


def test_a_timeline_tells_a_life_from_its_beginning_to_its_end() -> None:
    told = [{"arn": "arn:q", "failure": None}, {"arn": "arn:t", "failure": "no topic"}]
    last = {**STEP, "retry_at_ms": None, "result": "succeeded", "message": "", "at_ms": 120_000}
    event = {
        **EVENT,
        "timeline": [STEP, last],
        "ready_at_ms": None,
        "ended_at_ms": 120_002,
        "condition": "Success",
        "told": told,
    }
    assert events.timeline(event) == [
        "event a of f:blue",
        "1970-01-01T00:00:00.000Z  accepted from a call of the API",
        (
            "1970-01-01T00:01:00.001Z  failed, version 3, 1.50 ms, on purpose, log stream s, again at "
            "1970-01-01T00:02:00.000Z"
        ),
        "1970-01-01T00:02:00.000Z  succeeded, version 3, 1.50 ms",
        "1970-01-01T00:02:00.002Z  told to arn:q",
        "1970-01-01T00:02:00.002Z  NOT told to arn:t: no topic",
        "1970-01-01T00:02:00.002Z  ended: Success",
    ]


def test_a_timeline_of_what_has_not_ended_says_what_comes() -> None:
    assert events.timeline(EVENT)[-1].strip() == "waits until 1970-01-01T00:02:00.000Z"
