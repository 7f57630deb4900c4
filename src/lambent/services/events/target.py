"""What makes a target valid. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from lambent.services.events.document import read_json
from lambent.services.events.json_path import parse_path
from lambent.services.events.names import bus_of_arn
from lambent.services.events.refusals import invalid, not_built
from lambent.services.events.transform import PREDEFINED, placeholders

if TYPE_CHECKING:
    from collections.abc import Mapping

_ARN = re.compile(r"arn:[\w-]+:[\w.-]+:[\w-]*:[\w-]*:.+", re.ASCII | re.DOTALL)
_INPUTS = ("Input", "InputPath", "InputTransformer")
_NOT_BUILT = (
    "KinesisParameters",
    "RunCommandParameters",
    "EcsParameters",
    "BatchParameters",
    "HttpParameters",
    "RedshiftDataParameters",
    "SageMakerPipelineParameters",
    "AppSyncParameters",
)


def check_target(target: Mapping[str, Any]) -> None:
    """Raises AwsError ValidationException, or NotImplementedException for what is not built."""
    arn, name = target["Arn"], target["Id"]
    if _ARN.fullmatch(arn) is None:
        raise invalid(f"Parameter {arn} is not valid. Reason: Provided Arn is not in correct format.")
    for parameter in _NOT_BUILT:
        if target.get(parameter):
            raise not_built(f"{parameter} of targets")
    is_fifo = ":sqs:" in arn and arn.endswith(".fifo")
    if is_fifo and not (target.get("SqsParameters") or {}).get("MessageGroupId"):
        raise invalid(f"Parameter(s) SqsParameters must be specified for target: {name}.")
    dead_letters = (target.get("DeadLetterConfig") or {}).get("Arn")
    if dead_letters is not None and (":sqs:" not in dead_letters or dead_letters.endswith(".fifo")):
        raise invalid(
            f"Parameter DeadLetterConfig.Arn is not valid for target {name}: it must be a standard SQS queue."
        )
    _check_input(target, name)


def _check_input(target: Mapping[str, Any], name: str) -> None:
    given = [one for one in _INPUTS if target.get(one) is not None]
    if len(given) > 1:
        raise invalid(f"Only one of Input, InputPath, or InputTransformer must be provided for target {name}.")
    if given and bus_of_arn(target["Arn"]) is not None:
        raise not_built(f"{given[0]} of targets that are event buses")
    if "Input" in given and read_json(target["Input"]) is None:
        raise invalid(f"JSON syntax error in input for target {name}.")
    if "InputPath" in given and parse_path(target["InputPath"]) is None:
        raise invalid(f"Invalid InputPath for target {name}.")
    if "InputTransformer" in given:
        _check_transformer(target["InputTransformer"], name)


def _check_transformer(transformer: Mapping[str, Any], name: str) -> None:
    paths = transformer.get("InputPathsMap") or {}
    for path in paths.values():
        if parse_path(path) is None:
            raise invalid(f"Invalid InputTransformer for target {name} : invalid JSONPath {path}.")
    for placeholder in placeholders(transformer["InputTemplate"]):
        if placeholder not in paths and placeholder not in PREDEFINED:
            raise invalid(f"InputTemplate for target {name} contains invalid placeholder {placeholder}.")
