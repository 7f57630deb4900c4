"""The operations of CloudWatch that are built, as the wire is given them."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from lambent.call import Service
from lambent.errors import AwsError
from lambent.services.cloudwatch import list_metrics, metric_data, put, read
from lambent.store import StoreError, StoreFullError

if TYPE_CHECKING:
    from lambent.call import Call, Handler, Output, Params
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
        operations={name: _handler(operation, parts) for name, operation in _OPERATIONS.items()},
        body_limits={"": 1_048_576},
        fault_code=_FAULT,
    )


def _handler(operation: Operation, parts: CloudWatch) -> Handler:
    async def handle(call: Call, params: Params) -> Output:
        try:
            return await operation(parts, call, params)
        except StoreError as problem:
            if not isinstance(problem, StoreFullError):
                _log.exception("%s failed, request %s", call.operation, call.request_id)
            # A client may try again: nothing of what it asked for was kept.
            raise AwsError(_FAULT, str(problem), status=500) from problem

    return handle
