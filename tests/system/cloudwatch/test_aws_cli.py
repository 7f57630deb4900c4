"""The `aws cloudwatch` commands, as users have them: nothing but the endpoint is told to them."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from system.harness import environ

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from system.harness import Server


@pytest.fixture
def aws(server: Server, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs `aws cloudwatch …` in a folder of the test's own."""
    variables = environ() | {
        "AWS_ENDPOINT_URL": server.endpoint,
        "AWS_ACCESS_KEY_ID": "000000000000",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
        "AWS_MAX_ATTEMPTS": "1",
    }

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "awscli", "cloudwatch", *arguments]
        return subprocess.run(command, check=False, capture_output=True, text=True, env=variables, cwd=tmp_path)

    return run


def answer(done: subprocess.CompletedProcess[str]) -> Any:
    """What a command that went well printed."""
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout else None


def test_a_metric_is_put_listed_and_read(aws: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    now = datetime.now(UTC)  # noqa: TID251  a real server's time is real
    span = [
        "--start-time",
        str((now - timedelta(hours=1)).timestamp()),
        "--end-time",
        (now + timedelta(minutes=2)).isoformat(),
    ]
    for value in ("1", "4"):
        put = ["put-metric-data", "--namespace", "Cli", "--metric-name", "Size", "--unit", "Bytes"]
        answer(aws(*put, "--value", value, "--dimensions", "Disk=a"))

    (metric,) = answer(aws("list-metrics", "--namespace", "Cli"))["Metrics"]
    assert metric["Dimensions"] == [{"Name": "Disk", "Value": "a"}]
    which = ["--namespace", "Cli", "--metric-name", "Size", "--dimensions", "Name=Disk,Value=a"]
    found = answer(
        aws("get-metric-statistics", *which, *span, "--period", "3600", "--statistics", "Average", "Maximum")
    )
    assert found["Label"] == "Size"
    assert [(point["Average"], point["Maximum"], point["Unit"]) for point in found["Datapoints"]] == [
        (2.5, 4.0, "Bytes")
    ]

    query = {
        "Id": "m1",
        "MetricStat": {
            "Metric": {"Namespace": "Cli", "MetricName": "Size", "Dimensions": metric["Dimensions"]},
            "Period": 3600,
            "Stat": "p90",
        },
    }
    queries = json.dumps([query, {"Id": "e1", "Expression": "m1 * 2"}])
    found = answer(aws("get-metric-data", "--metric-data-queries", queries, *span))
    assert [result["Values"] for result in found["MetricDataResults"]] == [[4.0], [8.0]]


def test_refusals_are_told(aws: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    done = aws("put-metric-data", "--namespace", "AWS/Lambda", "--metric-name", "m", "--value", "1")
    assert done.returncode in {254, 255}
    assert "(InvalidParameterValue) when calling the PutMetricData operation: The value AWS/" in done.stderr
