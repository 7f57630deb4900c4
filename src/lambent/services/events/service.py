"""The operations of EventBridge that are built, as the wire is given them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lambent.call import Service
from lambent.services.events import archives, buses, pattern, permissions, put, replays, rules, tags, targets

if TYPE_CHECKING:
    from lambent.services.events.context import Events, Operation

_FAULT = "InternalException"
_OPERATIONS: dict[str, Operation] = {
    # Buses
    "CreateEventBus": buses.create_event_bus,
    "DeleteEventBus": buses.delete_event_bus,
    "DescribeEventBus": buses.describe_event_bus,
    "ListEventBuses": buses.list_event_buses,
    "PutPermission": permissions.put_permission,
    "RemovePermission": permissions.remove_permission,
    "UpdateEventBus": buses.update_event_bus,
    # Rules and targets
    "DeleteRule": rules.delete_rule,
    "DescribeRule": rules.describe_rule,
    "DisableRule": rules.disable_rule,
    "EnableRule": rules.enable_rule,
    "ListRuleNamesByTarget": rules.list_rule_names_by_target,
    "ListRules": rules.list_rules,
    "ListTargetsByRule": targets.list_targets_by_rule,
    "PutRule": rules.put_rule,
    "PutTargets": targets.put_targets,
    "RemoveTargets": targets.remove_targets,
    # Events
    "PutEvents": put.put_events,
    "TestEventPattern": pattern.match_event,
    # Archives
    "CancelReplay": replays.cancel_replay,
    "CreateArchive": archives.create_archive,
    "DeleteArchive": archives.delete_archive,
    "DescribeArchive": archives.describe_archive,
    "DescribeReplay": replays.describe_replay,
    "ListArchives": archives.list_archives,
    "ListReplays": replays.list_replays,
    "StartReplay": replays.start_replay,
    "UpdateArchive": archives.update_archive,
    # Tags
    "ListTagsForResource": tags.list_tags_for_resource,
    "TagResource": tags.tag_resource,
    "UntagResource": tags.untag_resource,
}


def service(parts: Events) -> Service:
    """The table of operations."""
    return Service(
        name="events",
        operations={name: partial(operation, parts) for name, operation in _OPERATIONS.items()},
        # 1 MiB of entries, each character of them escaped at its worst.
        body_limits={"PutEvents": 8_388_608, "": 1_048_576},
        fault_code=_FAULT,
    )
