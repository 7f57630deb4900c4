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
    if (params.get("DeadLetterConfig") or {}).get("TargetArn"):
        raise not_built("dead-letter queues (DeadLetterConfig.TargetArn)")


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
    changes["log_group"] = _log_group(before, params.get("LoggingConfig") or {}, default_log_group)
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


def _vpc(config: Mapping[str, Any]) -> bool:
    if config.get("SubnetIds") or config.get("SecurityGroupIds") or config.get("Ipv6AllowedForDualStack"):
        raise not_built("functions in a VPC (VpcConfig)")
    return True


def _log_group(before: Configuration, config: Mapping[str, Any], default: str) -> str:
    if config.get("LogFormat", "Text") != "Text":
        raise not_built("JSON logs (LoggingConfig.LogFormat)")
    for level in ("ApplicationLogLevel", "SystemLogLevel"):
        if config.get(level):
            raise invalid_parameter(f"{level} can only be set when LogFormat is JSON.")
    return config.get("LogGroup") or before.log_group or default
