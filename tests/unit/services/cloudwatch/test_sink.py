"""Counting in memory, and what Lambda's metrics are made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambent.services.cloudwatch import sink as sink_module
from lambent.services.cloudwatch.record import Metric
from lambent.services.cloudwatch.sink import Sink

if TYPE_CHECKING:
    from lambent.metrics import MetricSink

WORLD = ("123456789012", "us-east-1")
DIMENSIONS = {
    "account": "[]",
    "f": '[["FunctionName","f"]]',
    "f resource": '[["FunctionName","f"],["Resource","f"]]',
    "f:prod": '[["FunctionName","f"],["Resource","f:prod"]]',
    "f:prod 3": '[["ExecutedVersion","3"],["FunctionName","f"],["Resource","f:prod"]]',
    "f:prod 4": '[["ExecutedVersion","4"],["FunctionName","f"],["Resource","f:prod"]]',
}


class Time:
    """Seconds that a test sets, and how often the sink asked to be collected."""

    def __init__(self) -> None:
        self.now = 630.0
        self.woken = 0
        self.sink = Sink(time=lambda: self.now, wake=self._wake)

    def _wake(self) -> None:
        self.woken += 1

    def collected(self) -> dict[tuple[str, str], dict[int, tuple[float, float]]]:
        """By name and dimensions, by minute: how many samples, and their sum."""
        found: dict[tuple[str, str], dict[int, tuple[float, float]]] = {}
        for batch in self.sink.collect().batches():
            for metric, slots in batch.items():
                for slot, samples in slots.items():
                    minutes = found.setdefault((metric.name, metric.dimensions), {})
                    number, total = minutes.get(slot.start_s // 60, (0, 0))
                    minutes[slot.start_s // 60] = (number + samples.samples, total + samples.total)
        return found


@pytest.fixture
def time() -> Time:
    return Time()


def test_the_sink_is_one_of_the_port() -> None:
    port: MetricSink = Time().sink
    port.function(*WORLD, "f", None).succeeded(1)


def test_a_throttled_call_is_no_invocation(time: Time) -> None:
    time.sink.function(*WORLD, "f", None).throttled()
    found = time.collected()
    assert {name for name, _ in found} == {"Throttles"}
    assert found["Throttles", DIMENSIONS["f"]] == {10: (1, 1)}


def test_too_many_series_are_dropped_and_counted(time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sink_module, "_MOST_SERIES", 2)
    for number in range(5):
        time.sink.count(*WORLD, "AWS/SQS", "Sent", [("QueueName", str(number))], 1)
    assert time.sink.dropped == 3
    assert len(time.collected()) == 2


def test_calls_count_for_the_resource_the_function_and_the_account(time: Time) -> None:
    for counters in (time.sink.function(*WORLD, "f", None), time.sink.function(*WORLD, "f", "prod", "3")):
        counters.started()
        counters.succeeded(100)
        counters.failed(300)
        counters.ended()
    other = time.sink.function(*WORLD, "g", None)
    other.succeeded(1)
    found = time.collected()
    assert found["Invocations", DIMENSIONS["f:prod 3"]] == {10: (2, 2)}
    assert found["Invocations", DIMENSIONS["f:prod"]] == {10: (2, 2)}
    assert found["Invocations", DIMENSIONS["f resource"]] == {10: (2, 2)}
    assert found["Invocations", DIMENSIONS["f"]] == {10: (4, 4)}
    assert found["Invocations", DIMENSIONS["account"]] == {10: (5, 5)}
    assert found["Errors", DIMENSIONS["f"]] == {10: (4, 2)}
    assert found["Throttles", DIMENSIONS["account"]] == {10: (5, 0)}
    assert found["Duration", DIMENSIONS["f"]] == {10: (4, 800)}
    assert ("ConcurrentExecutions", DIMENSIONS["f:prod 3"]) not in found
    assert time.collected() == {}


def test_a_call_counts_in_the_minute_in_which_it_began(time: Time) -> None:
    counters = time.sink.function(*WORLD, "f", None)
    time.now = 605.0
    counters.succeeded(10)
    counters.succeeded(6_000)
    counters.failed(70_000)
    found = time.collected()
    assert found["Invocations", DIMENSIONS["f"]] == {10: (1, 1), 9: (1, 1), 8: (1, 1)}
    assert found["Errors", DIMENSIONS["f"]] == {10: (1, 0), 9: (1, 0), 8: (1, 1)}


def test_the_most_calls_at_once_are_counted_where_they_were(time: Time) -> None:
    one, two = time.sink.function(*WORLD, "f", None), time.sink.function(*WORLD, "f", "prod", "3")
    for counters in (one, one, two):
        counters.started()
    one.ended()
    found = time.collected()
    peaks = {dimensions: minutes for (name, dimensions), minutes in found.items() if name == "ConcurrentExecutions"}
    assert peaks == {
        DIMENSIONS["f resource"]: {10: (1, 2)},
        DIMENSIONS["f:prod"]: {10: (1, 1)},
        DIMENSIONS["f"]: {10: (1, 3)},
        DIMENSIONS["account"]: {10: (1, 3)},
    }


def test_versions_behind_an_alias_run_at_once(time: Time) -> None:
    for version in "34":
        time.sink.function(*WORLD, "f", "prod", version).started()
    assert time.collected()["ConcurrentExecutions", DIMENSIONS["f:prod"]] == {10: (1, 2)}


def test_a_call_that_goes_on_is_a_sample_of_later_minutes(time: Time) -> None:
    counters = time.sink.function(*WORLD, "f", None)
    counters.started()
    time.collected()
    time.now = 660.0
    assert time.collected()["ConcurrentExecutions", DIMENSIONS["f"]] == {10: (1, 1)}
    assert time.collected()["ConcurrentExecutions", DIMENSIONS["f"]] == {11: (1, 1)}
    counters.ended()
    time.collected()
    assert time.collected() == {}


def test_other_metrics_of_a_function_have_its_dimensions(time: Time) -> None:
    counters = time.sink.function(*WORLD, "f", None)
    counters.count("AsyncEventsReceived")
    counters.count("IteratorAge", 1500, "Milliseconds")
    found = time.collected()
    assert found["AsyncEventsReceived", DIMENSIONS["account"]] == {10: (1, 1)}
    assert found["IteratorAge", DIMENSIONS["f resource"]] == {10: (1, 1500)}


def test_any_metric_can_be_counted(time: Time) -> None:
    for value in (1.0, 2.0):
        time.sink.count(*WORLD, "AWS/SQS", "Age", [("b", "2"), ("a", "1")], value, "Seconds")
    (batch,) = time.sink.collect().batches()
    ((metric, slots),) = batch.items()
    assert metric == Metric(*WORLD, "AWS/SQS", "Age", '[["a","1"],["b","2"]]')
    ((slot, samples),) = slots.items()
    assert (slot, samples.samples, samples.total) == ((60, 600, "Seconds"), 2, 3)


def test_it_asks_to_be_collected_once(time: Time) -> None:
    counters = time.sink.function(*WORLD, "f", None)
    assert time.woken == 0
    counters.succeeded(1)
    counters.succeeded(1)
    time.sink.count(*WORLD, "X", "Y", [], 1)
    assert time.woken == 1
    time.collected()
    counters.throttled()
    assert time.woken == 2


def test_the_same_address_has_the_same_counters_until_it_is_forgotten(time: Time) -> None:
    counters = time.sink.function(*WORLD, "f", None)
    assert time.sink.function(*WORLD, "f", None) is counters
    assert time.sink.function(*WORLD, "f", "1") is not counters
    counters.succeeded(5)
    time.sink.forget(*WORLD, "f")
    time.sink.forget(*WORLD, "never was")
    assert time.sink.functions() == []
    assert time.sink.function(*WORLD, "f", None) is not counters
    assert time.collected()["Invocations", DIMENSIONS["f"]] == {10: (1, 1)}


@given(st.lists(st.tuples(st.sampled_from("sft"), st.floats(0, 200_000), st.booleans()), max_size=300))
def test_nothing_is_lost_or_counted_twice(calls: list[tuple[str, float, bool]]) -> None:
    time = Time()
    sums: dict[str, float] = {"Invocations": 0, "Errors": 0, "Throttles": 0, "Duration": 0}

    def add(found: dict[Any, dict[int, tuple[float, float]]]) -> None:
        for (name, dimensions), minutes in found.items():
            if dimensions == DIMENSIONS["f"]:
                sums[name] += sum(total for _, total in minutes.values())

    for kind, duration_ms, collect in calls:
        counters = time.sink.function(*WORLD, "f", None)
        time.now += 7
        if kind == "s":
            counters.succeeded(duration_ms)
        elif kind == "f":
            counters.failed(duration_ms)
        else:
            counters.throttled()
        if collect:
            add(time.collected())
    add(time.collected())
    ran = [(kind, duration_ms) for kind, duration_ms, _ in calls if kind != "t"]
    assert sums["Invocations"] == len(ran)
    assert sums["Errors"] == sum(kind == "f" for kind, _ in ran)
    assert sums["Throttles"] == len(calls) - len(ran)
    assert sums["Duration"] == pytest.approx(sum(duration_ms for _, duration_ms in ran))
