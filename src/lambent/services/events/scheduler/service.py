"""The operations of EventBridge Scheduler, as the wire is given them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lambent.call import Service
from lambent.services.events.scheduler import groups, schedules

if TYPE_CHECKING:
    from lambent.services.events.scheduler.context import Operation, Scheduler

_OPERATIONS: dict[str, Operation] = {
    "CreateSchedule": schedules.create_schedule,
    "CreateScheduleGroup": groups.create_schedule_group,
    "DeleteSchedule": schedules.delete_schedule,
    "DeleteScheduleGroup": groups.delete_schedule_group,
    "GetSchedule": schedules.get_schedule,
    "GetScheduleGroup": groups.get_schedule_group,
    "ListScheduleGroups": groups.list_schedule_groups,
    "ListSchedules": schedules.list_schedules,
    "ListTagsForResource": groups.list_tags_for_resource,
    "TagResource": groups.tag_resource,
    "UntagResource": groups.untag_resource,
    "UpdateSchedule": schedules.update_schedule,
}


def service(parts: Scheduler) -> Service:
    """The table of operations."""
    return Service(
        name="scheduler",
        operations={name: partial(operation, parts) for name, operation in _OPERATIONS.items()},
        body_limits={"": 1_048_576},
        fault_code="InternalServerException",
    )
