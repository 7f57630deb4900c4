"""CloudWatch on a store in memory and a clock that stands still, called as botocore calls it, without a socket.

Answers are written by the codec and read by botocore's own parser.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.parsers import create_parser

from lambent.call import Call, Result
from lambent.clock import VirtualClock
from lambent.errors import AwsError
from lambent.services.cloudwatch.buffer import MetricBuffer
from lambent.services.cloudwatch.context import CloudWatch
from lambent.services.cloudwatch.retention import Retention
from lambent.services.cloudwatch.service import service
from lambent.wire.codec import codec_for
from lambent.wire.model import load_service

if TYPE_CHECKING:
    from lambent.store import Store

ACCOUNT = "123456789012"
REGION = "us-east-1"


class World:
    """The service, and whoever calls it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.clock = VirtualClock()
        self.buffer = MetricBuffer(store=store, clock=self.clock)
        self.retention = Retention(store=store, clock=self.clock)
        self._service = service(CloudWatch(store, self.clock, self.buffer))

    def ago(self, **span: float) -> datetime:
        return self.clock.now() - timedelta(**span)

    async def call(self, operation: str, *, by: str = ACCOUNT, region: str = REGION, **params: Any) -> Any:
        call = Call(by, region, "r", "cloudwatch", operation, by, "http://localhost", "127.0.0.1", "", None)
        output = await self._service.operations[operation](call, params)
        assert not isinstance(output, Result)
        model = load_service("cloudwatch")
        known = model.operation(operation)
        assert known is not None
        response = codec_for(model, known, "rpc-v2-cbor").write(output, "r")
        assert isinstance(response.body, bytes)
        read = create_parser("smithy-rpc-v2-cbor").parse(
            {
                "status_code": response.status,
                "headers": {name.decode(): value.decode() for name, value in response.headers},
                "body": response.body,
            },
            known.output_shape,
        )
        read.pop("ResponseMetadata", None)
        return read

    async def refused(self, operation: str, **params: Any) -> tuple[str, str]:
        """Code and message of a refusal."""
        with pytest.raises(AwsError) as refusal:
            await self.call(operation, **params)
        assert refusal.value.message is not None
        return refusal.value.code, refusal.value.message

    async def put(self, *data: dict[str, Any], namespace: str = "App", **who: str) -> None:
        """Put data of the metric `Latency`, unless they name another."""
        metric_data = [{"MetricName": "Latency", **datum} for datum in data]
        await self.call("PutMetricData", Namespace=namespace, MetricData=metric_data, **who)

    async def statistics(self, *statistics: str, metric: str = "Latency", **params: Any) -> list[dict[str, Any]]:
        """The datapoints of the last hour by minute, unless told otherwise."""
        simple = {"SampleCount", "Average", "Sum", "Minimum", "Maximum"}
        asked: dict[str, Any] = {
            "Namespace": "App",
            "MetricName": metric,
            "StartTime": self.ago(hours=1),
            "EndTime": self.clock.now() + timedelta(minutes=1),
            "Period": 60,
            "Statistics": [one for one in statistics if one in simple],
            "ExtendedStatistics": [one for one in statistics if one not in simple],
        }
        found: list[dict[str, Any]] = (await self.call("GetMetricStatistics", **{**asked, **params}))["Datapoints"]
        return found

    async def data(self, *queries: dict[str, Any], **params: Any) -> list[dict[str, Any]]:
        """The results of GetMetricData for the last hour, from old to new."""
        asked: dict[str, Any] = {
            "StartTime": self.ago(hours=1),
            "EndTime": self.clock.now() + timedelta(minutes=1),
            "ScanBy": "TimestampAscending",
            "MetricDataQueries": list(queries),
        }
        found: list[dict[str, Any]] = (await self.call("GetMetricData", **{**asked, **params}))["MetricDataResults"]
        return found


def metric(name: str, query_id: str, stat: str = "Sum", *, period: int = 60, **more: Any) -> dict[str, Any]:
    """A query of a metric of `App`."""
    return {
        "Id": query_id,
        "MetricStat": {"Metric": {"Namespace": "App", "MetricName": name}, "Period": period, "Stat": stat},
        **more,
    }


def dimensions(**values: str) -> list[dict[str, str]]:
    """Dimensions as requests have them."""
    return [{"Name": name, "Value": value} for name, value in values.items()]
