"""From the parameters of CreateFunction and UpdateFunctionConfiguration to a Configuration.

Pure: nothing here looks at the store or the machine. Constraints that the service model carries were checked before;
what stands here is what only Lambda itself knows. What Lambent cannot honour yet is refused by its name.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson

from lambent.services.lambda_ import runtimes
from lambent.services.lambda_.record import Configuration
from lambent.services.lambda_.refusals import invalid_parameter, not_built

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambent.call import Params

_ENVIRONMENT_LIMIT = 4096
_RESERVED = frozenset(
    (
        "_HANDLER _X_AMZN_TRACE_ID AWS_DEFAULT_REGION AWS_REGION AWS_EXECUTION_ENV AWS_LAMBDA_FUNCTION_NAME "
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE AWS_LAMBDA_FUNCTION_VERSION AWS_LAMBDA_INITIALIZATION_TYPE "
        "AWS_LAMBDA_LOG_GROUP_NAME AWS_LAMBDA_LOG_STREAM_NAME AWS_ACCESS_KEY AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY "
        "AWS_SESSION_TOKEN AWS_LAMBDA_RUNTIME_API LAMBDA_TASK_ROOT LAMBDA_RUNTIME_DIR"
    ).split()
)
_DEAD_LETTER_SERVICES = frozenset(("sqs", "sns"))
_DEFAULT_LOG_LEVEL = "INFO"
_HONOURED = frozenset(
    (
        "FunctionName Runtime Role Handler Code Description Timeout MemorySize VpcConfig PackageType DeadLetterConfig "
        "Environment TracingConfig Tags Architectures EphemeralStorage SnapStart LoggingConfig RevisionId "
        "ZipFile S3Bucket S3Key S3ObjectVersion ImageUri SourceKMSKeyArn DryRun Layers Publish "
        "CodeSigningConfigArn"
    ).split()
)
"""Parameters that are honoured, or looked at where they are used. What AWS adds later is refused by its name."""


def created(params: Params) -> Configuration:
    """The configuration of a new function.

    Raises AwsError InvalidParameterValueException, or NotImplementedException for what is not built.
    """
    refuse_not_built(params)
    if params.get("PackageType", "Zip") != "Zip":
        raise not_built("functions from container images (PackageType Image)")
    if not params.get("Runtime") or not params.get("Handler"):
        raise invalid_parameter(
            "Runtime and Handler are mandatory parameters for functions created with deployment packages."
        )
    fresh = Configuration(runtime=params["Runtime"], handler=params["Handler"], role=params["Role"])
    return _merged(fresh, params, default_log_group=f"/aws/lambda/{params['FunctionName']}")


def updated(before: Configuration, params: Params, *, name: str) -> Configuration:
    """The configuration after UpdateFunctionConfiguration: what was not sent stays.

    Raises AwsError as `created` does.
    """
    refuse_not_built(params)
    return _merged(before, params, default_log_group=f"/aws/lambda/{name}")


def refuse_not_built(params: Params) -> None:
    """Refuse settings that are not built, unless they are sent empty, which asks for nothing."""
    for name in sorted(params.keys() - _HONOURED):
        if params[name]:
            raise not_built(f"the parameter {name}")
    if (params.get("SnapStart") or {}).get("ApplyOn", "None") != "None":
        raise not_built("SnapStart (SnapStart.ApplyOn)")


def _merged(before: Configuration, params: Params, *, default_log_group: str) -> Configuration:
    changes: dict[str, Any] = {
        name: params[parameter]
        for parameter, name in (
            ("Runtime", "runtime"),
            ("Handler", "handler"),
            ("Role", "role"),
            ("Description", "description"),
            ("Timeout", "timeout_s"),
            ("MemorySize", "memory_mb"),
        )
        if params.get(parameter) is not None
    }
    runtimes.check(changes.get("runtime", before.runtime))
    if params.get("EphemeralStorage"):
        changes["tmp_mb"] = params["EphemeralStorage"]["Size"]
    if params.get("Environment") is not None:
        changes["variables"] = _variables(params["Environment"].get("Variables") or {})
    if params.get("TracingConfig"):
        changes["tracing_mode"] = params["TracingConfig"].get("Mode") or before.tracing_mode
    if params.get("Architectures"):
        changes["architecture"] = params["Architectures"][0]
    if params.get("VpcConfig") is not None:
        changes["has_vpc_config"] = _vpc(params["VpcConfig"])
    target = (params.get("DeadLetterConfig") or {}).get("TargetArn")
    if target is not None:
        changes["dead_letter"] = _dead_letter(target)
    if params.get("LoggingConfig"):
        changes.update(_logging(params["LoggingConfig"], default_log_group))
    elif not before.log_group:
        changes["log_group"] = default_log_group
    return replace(before, **changes)


def _variables(variables: Mapping[str, str]) -> dict[str, str]:
    reserved = sorted(_RESERVED.intersection(variables))
    if reserved:
        raise invalid_parameter(
            "Lambda was unable to configure your environment variables because the environment variables you have "
            "provided contains reserved keys that are currently not supported for modification. "
            f"Reserved keys used in this request: {', '.join(reserved)}"
        )
    measured = orjson.dumps(variables)
    if len(measured) > _ENVIRONMENT_LIMIT:
        raise invalid_parameter(
            "Lambda was unable to configure your environment variables because the environment variables you have "
            f"provided exceeded the 4KB limit. String measured: {measured.decode()}"
        )
    return dict(variables)


def _dead_letter(target: str) -> str | None:
    """An ARN; an empty one clears."""
    if not target:
        return None
    if target.split(":")[2] not in _DEAD_LETTER_SERVICES:
        raise invalid_parameter(f"The target ARN {target} is invalid: a dead-letter queue is a queue or a topic.")
    if target.endswith(".fifo"):
        raise invalid_parameter(f"The target ARN {target} is invalid: a dead-letter queue cannot be FIFO.")
    return target


def _vpc(config: Mapping[str, Any]) -> bool:
    if config.get("SubnetIds") or config.get("SecurityGroupIds") or config.get("Ipv6AllowedForDualStack"):
        raise not_built("functions in a VPC (VpcConfig)")
    return True


def _logging(config: Mapping[str, Any], default_log_group: str) -> dict[str, str | None]:
    """All that LoggingConfig sets: what is not in it gets its default, whatever it was before."""
    levels = {"application_log_level": "ApplicationLogLevel", "system_log_level": "SystemLogLevel"}
    is_json = config.get("LogFormat", "Text") == "JSON"
    for level in levels.values():
        if config.get(level) and not is_json:
            raise invalid_parameter(f"{level} can only be set when LogFormat is JSON.")
    default_level = _DEFAULT_LOG_LEVEL if is_json else None
    return {
        "log_group": config.get("LogGroup") or default_log_group,
        **{name: config.get(level) or default_level for name, level in levels.items()},
    }
