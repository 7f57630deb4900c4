"""The operations of CloudWatch Logs that are built, as the wire is given them."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

from lambent.call import Service
from lambent.services.logs import absent, events, groups, live_tail, metric_filters, put, retention, streams, tags

if TYPE_CHECKING:
    from lambent.services.logs.context import Logs, Operation

_log = logging.getLogger(__name__)
_FAULT = "ServiceUnavailableException"
_OPERATIONS: dict[str, Operation] = {
    # Groups
    "CreateLogGroup": groups.create_log_group,
    "DeleteLogGroup": groups.delete_log_group,
    "DeleteRetentionPolicy": retention.delete_retention_policy,
    "DescribeLogGroups": groups.describe_log_groups,
    "ListLogGroups": groups.list_log_groups,
    "ListTagsForResource": tags.list_tags_for_resource,
    "ListTagsLogGroup": tags.list_tags_log_group,
    "PutLogGroupDeletionProtection": groups.put_log_group_deletion_protection,
    "PutRetentionPolicy": retention.put_retention_policy,
    "TagLogGroup": tags.tag_log_group,
    "TagResource": tags.tag_resource,
    "UntagLogGroup": tags.untag_log_group,
    "UntagResource": tags.untag_resource,
    # Streams and events
    "CreateLogStream": streams.create_log_stream,
    "DeleteLogStream": streams.delete_log_stream,
    "DescribeLogStreams": streams.describe_log_streams,
    "FilterLogEvents": events.filter_log_events,
    "GetLogEvents": events.get_log_events,
    "PutLogEvents": put.put_log_events,
    "StartLiveTail": live_tail.start_live_tail,
    "TestMetricFilter": metric_filters.match_messages,
    # What cannot be made here
    "DeleteMetricFilter": absent.delete_none("metric filter"),
    "DeleteSubscriptionFilter": absent.delete_none("subscription filter"),
    "DescribeDestinations": absent.list_none("destinations"),
    "DescribeExportTasks": absent.list_none("exportTasks"),
    "DescribeMetricFilters": absent.list_none("metricFilters"),
    "DescribeQueries": absent.list_none("queries"),
    "DescribeQueryDefinitions": absent.list_none("queryDefinitions"),
    "DescribeResourcePolicies": absent.list_none("resourcePolicies"),
    "DescribeSubscriptionFilters": absent.list_none("subscriptionFilters"),
}


def service(parts: Logs) -> Service:
    """The table of operations."""
    return Service(
        name="logs",
        operations={name: partial(operation, parts) for name, operation in _OPERATIONS.items()},
        # A batch of 1 MiB, each character of it escaped at its worst, and what stands around 10,000 events.
        body_limits={"PutLogEvents": 8_388_608, "": 1_048_576},
        fault_code=_FAULT,
    )
