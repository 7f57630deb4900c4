"""What callers see of functions that fail, die or never return, as AWS was seen to answer."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from system.harness import RUNTIME, create

if TYPE_CHECKING:
    from system.harness import Server


def call(client: Any, name: str, event: Any = None) -> tuple[dict[str, Any], dict[str, Any]]:
    """The answer of a call that ends in an error of the function, and the error."""
    answer: dict[str, Any] = client.invoke(FunctionName=name, Payload=json.dumps(event), LogType="Tail")
    assert (answer["StatusCode"], answer["FunctionError"], answer["ExecutedVersion"]) == (200, "Unhandled", "$LATEST")
    return answer, json.loads(answer["Payload"].read())


def tail(answer: dict[str, Any]) -> str:
    return base64.b64decode(answer["LogResult"]).decode()


def test_a_handler_that_never_returns_is_timed_out_and_its_environment_goes_on(client: Any) -> None:
    code = """
import os, time
number = 0
def handler(event, context):
    global number
    if event == "set":
        number = 42
        open("/tmp/file", "w").write("content")
    elif event == "get":
        return number, open("/tmp/file").read()
    else:
        while True:
            time.sleep(1)
"""
    create(client, "stuck", code, Timeout=1)
    client.invoke(FunctionName="stuck", Payload='"set"')
    assert json.loads(client.invoke(FunctionName="stuck", Payload='"get"')["Payload"].read()) == [42, "content"]

    answer, error = call(client, "stuck", "never")

    request_id = answer["ResponseMetadata"]["RequestId"]
    assert error == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {request_id} Error: Task timed out after 1.00 seconds",
    }
    assert re.search(
        rf"REPORT RequestId: {request_id}\tDuration: 1\d\d\d\.\d\d ms\t.*Status: timeout\t\n$", tail(answer)
    )
    # The process was replaced and its globals with it; /tmp stayed.
    assert json.loads(client.invoke(FunctionName="stuck", Payload='"get"')["Payload"].read()) == [0, "content"]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import sys\nsys.exit(0)\n", "Runtime exited without providing a reason"),
        ("import sys\nsys.exit(127)\n", "Runtime exited with error: exit status 127"),
        ("def handler(event, context):\n    raise SystemExit(0)\n", "Runtime exited without providing a reason"),
        ("import os\ndef handler(event, context):\n    os._exit(3)\n", "Runtime exited with error: exit status 3"),
        (
            "import os\ndef handler(event, context):\n    os.kill(os.getpid(), 9)\n",
            "Runtime exited with error: signal: killed",
        ),
    ],
    ids=["init exits", "init fails", "handler exits", "handler fails", "killed"],
)
def test_a_process_that_ends_is_an_exit_error(client: Any, code: str, reason: str, request: Any) -> None:
    name = request.node.callspec.id.replace(" ", "-")
    create(client, name, code, Timeout=10)
    answer, error = call(client, name)
    request_id = answer["ResponseMetadata"]["RequestId"]
    assert error == {"errorType": "Runtime.ExitError", "errorMessage": f"RequestId: {request_id} Error: {reason}"}
    assert tail(answer).endswith("\tStatus: error\tError Type: Runtime.ExitError\t\n")


def test_an_exception_while_the_module_is_imported_has_no_request_id(client: Any) -> None:
    create(client, "import-fails", 'raise Exception("Runtime startup fails")\n')
    _, error = call(client, "import-fails")
    trace = error.pop("stackTrace")
    assert error == {"errorMessage": "Runtime startup fails", "errorType": "Exception", "requestId": ""}
    assert trace[-1] == '  File "/var/task/m.py", line 1, in <module>\n    raise Exception("Runtime startup fails")\n'
    assert client.get_function_configuration(FunctionName="import-fails")["State"] == "Active"


def test_an_exception_of_the_handler_is_told_with_its_trace(client: Any) -> None:
    create(client, "raises", 'def handler(event, context):\n    raise Exception("Handler fails")\n')
    answer, error = call(client, "raises")
    assert error == {
        "errorMessage": "Handler fails",
        "errorType": "Exception",
        "requestId": answer["ResponseMetadata"]["RequestId"],
        "stackTrace": ['  File "/var/task/m.py", line 2, in handler\n    raise Exception("Handler fails")\n'],
    }


@pytest.mark.parametrize(
    ("settings", "kind", "words"),
    [
        ({"Handler": "absent.handler"}, "Runtime.ImportModuleError", "Unable to import module 'absent': No module"),
        ({"Handler": "m.absent"}, "Runtime.HandlerNotFound", "Handler 'absent' missing on module 'm'"),
        ({"Handler": "m"}, "Runtime.MalformedHandlerName", "Bad handler 'm': not enough values to unpack"),
    ],
)
def test_a_handler_that_is_not_there_is_named(client: Any, settings: dict[str, str], kind: str, words: str) -> None:
    name = settings["Handler"].replace(".", "-")
    create(client, name, "def handler(event, context):\n    pass\n", **settings)
    _, error = call(client, name)
    assert error["errorType"] == kind
    assert words in error["errorMessage"]


def test_a_result_that_is_not_json_is_an_error(client: Any) -> None:
    create(client, "unjson", "def handler(event, context):\n    return object()\n")
    _, error = call(client, "unjson")
    assert error["errorType"] == "Runtime.MarshalError"
    assert error["errorMessage"].startswith("Unable to marshal response: ")


def test_a_result_over_its_limit_is_an_error_and_the_next_is_not(client: Any) -> None:
    create(client, "large", "def handler(event, context):\n    return 'x' * event\n", Timeout=30)
    _, error = call(client, "large", 6_291_556 - 1)
    assert error == {
        "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
        "errorType": "Function.ResponseSizeTooLarge",
    }
    fits = client.invoke(FunctionName="large", Payload=str(6_291_556 - 2))
    assert len(fits["Payload"].read()) == 6_291_556


def test_memory_beyond_the_limit_kills_the_process_and_nothing_else(client: Any) -> None:
    code = "def handler(event, context):\n    return len(bytearray(event << 20))\n"
    create(client, "greedy", code, Timeout=30, MemorySize=128)
    answer, error = call(client, "greedy", 600)
    assert error["errorType"] == "Runtime.ExitError"
    assert error["errorMessage"].endswith("Error: Runtime exited with error: signal: killed")
    assert "Error Type: Runtime.OutOfMemory" in tail(answer)
    assert client.invoke(FunctionName="greedy", Payload="1")["Payload"].read() == b"1048576"


def test_every_line_is_an_event_and_a_carriage_return_ends_none(server: Server, client: Any) -> None:
    code = "def handler(event, context):\n    print('multi\\nline\\nstring')\n    print('another\\rline')\n"
    create(client, "lines", code)
    answer = client.invoke(FunctionName="lines")
    request_id = answer["ResponseMetadata"]["RequestId"]

    lines = server.logs_until("/aws/lambda/lines", "REPORT")

    minor = RUNTIME.removeprefix("python")
    assert re.fullmatch(
        rf"INIT_START Runtime Version: python:{re.escape(minor)}\.v\d+\t"
        r"Runtime Version ARN: arn:aws:lambda:us-east-1::runtime:[0-9a-f]{64}\n",
        lines[0],
    )
    assert lines[1:-1] == [
        f"START RequestId: {request_id} Version: $LATEST\n",
        "multi\n",
        "line\n",
        "string\n",
        "another\rline\n",
        f"END RequestId: {request_id}\n",
    ]
    assert re.fullmatch(
        rf"REPORT RequestId: {request_id}\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\t"
        r"Max Memory Used: \d+ MB\tInit Duration: \d+\.\d\d ms\t\n",
        lines[-1],
    )


def test_a_traceback_is_one_event(server: Server, client: Any) -> None:
    code = "class CustomError(Exception):\n    pass\ndef handler(event, context):\n    raise CustomError('an error')\n"
    create(client, "traceback", code)
    call(client, "traceback")
    lines = server.logs_until("/aws/lambda/traceback", "REPORT")
    told = (
        "[ERROR] CustomError: an error\n"
        "Traceback (most recent call last):\n"
        '~~File "/var/task/m.py", line 4, in handler\n'
        "~~~~raise CustomError('an error')"
    )
    assert [line.replace("\u00a0", "~") for line in lines if line.startswith("[ERROR]")] == [told]
