"""The operations of CloudWatch that are built, as the wire is given them."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

from lambent.call import Service
from lambent.services.cloudwatch import list_metrics, metric_data, put, read

if TYPE_CHECKING:
    from lambent.services.cloudwatch.context import CloudWatch, Operation

_log = logging.getLogger(__name__)
_FAULT = "InternalServiceFault"
_OPERATIONS: dict[str, Operation] = {
    "GetMetricData": metric_data.get_metric_data,
    "GetMetricStatistics": read.get_metric_statistics,
    "ListMetrics": list_metrics.list_metrics,
    "PutMetricData": put.put_metric_data,
}


def service(parts: CloudWatch) -> Service:
    """CloudWatch's table of operations."""
    return Service(
        name="cloudwatch",
        operations={name: partial(operation, parts) for name, operation in _OPERATIONS.items()},
        body_limits={"": 1_048_576},
        fault_code=_FAULT,
    )
