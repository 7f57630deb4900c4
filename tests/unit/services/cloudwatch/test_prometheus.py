from __future__ import annotations

import re

from lambent.services.cloudwatch.prometheus import Gauge, exposition
from lambent.services.cloudwatch.sink import Sink

LINE = re.compile(r'[a-z_]+(\{([a-z]+="([^"\\\n]|\\.)*"(,|(?=\})))*\})? (-?[0-9.e+-]+|\+Inf)')
F = 'account="1",region="r",function="f",qualifier=""'


def sink() -> Sink:
    return Sink(time=lambda: 600.0, wake=lambda: None)


def test_without_functions_there_are_families_without_samples() -> None:
    lines = exposition([]).splitlines()
    assert all(line.startswith("# ") for line in lines)
    assert "# TYPE lambent_lambda_invocations_total counter" in lines


def test_labels_are_escaped() -> None:
    gauge = Gauge("lambent_x", "X.", lambda: [({"a": 'b"\\\n'}, 1.5)])
    text = exposition([], [gauge])
    assert 'lambent_x{a="b\\"\\\\\\n"} 1.5' in text.splitlines()


def test_counters_histograms_and_gauges() -> None:
    counted = sink()
    f = counted.function("1", "r", "f", None)
    f.started()
    f.succeeded(2)
    f.succeeded(2.5)
    f.failed(1_000_000)
    f.throttled()
    counted.function("1", "r", "f", "prod", "3").succeeded(40)

    lines = exposition(
        counted.functions(), [Gauge("lambent_environments", "Environments.", lambda: [({"state": "idle"}, 4)])]
    ).splitlines()

    for line in (
        f"lambent_lambda_invocations_total{{{F}}} 3",
        f"lambent_lambda_errors_total{{{F}}} 1",
        f"lambent_lambda_throttles_total{{{F}}} 1",
        f'lambent_lambda_duration_seconds_bucket{{{F},le="0.001"}} 0',
        f'lambent_lambda_duration_seconds_bucket{{{F},le="0.0025"}} 2',
        f'lambent_lambda_duration_seconds_bucket{{{F},le="900"}} 2',
        f'lambent_lambda_duration_seconds_bucket{{{F},le="+Inf"}} 3',
        f"lambent_lambda_duration_seconds_count{{{F}}} 3",
        f"lambent_lambda_duration_seconds_sum{{{F}}} 1000.0045",
        f"lambent_lambda_concurrent_executions{{{F}}} 1",
        'lambent_lambda_invocations_total{account="1",region="r",function="f",qualifier="prod",version="3"} 1',
        'lambent_lambda_concurrent_executions{account="1",region="r",function="f",qualifier="prod"} 0',
        'lambent_environments{state="idle"} 4',
    ):
        assert line in lines
    assert all(line.startswith("#") or LINE.fullmatch(line) for line in lines)
    samples = [line.rpartition(" ")[0] for line in lines if not line.startswith("#")]
    assert len(samples) == len(set(samples))


def test_counters_only_grow_whatever_is_collected() -> None:
    counted = sink()
    counted.function("1", "r", "f", None).succeeded(5)
    list(counted.collect().batches())
    counted.function("1", "r", "f", None).succeeded(5)
    assert f"lambent_lambda_invocations_total{{{F}}} 2" in exposition(counted.functions()).splitlines()


def test_further_metrics_of_lambda_have_names_of_their_own() -> None:
    counted = sink()
    f = counted.function("1", "r", "f", None)
    f.count("AsyncEventsReceived")
    f.count("AsyncEventsReceived")
    f.count("DLQErrors")
    f.count("IteratorAge", 1500, "Milliseconds")
    f.count("Size", 3, "Bytes/Second")
    lines = exposition(counted.functions()).splitlines()
    for line in (
        "# TYPE lambent_lambda_async_events_received_total counter",
        f"lambent_lambda_async_events_received_total{{{F}}} 2",
        f"lambent_lambda_dlq_errors_total{{{F}}} 1",
        "# TYPE lambent_lambda_iterator_age_seconds summary",
        f"lambent_lambda_iterator_age_seconds_sum{{{F}}} 1.5",
        f"lambent_lambda_iterator_age_seconds_count{{{F}}} 1",
        f"lambent_lambda_size_bytes_per_second_sum{{{F}}} 3",
    ):
        assert line in lines
