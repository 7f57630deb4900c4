"""Synchronous calls, through an unmodified client."""

from __future__ import annotations

import base64
import http.client
import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from system.harness import RUNTIME, create, zipped

if TYPE_CHECKING:
    from collections.abc import Callable

    from system.harness import Server

ECHO = "def handler(event, context):\n    return event\n"


def refused(call: Any, **params: Any) -> dict[str, Any]:
    with pytest.raises(ClientError) as refusal:
        call(**params)
    return dict(refusal.value.response)


def test_a_result_comes_back_with_what_aws_sends_along(client: Any) -> None:
    create(client, "echo", ECHO)

    answer = client.invoke(FunctionName="echo", Payload='{"a": [1, "ü"]}')

    assert json.loads(answer["Payload"].read()) == {"a": [1, "ü"]}
    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")
    assert "FunctionError" not in answer
    assert "LogResult" not in answer
    headers = answer["ResponseMetadata"]["HTTPHeaders"]
    assert headers["content-type"] == "application/json"
    assert headers["x-amzn-remapped-content-length"] == "0"
    assert re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0;.*", headers["x-amzn-trace-id"])


def test_no_payload_is_an_empty_event_and_none_is_null(client: Any) -> None:
    create(client, "kinds", "def handler(event, context):\n    return None if event == {} else event\n")
    assert client.invoke(FunctionName="kinds")["Payload"].read() == b"null"
    for event in (b"1", b'"text"', b"[]", b"true", b"null"):
        assert client.invoke(FunctionName="kinds", Payload=event)["Payload"].read() == event


def test_the_context_tells_the_function_about_its_call(client: Any) -> None:
    code = """
def handler(event, context):
    names = ("function_name", "function_version", "invoked_function_arn", "memory_limit_in_mb", "aws_request_id",
             "log_group_name", "log_stream_name")
    context_ = {name: getattr(context, name) for name in names}
    left = context.get_remaining_time_in_millis()
    return {**context_, "custom": context.client_context.custom, "fits": 0 < left <= 7000}
"""
    create(client, "context", code, Timeout=7)
    client_context = base64.b64encode(json.dumps({"custom": {"foo": "bar"}}).encode()).decode()

    answer = client.invoke(FunctionName="context", ClientContext=client_context)

    seen = json.loads(answer["Payload"].read())
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", seen.pop("log_stream_name"))
    assert seen == {
        "function_name": "context",
        "function_version": "$LATEST",
        "invoked_function_arn": "arn:aws:lambda:us-east-1:000000000000:function:context",
        "memory_limit_in_mb": "128",
        "aws_request_id": answer["ResponseMetadata"]["RequestId"],
        "log_group_name": "/aws/lambda/context",
        "custom": {"foo": "bar"},
        "fits": True,
    }


@pytest.mark.parametrize(
    ("addressed", "qualifier", "seen"),
    [
        ("arns", None, ""),
        ("arns", "$LATEST", ":$LATEST"),
        ("arns:$LATEST", None, ":$LATEST"),
        ("arn:aws:lambda:us-east-1:000000000000:function:arns", None, ""),
        ("000000000000:function:arns:$LATEST", None, ":$LATEST"),
    ],
)
def test_the_invoked_arn_is_as_addressed(client: Any, addressed: str, qualifier: str | None, seen: str) -> None:
    if "arns" not in [one["FunctionName"] for one in client.list_functions()["Functions"]]:
        create(client, "arns", "def handler(event, context):\n    return context.invoked_function_arn\n")
    more = {"Qualifier": qualifier} if qualifier else {}
    answer = client.invoke(FunctionName=addressed, **more)
    assert json.loads(answer["Payload"].read()) == f"arn:aws:lambda:us-east-1:000000000000:function:arns{seen}"


def test_the_log_tail_is_that_of_the_call(client: Any) -> None:
    create(client, "tail", "print('init')\ndef handler(event, context):\n    print('line', event)\n    return 1\n")

    cold = client.invoke(FunctionName="tail", LogType="Tail", Payload="1")
    warm = client.invoke(FunctionName="tail", LogType="Tail", Payload="2")

    request = cold["ResponseMetadata"]["RequestId"]
    first = base64.b64decode(cold["LogResult"]).decode()
    for line in ("init\n", f"START RequestId: {request} Version: $LATEST\n", "line 1\n", f"END RequestId: {request}\n"):
        assert line in first
    assert re.search(
        rf"REPORT RequestId: {request}\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\t"
        r"Max Memory Used: \d+ MB\tInit Duration: \d+\.\d\d ms\t\n$",
        first,
    )
    second = base64.b64decode(warm["LogResult"]).decode()
    assert second.startswith("START RequestId: ")
    assert "line 2\n" in second
    assert "init" not in second
    assert "Init Duration" not in second


def test_a_function_error_is_a_success_of_the_call(client: Any) -> None:
    create(client, "fails", "def handler(event, context):\n    raise ValueError('no: ' + event)\n")

    answer = client.invoke(FunctionName="fails", Payload='"x"')

    assert (answer["StatusCode"], answer["FunctionError"], answer["ExecutedVersion"]) == (200, "Unhandled", "$LATEST")
    assert json.loads(answer["Payload"].read()) == {
        "errorMessage": "no: x",
        "errorType": "ValueError",
        "requestId": answer["ResponseMetadata"]["RequestId"],
        "stackTrace": ["  File \"/var/task/m.py\", line 2, in handler\n    raise ValueError('no: ' + event)\n"],
    }


def test_a_dry_run_runs_nothing(client: Any) -> None:
    create(client, "dryrun", "def handler(event, context):\n    raise SystemExit(9)\n")
    answer = client.invoke(FunctionName="dryrun", InvocationType="DryRun")
    assert answer["StatusCode"] == 204
    assert "ExecutedVersion" not in answer
    assert answer["Payload"].read() == b""


def test_a_missing_function_is_named_with_its_qualifier(client: Any) -> None:
    where = "arn:aws:lambda:us-east-1:000000000000:function:missing"
    unqualified = refused(client.invoke, FunctionName="missing")
    assert unqualified["Message"] == f"Function not found: {where}:$LATEST"
    qualified = refused(client.invoke, FunctionName="missing", Qualifier="blue")
    assert qualified["Message"] == f"Function not found: {where}:blue"
    assert qualified["Type"] == "User"


def test_what_belongs_elsewhere_is_refused(client: Any) -> None:
    region = refused(client.invoke, FunctionName="arn:aws:lambda:us-west-2:000000000000:function:f")
    assert region["Message"] == "Functions from 'us-west-2' are not reachable in this region ('us-east-1')"
    account = refused(client.invoke, FunctionName="arn:aws:lambda:us-east-1:999999999999:function:f")
    assert account["Error"]["Code"] == "AccessDeniedException"
    assert account["ResponseMetadata"]["HTTPStatusCode"] == 403


@pytest.mark.parametrize("payload", [b"{", b"nope", b"\xff\xfe", b"[" * 5000, b'{"a": NaN}'])
def test_a_payload_that_is_not_json_is_refused_and_the_next_call_works(client: Any, payload: bytes) -> None:
    ensure_echo(client)
    answer = refused(client.invoke, FunctionName="echo2", Payload=payload)
    assert answer["Error"]["Code"] == "InvalidRequestContentException"
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert client.invoke(FunctionName="echo2", Payload="1")["Payload"].read() == b"1"


def test_a_payload_over_six_megabytes_is_refused_and_the_next_call_works(client: Any) -> None:
    ensure_echo(client)
    answer = refused(client.invoke, FunctionName="echo2", Payload=b'"' + b"x" * 7_000_000 + b'"')
    assert answer["Error"] == {
        "Code": "RequestEntityTooLargeException",
        "Message": "Request must be smaller than 6291456 bytes for the InvokeFunction operation",
    }
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 413
    assert client.invoke(FunctionName="echo2", Payload="1")["Payload"].read() == b"1"


def test_six_megabytes_go_there_and_back(client: Any) -> None:
    ensure_echo(client)
    payload = b'"' + b"x" * (6_291_456 - 2) + b'"'
    assert client.invoke(FunctionName="echo2", Payload=payload)["Payload"].read() == payload


def test_a_bad_client_context_is_refused(client: Any) -> None:
    ensure_echo(client)
    for context in (
        "%%%",
        base64.b64encode(b"[1]").decode(),
        base64.b64encode(b'{"a":"' + b"x" * 4000 + b'"}').decode(),
    ):
        answer = refused(client.invoke, FunctionName="echo2", ClientContext=context)
        assert answer["Error"]["Code"] == "InvalidRequestContentException"


def test_a_function_reaches_lambent_by_boto3_without_configuration(client: Any) -> None:
    code = """
import boto3
def handler(event, context):
    return boto3.client("lambda").get_function_configuration(FunctionName=context.function_name)["FunctionArn"]
"""
    create(client, "selfaware", code, Timeout=20)
    answer = client.invoke(FunctionName="selfaware")
    assert json.loads(answer["Payload"].read()) == "arn:aws:lambda:us-east-1:000000000000:function:selfaware"


def test_a_functions_own_account_and_region_go_with_its_credentials(server: Server) -> None:
    client = server.client(region="eu-central-1", account="444444444444")
    code = """
import boto3
def handler(event, context):
    return boto3.client("lambda").get_function_configuration(FunctionName=context.function_name)["FunctionArn"]
"""
    create(client, "abroad", code, Timeout=20)
    answer = client.invoke(FunctionName="abroad")
    assert json.loads(answer["Payload"].read()) == "arn:aws:lambda:eu-central-1:444444444444:function:abroad"


def test_a_function_that_calls_itself_gets_another_environment(client: Any) -> None:
    code = """
import json, boto3
def handler(event, context):
    if event == 0:
        return 0
    answer = boto3.client("lambda").invoke(FunctionName=context.function_name, Payload=json.dumps(event - 1))
    return 1 + json.loads(answer["Payload"].read())
"""
    create(client, "recursive", code, Timeout=30)
    assert client.invoke(FunctionName="recursive", Payload="3")["Payload"].read() == b"3"


def test_two_hundred_calls_at_once_do_not_wait_for_each_other(client: Any) -> None:
    code = """
import time
def handler(event, context):
    time.sleep(1)
    return event
"""
    create(client, "sleeps", code, Timeout=60)
    with ThreadPoolExecutor(200) as pool:
        answers = list(pool.map(lambda n: client.invoke(FunctionName="sleeps", Payload=str(n)), range(200)))
    assert [int(answer["Payload"].read()) for answer in answers] == list(range(200))


def test_calls_beyond_the_limit_are_throttled_with_the_reason(start: Callable[..., Server]) -> None:
    client = start("--concurrency", "1").client()
    code = """
import boto3
from botocore.config import Config
def handler(event, context):
    if event == "inner":
        return
    once = Config(retries={"total_max_attempts": 1})
    client = boto3.client("lambda", config=once)
    try:
        client.invoke(FunctionName=context.function_name, Payload='"inner"')
    except client.exceptions.TooManyRequestsException as refusal:
        return refusal.response["Reason"], refusal.response["Error"]["Message"]
"""
    create(client, "narrow", code, Timeout=20)
    for _ in range(2):
        answer = client.invoke(FunctionName="narrow", Payload='"outer"')
        assert json.loads(answer["Payload"].read()) == ["ConcurrentInvocationLimitExceeded", "Rate Exceeded."]


def test_a_client_that_goes_away_does_not_stop_the_function(server: Server, client: Any) -> None:
    code = """
import time
def handler(event, context):
    print("begun")
    time.sleep(0.5)
    print("finished")
"""
    create(client, "left", code, Timeout=20)
    address = urlsplit(server.endpoint)
    connection = http.client.HTTPConnection(str(address.hostname), address.port or 80)
    connection.request("POST", "/2015-03-31/functions/left/invocations", body=b"1")
    connection.close()

    assert "finished\n" in server.logs_until("/aws/lambda/left", "REPORT")


def ensure_echo(client: Any) -> None:
    """The echo function of the tests of payloads."""
    try:
        client.get_function(FunctionName="echo2")
    except client.exceptions.ResourceNotFoundException:
        create(client, "echo2", zipped(ECHO), Runtime=RUNTIME, Timeout=30)


def test_what_is_not_built_is_refused_and_not_ignored(client: Any) -> None:
    create(client, "plain", ECHO)
    for parameter in ("TenantId", "DurableExecutionName"):
        answer = refused(client.invoke, FunctionName="plain", **{parameter: "a"})
        assert answer["Error"]["Code"] == "NotImplementedException"
        assert parameter in answer["Error"]["Message"]


def test_a_number_of_many_digits_is_an_event_like_any_other(client: Any) -> None:
    create(client, "digits", "def handler(event, context):\n    return len(str(event))\n")
    answer = client.invoke(FunctionName="digits", Payload=b"1" * 1000)
    assert answer["Payload"].read() == b"1000"
