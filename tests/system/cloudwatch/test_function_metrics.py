"""What Lambda counts of functions, read back as users do."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from system.harness import create

if TYPE_CHECKING:
    from collections.abc import Callable

    from system.harness import Server

CODE = """
def handler(event, context):
    if event:
        raise ValueError(event)
    return event
"""
SLOW = """
import time

def handler(event, context):
    print("here", flush=True)
    time.sleep(5)
"""


def total(server: Server, name: str, statistic: str = "Sum", **dimensions: str) -> float:
    """A statistic of the last hour, of a metric of Lambda."""
    now = datetime.now(UTC)  # noqa: TID251  a real server's time is real
    points = server.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Lambda",
        MetricName=name,
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
        StartTime=now - timedelta(minutes=58),
        EndTime=now + timedelta(minutes=2),
        Period=3600,
        Statistics=[statistic],
    )["Datapoints"]
    return float(sum(point[statistic] for point in points))


def invoke(client: Any, name: str, event: Any) -> None:
    client.invoke(FunctionName=name, Payload=json.dumps(event))


def test_calls_are_counted_by_function_and_account(server: Server, client: Any) -> None:
    for name in ("f", "g"):
        create(client, name, CODE)
    for event in ("", "", "wrong"):
        invoke(client, "f", event)
    invoke(client, "g", "")

    assert total(server, "Invocations", FunctionName="f") == 3
    assert total(server, "Errors", FunctionName="f") == 1
    assert total(server, "Errors", FunctionName="f", Resource="f") == 1
    assert total(server, "Throttles", FunctionName="f") == 0
    assert total(server, "Duration", "SampleCount", FunctionName="f") == 3
    assert total(server, "Duration", FunctionName="f") > 0
    assert total(server, "ConcurrentExecutions", "Maximum", FunctionName="f") == 1
    assert total(server, "Invocations") == 4
    listed = server.client("cloudwatch").list_metrics(
        Namespace="AWS/Lambda", MetricName="Invocations", Dimensions=[{"Name": "FunctionName"}]
    )
    assert len(listed["Metrics"]) == 4


def test_calls_that_find_no_place_are_throttles(start: Callable[..., Server]) -> None:
    server = start("--concurrency", "1")
    client = server.client()
    create(client, "slow", SLOW, Timeout=60)
    create(client, "f", CODE)
    slow = Thread(target=invoke, args=(server.client(), "slow", ""))
    slow.start()
    server.logs_until("/aws/lambda/slow", "here")
    with pytest.raises(client.exceptions.TooManyRequestsException):
        invoke(client, "f", "")
    slow.join()
    assert total(server, "Throttles", FunctionName="f") == 1
    assert total(server, "Invocations", FunctionName="f") == 0
    assert total(server, "Invocations") == 1


def test_counts_survive_a_stop(start: Callable[..., Server]) -> None:
    server = start()
    create(server.client(), "f", CODE)
    invoke(server.client(), "f", "")
    assert server.stop() == 0
    server.restart()
    assert total(server, "Invocations", FunctionName="f") == 1
