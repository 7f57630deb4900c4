"""A function as clients see it: the shape FunctionConfiguration of Lambda's API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lambent.services.lambda_.runtimes import version_arn

if TYPE_CHECKING:
    from lambent.services.lambda_.record import Configuration, FunctionRecord


def configuration(record: FunctionRecord, *, qualifier: str | None = None) -> dict[str, Any]:
    """Everything that GetFunctionConfiguration and its kin answer.

    qualifier: what FunctionArn carries, a version or the alias that was asked for; None leaves it without one.
    """
    view = listed(record, qualifier=qualifier)
    view["State"] = record.state
    view["RuntimeVersionConfig"] = _runtime_version(record.configuration, record.key.region)
    optional = {
        "StateReason": record.state_reason,
        "StateReasonCode": record.state_reason_code,
        "LastUpdateStatus": record.last_update_status,
        "LastUpdateStatusReason": record.last_update_status_reason,
        "LastUpdateStatusReasonCode": record.last_update_status_reason_code,
    }
    view.update({name: value for name, value in optional.items() if value is not None})
    return view


def listed(record: FunctionRecord, *, qualifier: str | None = None) -> dict[str, Any]:
    """What lists show of a function: no states and no runtime version."""
    settings = record.configuration
    view: dict[str, Any] = {
        "FunctionName": record.key.name,
        "FunctionArn": record.arn if qualifier is None else f"{record.arn}:{qualifier}",
        "Runtime": settings.runtime,
        "Role": settings.role,
        "Handler": settings.handler,
        "CodeSize": record.code.size_bytes,
        "CodeSha256": record.code.sha256,
        "Description": settings.description,
        "Timeout": settings.timeout_s,
        "MemorySize": settings.memory_mb,
        "LastModified": timestamp(record.last_modified_ms),
        "Version": record.key.version,
        "TracingConfig": {"Mode": settings.tracing_mode},
        "RevisionId": record.revision_id,
        "PackageType": "Zip",
        "Architectures": [settings.architecture],
        "EphemeralStorage": {"Size": settings.tmp_mb},
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "LoggingConfig": _logging(settings),
    }
    if settings.variables is not None:
        view["Environment"] = {"Variables": settings.variables}
    if settings.dead_letter is not None:
        view["DeadLetterConfig"] = {"TargetArn": settings.dead_letter}
    if settings.layers:
        view["Layers"] = [{"Arn": layer.arn, "CodeSize": layer.size_bytes} for layer in settings.layers]
    if settings.has_vpc_config:
        view["VpcConfig"] = {
            "SubnetIds": [],
            "SecurityGroupIds": [],
            "VpcId": "",
            "Ipv6AllowedForDualStack": False,
        }
    return view


def _logging(settings: Configuration) -> dict[str, str]:
    levels = settings.log_levels
    if levels is None:
        return {"LogFormat": "Text", "LogGroup": settings.log_group}
    return {
        "LogFormat": "JSON",
        "ApplicationLogLevel": levels.application,
        "SystemLogLevel": levels.system,
        "LogGroup": settings.log_group,
    }


def timestamp(epoch_ms: int) -> str:
    """LastModified's form: `2026-09-28T09:29:21.056+0000`."""
    at = datetime.fromtimestamp(epoch_ms / 1000, UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{epoch_ms % 1000:03d}+0000"


def _runtime_version(settings: Configuration, region: str) -> dict[str, Any]:
    view: dict[str, Any] = {"RuntimeVersionArn": version_arn(settings.runtime, region)}
    if settings.runtime_note is not None:
        view["Error"] = {"ErrorCode": "RuntimeNotOnThisMachine", "Message": settings.runtime_note}
    return view
