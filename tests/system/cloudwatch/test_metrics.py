"""Metrics through real clients: boto3, and what speaks JSON or query."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from system.harness import refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from system.harness import Server

SIGNED = (
    "AWS4-HMAC-SHA256 Credential=000000000000/20260101/us-east-1/monitoring/aws4_request, "
    "SignedHeaders=host;x-amz-date, Signature=" + "0" * 64
)


@pytest.fixture
def cloudwatch(server: Server) -> Any:
    return server.client("cloudwatch")


def last_hour() -> dict[str, datetime]:
    now = datetime.now(UTC)  # noqa: TID251  a real server's time is real
    return {"StartTime": now - timedelta(hours=1), "EndTime": now + timedelta(minutes=2)}


def asked(server: Server, body: str, **headers: str) -> tuple[int, str, dict[str, str]]:
    """Status, body and headers of a request that no SDK of today sends."""
    request = Request(
        server.endpoint, body.encode(), {"Authorization": SIGNED, "X-Amz-Date": "20260101T000000Z", **headers}
    )
    try:
        with urlopen(request, timeout=60) as answer:
            return answer.status, answer.read().decode(), dict(answer.headers)
    except HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.read().decode(), dict(refusal.headers)


def test_what_is_wrong_is_told_in_cloudwatchs_words(server: Server) -> None:
    client = server.client("cloudwatch", checks=False)
    answer = refused(client.put_metric_data, Namespace="AWS/X", MetricData=[{"MetricName": "m", "Value": 1.0}])
    assert answer["Error"]["Code"] == "InvalidParameterValue"
    assert answer["Error"]["Message"] == "The value AWS/ for parameter Namespace is invalid."
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400

    answer = refused(client.put_metric_data, MetricData=[{"MetricName": "m", "Value": 1.0}])
    assert (answer["Error"]["Code"], answer["Error"]["Message"]) == (
        "MissingParameter",
        "The parameter Namespace is required.",
    )
    answer = refused(client.get_metric_statistics, Namespace="N", MetricName="M", Period=60, **last_hour())
    assert answer["Error"]["Code"] == "InvalidParameterCombination"
    answer = refused(client.get_metric_data, MetricDataQueries=[{"Id": "e", "Expression": "x"}], **last_hour())
    assert answer["Error"]["Code"] == "ValidationError"
    answer = refused(
        client.get_metric_data,
        MetricDataQueries=[{"Id": "e", "Expression": "TIME_SERIES(1)"}],
        NextToken="never given",
        **last_hour(),
    )
    assert answer["Error"]["Code"] == "InvalidNextToken"


def test_exceptions_have_their_classes(cloudwatch: Any) -> None:
    with pytest.raises(cloudwatch.exceptions.InvalidParameterValueException):
        cloudwatch.put_metric_data(Namespace="AWS/X", MetricData=[{"MetricName": "m", "Value": 1.0}])
    with pytest.raises(cloudwatch.exceptions.InvalidNextToken):
        cloudwatch.get_metric_data(
            MetricDataQueries=[{"Id": "e", "Expression": "TIME_SERIES(1)"}], NextToken="x", **last_hour()
        )


@pytest.mark.parametrize("operation", ["describe_alarms", "list_dashboards", "describe_anomaly_detectors"])
def test_what_is_not_built_is_refused_by_name(cloudwatch: Any, operation: str) -> None:
    answer = refused(getattr(cloudwatch, operation))
    assert answer["Error"]["Code"] == "NotImplementedException"
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_put_and_read(cloudwatch: Any) -> None:
    dimensions = [{"Name": "host", "Value": "a"}]
    cloudwatch.put_metric_data(
        Namespace="Put",
        MetricData=[
            {
                "MetricName": "Latency",
                "Dimensions": dimensions,
                "Values": [1.0, 2.0],
                "Counts": [3.0, 1.0],
                "Unit": "Seconds",
            }
        ],
    )
    (point,) = cloudwatch.get_metric_statistics(
        Namespace="Put",
        MetricName="Latency",
        Dimensions=dimensions,
        Period=3600,
        Statistics=["Sum", "SampleCount"],
        ExtendedStatistics=["p90"],
        **last_hour(),
    )["Datapoints"]
    assert (point["Sum"], point["SampleCount"], point["Unit"]) == (5.0, 4.0, "Seconds")
    assert point["ExtendedStatistics"] == {"p90": 2.0}
    (metric,) = cloudwatch.list_metrics(Namespace="Put")["Metrics"]
    assert metric == {"Namespace": "Put", "MetricName": "Latency", "Dimensions": dimensions}


def test_large_requests_come_compressed(cloudwatch: Any) -> None:
    data = [{"MetricName": f"m{number}", "Value": float(number)} for number in range(1000)]
    cloudwatch.put_metric_data(Namespace="Large", MetricData=data)
    pages = cloudwatch.get_paginator("list_metrics").paginate(Namespace="Large")
    assert len([metric for page in pages for metric in page["Metrics"]]) == 1000


def test_metric_math(cloudwatch: Any) -> None:
    for name, value in (("Errors", 1.0), ("Invocations", 4.0)):
        cloudwatch.put_metric_data(Namespace="Math", MetricData=[{"MetricName": name, "Value": value}])
    queries = [
        {
            "Id": query_id,
            "MetricStat": {"Metric": {"Namespace": "Math", "MetricName": name}, "Period": 3600, "Stat": "Sum"},
            "ReturnData": False,
        }
        for query_id, name in (("e", "Errors"), ("i", "Invocations"))
    ]
    queries.append({"Id": "rate", "Expression": "100 * e / i", "Label": "Error rate"})
    (found,) = cloudwatch.get_metric_data(MetricDataQueries=queries, **last_hour())["MetricDataResults"]
    assert (found["Id"], found["Label"], found["Values"]) == ("rate", "Error rate", [25.0])


def test_what_was_put_survives_a_kill(start: Callable[..., Server]) -> None:
    server = start()
    server.client("cloudwatch").put_metric_data(Namespace="Kept", MetricData=[{"MetricName": "m", "Value": 1.0}])
    server.kill()
    server.restart()
    assert len(server.client("cloudwatch").list_metrics(Namespace="Kept")["Metrics"]) == 1


def test_clients_that_speak_query(server: Server) -> None:
    form = {
        "Action": "PutMetricData",
        "Version": "2010-08-01",
        "Namespace": "Query",
        "MetricData.member.1.MetricName": "m",
        "MetricData.member.1.Value": "2.5",
        "MetricData.member.1.Dimensions.member.1.Name": "a",
        "MetricData.member.1.Dimensions.member.1.Value": "b",
    }
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    status, body, _ = asked(server, urlencode(form), **kind)
    assert (status, "PutMetricDataResponse" in body) == (200, True)
    status, body, _ = asked(
        server, urlencode({"Action": "ListMetrics", "Version": "2010-08-01", "Namespace": "Query"}), **kind
    )
    assert status == 200
    assert "<MetricName>m</MetricName>" in body
    assert "<Name>a</Name>" in body
    status, body, _ = asked(server, urlencode({**form, "Namespace": "AWS/X"}), **kind)
    assert status == 400
    assert "<Code>InvalidParameterValue</Code>" in body


def test_clients_that_speak_json(server: Server) -> None:
    def call(operation: str, params: dict[str, Any]) -> tuple[int, Any, dict[str, str]]:
        status, body, headers = asked(
            server,
            json.dumps(params),
            **{
                "Content-Type": "application/x-amz-json-1.0",
                "X-Amz-Target": f"GraniteServiceVersion20100801.{operation}",
            },
        )
        return status, json.loads(body) if body else None, headers

    assert call("PutMetricData", {"Namespace": "Json", "MetricData": [{"MetricName": "m", "Value": 1}]})[0] == 200
    status, answer, _ = call("ListMetrics", {"Namespace": "Json"})
    assert (status, answer["Metrics"][0]["MetricName"]) == (200, "m")
    status, answer, headers = call(
        "PutMetricData", {"Namespace": "AWS/X", "MetricData": [{"MetricName": "m", "Value": 1}]}
    )
    assert status == 400
    assert answer["__type"].endswith("InvalidParameterValueException")
    assert headers["x-amzn-query-error"] == "InvalidParameterValue;Sender"
