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
