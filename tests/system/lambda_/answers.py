"""What tests of Lambda's control plane say of answers again and again."""

from __future__ import annotations

import json
from typing import Any

A = "arn:aws:lambda:us-east-1:000000000000:function:"
NOT_ABOUT_VERSIONS = (
    "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. "
    "Please specify either a function name or an unqualified function ARN."
)
STALE = (
    "The Revision Id provided does not match the latest Revision Id. Call the {} API to retrieve the latest Revision Id"
)


def code(answer: str) -> str:
    """A function that returns this, its variable STAGE, and its version."""
    return (
        "import os\n"
        "def handler(event, context):\n"
        f"    return [{answer!r}, os.environ.get('STAGE'), context.function_version]\n"
    )


def called(client: Any, name: str, **params: Any) -> tuple[Any, str]:
    """What a function returned, and the version that ran."""
    answer = client.invoke(FunctionName=name, **params)
    assert "FunctionError" not in answer
    return json.loads(answer["Payload"].read()), answer["ExecutedVersion"]


def error(answer: dict[str, Any]) -> tuple[int, str, str]:
    """Status, code and message of a refusal."""
    return (
        answer["ResponseMetadata"]["HTTPStatusCode"],
        answer["Error"]["Code"],
        answer["Error"]["Message"],
    )


NESTED = """
import json, os
import boto3
from botocore.config import Config
client = boto3.client("lambda", config=Config(retries={"total_max_attempts": 1}, read_timeout=60))

def handler(event, context):
    own = f"{context.function_version} {os.environ['AWS_LAMBDA_INITIALIZATION_TYPE']}"
    if event["calls"] == 1:
        return [own]
    inner = json.dumps({**event, "calls": event["calls"] - 1})
    try:
        answer = client.invoke(FunctionName=event["target"], Payload=inner)
    except client.exceptions.TooManyRequestsException as refusal:
        return [own, refusal.response["Reason"]]
    return [own, *json.loads(answer["Payload"].read())]
"""
"""A function that calls on, so that many calls run at once without anybody who waits for time to pass."""


def nested(client: Any, calls: int, target: str) -> list[str]:
    """Of so many calls at once, each within the one before: version and kind of environment, or why one was refused."""
    event = json.dumps({"calls": calls, "target": target})
    try:
        answer = client.invoke(FunctionName=target, Payload=event)
    except client.exceptions.TooManyRequestsException as refusal:
        return [refusal.response["Reason"]]
    found: list[str] = json.loads(answer["Payload"].read())
    return found


def ready(client: Any, name: str, qualifier: str) -> dict[str, Any]:
    """Wait until provisioned concurrency is ready, or has failed; how it is."""
    while True:
        found: dict[str, Any] = client.get_provisioned_concurrency_config(FunctionName=name, Qualifier=qualifier)
        if found["Status"] != "IN_PROGRESS":
            return found
