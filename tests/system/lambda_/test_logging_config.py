"""LoggingConfig: refused, shown, replaced, and what comes of it in CloudWatch Logs."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from system.harness import ROLE, RUNTIME, create, refused, settle, zipped

if TYPE_CHECKING:
    from system.harness import Server

CODE = "import logging\n\ndef handler(event, context):\n    logging.info('said %s', event)\n    return event\n"
JSON = {"LogFormat": "JSON", "ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO"}


@pytest.mark.parametrize(
    ("config", "code"),
    [
        ({"ApplicationLogLevel": "INFO"}, "InvalidParameterValueException"),
        ({"LogFormat": "Text", "SystemLogLevel": "WARN"}, "InvalidParameterValueException"),
        ({"LogFormat": "JSON", "SystemLogLevel": "ERROR"}, "ValidationException"),
        ({"LogFormat": "XML"}, "ValidationException"),
        ({"LogGroup": "not a group"}, "ValidationException"),
    ],
)
def test_configurations_that_make_no_sense_are_refused(server: Server, config: dict[str, str], code: str) -> None:
    answer = refused(
        server.client(checks=False).create_function,
        FunctionName="wrong",
        Runtime=RUNTIME,
        Role=ROLE,
        Handler="m.handler",
        Code={"ZipFile": zipped(CODE)},
        LoggingConfig=config,
    )
    assert answer["Error"]["Code"] == code


def test_the_format_is_switched_and_back(client: Any) -> None:
    text = {"LogFormat": "Text", "LogGroup": "/aws/lambda/switched"}
    assert create(client, "switched", CODE)["LoggingConfig"] == text

    answer = client.update_function_configuration(FunctionName="switched", LoggingConfig={"LogFormat": "JSON"})
    assert answer["LoggingConfig"] == JSON | {"LogGroup": "/aws/lambda/switched"}
    assert settle(client, "switched")["LoggingConfig"] == answer["LoggingConfig"]

    client.update_function_configuration(FunctionName="switched", LoggingConfig={"LogFormat": "Text"})
    assert settle(client, "switched")["LoggingConfig"] == text


def test_a_function_logs_json_into_the_group_it_was_given(server: Server, client: Any) -> None:
    create(client, "one-of-many", CODE, LoggingConfig=JSON | {"LogGroup": "shared/logs"})

    answer = client.invoke(FunctionName="one-of-many", Payload=b"7", LogType="Tail")

    tail = [json.loads(line) for line in base64.b64decode(answer["LogResult"]).decode().splitlines()]
    assert [line.get("type") or line["message"] for line in tail] == ["platform.start", "said 7", "platform.report"]
    assert tail[1]["requestId"] == answer["ResponseMetadata"]["RequestId"]
    server.logs_until("shared/logs", '{"time"')
    (stream,) = server.client("logs").describe_log_streams(logGroupName="shared/logs")["logStreams"]
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/one-of-many\[\$LATEST\][0-9a-f]{32}", stream["logStreamName"])
