"""A schedule's settings: what is valid, what holds where nothing is said, when it fires. Pure but for chance."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, Any

from lambent.services.events.document import read_json
from lambent.services.events.names import bus_of_arn
from lambent.services.events.scheduler.refusals import invalid, not_built
from lambent.services.events.scheduler.repository import Due
from lambent.services.events.scheduler.timing import parse_timing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambent.call import Params

_ARN = re.compile(r"arn:[\w-]+:[\w.-]+:[\w-]*:[\w-]*:.+", re.ASCII | re.DOTALL)
_NOT_BUILT = ("EcsParameters", "KinesisParameters", "SageMakerPipelineParameters")
_KEPT = ("ScheduleExpression", "Description", "Target", "FlexibleTimeWindow")


def read_settings(params: Params) -> dict[str, Any]:
    """Of CreateSchedule and UpdateSchedule. Raises AwsError ValidationException, NotImplementedException."""
    if params.get("KmsKeyArn"):
        raise not_built("KmsKeyArn of schedules")
    settings = {name: params[name] for name in _KEPT if params.get(name) is not None}
    settings["ScheduleExpressionTimezone"] = params.get("ScheduleExpressionTimezone") or "UTC"
    settings["State"] = params.get("State") or "ENABLED"
    settings["ActionAfterCompletion"] = params.get("ActionAfterCompletion") or "NONE"
    for name in ("StartDate", "EndDate"):
        if params.get(name) is not None:
            settings[name] = int(params[name].timestamp() * 1000)
    if settings.get("EndDate") is not None and settings["EndDate"] <= settings.get("StartDate", 0):
        raise invalid("The EndDate must come after the StartDate.")
    parse_timing(settings["ScheduleExpression"], settings["ScheduleExpressionTimezone"])
    _check_window(settings["FlexibleTimeWindow"])
    _check_target(settings["Target"])
    return settings


def when(settings: Mapping[str, Any], due_ms: int | None) -> Due:
    """When a schedule fires that is due at `due_ms`: at any time within its flexible window."""
    if due_ms is None or settings["State"] == "DISABLED":
        return Due(None, None)
    window_ms = 60_000 * (settings["FlexibleTimeWindow"].get("MaximumWindowInMinutes") or 0)
    return Due(due_ms, due_ms + (secrets.randbelow(window_ms) if window_ms else 0))


def _check_window(window: Mapping[str, Any]) -> None:
    if (window["Mode"] == "FLEXIBLE") is not bool(window.get("MaximumWindowInMinutes")):
        raise invalid("FlexibleTimeWindow: MaximumWindowInMinutes goes with the mode FLEXIBLE, and only with it.")


def _check_target(target: Mapping[str, Any]) -> None:
    arn = target["Arn"]
    if _ARN.fullmatch(arn) is None:
        raise invalid(f"{arn} is not a valid ARN.")
    for parameter in _NOT_BUILT:
        if target.get(parameter):
            raise not_built(f"{parameter} of targets")
    if ":sqs:" in arn and arn.endswith(".fifo") and not (target.get("SqsParameters") or {}).get("MessageGroupId"):
        raise invalid("SqsParameters with a MessageGroupId are required for FIFO queues.")
    dead_letters = (target.get("DeadLetterConfig") or {}).get("Arn")
    if dead_letters is not None and (":sqs:" not in dead_letters or dead_letters.endswith(".fifo")):
        raise invalid("DeadLetterConfig.Arn must be a standard SQS queue.")
    if bus_of_arn(arn) is not None:
        if not target.get("EventBridgeParameters"):
            raise invalid("EventBridgeParameters are required for event buses.")
        found = read_json(target.get("Input") or "{}")
        if found is None or not isinstance(found.value, dict):
            raise invalid("The Input for an event bus must be a JSON object.")
    elif target.get("EventBridgeParameters"):
        raise invalid("EventBridgeParameters go with event buses only.")
