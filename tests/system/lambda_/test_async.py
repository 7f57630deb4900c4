"""Asynchronous calls on a real server: answers, attempts, ends, and what lives through its death."""

from __future__ import annotations

import json
import subprocess
import threading
import uuid
from collections import defaultdict
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from system.harness import SCRIPTS, Server, create, environ, refused, zipped
from system.lambda_.answers import A, error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

QUICK = ("--async-retry-delays-s", "0.1,0.2")
ECHO = "def handler(event, context):\n    print('ran', context.aws_request_id)\n    return event\n"
BAD = "def handler(event, context):\n    print('ran', context.aws_request_id)\n    raise ValueError('on purpose')\n"
COLLECT = "import json\ndef handler(event, context):\n    print('got ' + json.dumps(event))\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that does not wait long before retries."""
    running = Server(tmp_path_factory.mktemp("server") / "data", *QUICK)
    yield running
    running.close()


def send(client: Any, name: str, payload: Any = None, **params: Any) -> str:
    """Call asynchronously; the request id."""
    body = {} if payload is None else {"Payload": json.dumps(payload)}
    answer = client.invoke(FunctionName=name, InvocationType="Event", **body, **params)
    assert answer["StatusCode"] == 202
    return str(answer["ResponseMetadata"]["RequestId"])


def record(server: Server, collector: str) -> dict[str, Any]:
    """The record that a collector got; waits for it."""
    lines = server.logs_until(f"/aws/lambda/{collector}", "got ")
    found: dict[str, Any] = json.loads(next(line for line in lines if line.startswith("got "))[4:])
    return found


def told(client: Any, name: str, code: str, **settings: Any) -> str:
    """A function whose ends are told to a collector of its own; the collector's name."""
    collector = f"{name}-ends"
    create(client, collector, COLLECT)
    create(client, name, code)
    where = {"Destination": f"{A}{collector}"}
    client.put_function_event_invoke_config(
        FunctionName=name, DestinationConfig={"OnSuccess": where, "OnFailure": where}, **settings
    )
    return collector


def kept(server: Server) -> int:
    """Events that have not ended."""
    with urlopen(f"{server.endpoint}/_lambent/status", timeout=10) as answer:
        return int(json.load(answer)["events"]["kept"])


def wait_until_all_have_ended(server: Server) -> None:
    while kept(server):
        pass


# --- what is refused


def test_an_event_for_nobody_is_refused(client: Any) -> None:
    answer = refused(client.invoke, FunctionName="nobody", InvocationType="Event")
    assert error(answer) == (404, "ResourceNotFoundException", f"Function not found: {A}nobody:$LATEST")


def test_an_event_over_a_megabyte_is_refused_with_its_size(client: Any) -> None:
    create(client, "large", ECHO)
    body = json.dumps("x" * 1_048_575)
    answer = refused(client.invoke, FunctionName="large", InvocationType="Event", Payload=body)
    text = "1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)"
    assert error(answer) == (413, "RequestEntityTooLargeException", text)


# --- answers


@pytest.mark.parametrize("params", [{}, {"LogType": "Tail", "ClientContext": "e30="}])
def test_an_accepted_event_is_answered_with_nothing_but_its_id(client: Any, params: dict[str, Any]) -> None:
    name = f"plain-{len(params)}"
    create(client, name, ECHO)
    answer = client.invoke(FunctionName=name, InvocationType="Event", Payload=b"1", **params)
    assert answer["StatusCode"] == 202
    assert answer["Payload"].read() == b""
    assert not {"ExecutedVersion", "LogResult", "FunctionError"} & answer.keys()


def test_the_old_operation_does_the_same(server: Server, client: Any) -> None:
    collector = told(client, "old", ECHO)
    assert client.invoke_async(FunctionName="old", InvokeArgs=b'{"a": 1}')["Status"] == 202
    assert record(server, collector)["requestPayload"] == {"a": 1}


def test_a_dead_letter_queue_is_shown_until_it_is_cleared(client: Any) -> None:
    queue = {"TargetArn": "arn:aws:sqs:us-east-1:000000000000:dead"}
    assert create(client, "dead", ECHO, DeadLetterConfig=queue)["DeadLetterConfig"] == queue
    assert client.get_function_configuration(FunctionName="dead")["DeadLetterConfig"] == queue
    answer = client.update_function_configuration(FunctionName="dead", DeadLetterConfig={"TargetArn": ""})
    assert "DeadLetterConfig" not in answer


# --- ends


def test_a_success_is_told(server: Server, client: Any) -> None:
    collector = told(client, "good", ECHO)
    request = send(client, "good", {"a": [1]})
    found = record(server, collector)
    found.pop("timestamp")
    assert found == {
        "version": "1.0",
        "requestContext": {
            "requestId": request,
            "functionArn": f"{A}good:$LATEST",
            "condition": "Success",
            "approximateInvokeCount": 1,
        },
        "requestPayload": {"a": [1]},
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST"},
        "responsePayload": {"a": [1]},
    }


def test_a_failure_is_told_after_three_attempts_with_one_id(server: Server, client: Any) -> None:
    collector = told(client, "bad", BAD)
    request = send(client, "bad", {"a": 1})
    found = record(server, collector)
    assert found["requestContext"] == {
        "requestId": request,
        "functionArn": f"{A}bad:$LATEST",
        "condition": "RetriesExhausted",
        "approximateInvokeCount": 3,
    }
    assert found["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"}
    assert found["responsePayload"]["errorMessage"] == "on purpose"
    assert found["responsePayload"]["requestId"] == request
    lines = server.logs_until("/aws/lambda/bad", "ran")
    assert [line.strip() for line in lines if line.startswith("ran")] == [f"ran {request}"] * 3


@pytest.mark.parametrize(
    ("name", "code", "kind"),
    [
        ("exits", "import os\ndef handler(event, context):\n    os._exit(3)\n", "Runtime.ExitError"),
        ("sleeps", "import time\ndef handler(event, context):\n    time.sleep(30)\n", "Sandbox.Timedout"),
        ("broken", "raise RuntimeError('init')\n", "RuntimeError"),
    ],
)
def test_every_kind_of_failure_is_told(server: Server, client: Any, name: str, code: str, kind: str) -> None:
    collector = told(client, name, code, MaximumRetryAttempts=0)
    client.update_function_configuration(FunctionName=name, Timeout=1)
    send(client, name)
    found = record(server, collector)
    assert found["requestContext"]["approximateInvokeCount"] == 1
    assert found["responsePayload"]["errorType"] == kind


def test_a_function_that_is_switched_off_ends_its_events_at_once(server: Server, client: Any) -> None:
    collector = told(client, "off", ECHO)
    client.put_function_concurrency(FunctionName="off", ReservedConcurrentExecutions=0)
    send(client, "off", {})
    found = record(server, collector)
    assert found["requestContext"]["condition"] == "ZeroReservedConcurrency"
    assert found["requestContext"]["approximateInvokeCount"] == 0
    assert not {"responseContext", "responsePayload"} & found.keys()


def test_an_alias_is_resolved_anew_for_each_attempt(server: Server, client: Any) -> None:
    create(client, "moved-ends", COLLECT)
    create(client, "moved", BAD, Publish=True)
    client.create_alias(FunctionName="moved", Name="live", FunctionVersion="1")
    client.update_function_code(
        FunctionName="moved", ZipFile=zipped("def handler(event, context):\n    return 'mended'\n"), Publish=True
    )
    client.put_function_event_invoke_config(
        FunctionName="moved",
        Qualifier="live",
        DestinationConfig={
            "OnSuccess": {"Destination": f"{A}moved-ends"},
            "OnFailure": {"Destination": f"{A}moved-ends"},
        },
    )
    send(client, "moved:live")
    server.logs_until("/aws/lambda/moved", "ran")
    client.update_alias(FunctionName="moved", Name="live", FunctionVersion="2")
    found = record(server, "moved-ends")
    assert found["requestContext"]["functionArn"] == f"{A}moved:live"
    assert found["responseContext"]["executedVersion"] == "2"
    assert found["responsePayload"] == "mended"


def test_a_stuck_function_delays_no_other(server: Server, client: Any) -> None:
    create(client, "stuck", "import time\ndef handler(event, context):\n    time.sleep(60)\n", Timeout=60)
    client.put_function_concurrency(FunctionName="stuck", ReservedConcurrentExecutions=2)
    collector = told(client, "quick", ECHO)
    for _ in range(50):
        send(client, "stuck")
    send(client, "quick", "hello")
    assert record(server, collector)["responsePayload"] == "hello"
    client.delete_function(FunctionName="stuck")


def test_the_life_of_an_event_can_be_asked_for(server: Server, client: Any) -> None:
    collector = told(client, "lives", BAD)
    request = send(client, "lives", 1)
    record(server, collector)

    lines = command(server, "event", request)

    assert lines[0] == f"event {request} of lives"
    assert [("again at" in line, "on purpose" in line) for line in lines[2:5]] == [(True, True)] * 2 + [(False, True)]
    assert lines[5].endswith(f"told to {A}{collector}")
    assert lines[6].endswith("ended: RetriesExhausted")
    assert [line.split()[0] for line in command(server, "events", "lives", "--failed")] == [request]
    assert command(server, "events", collector, "--failed") == []


def command(server: Server, *arguments: str) -> list[str]:
    """What a command prints."""
    whole = [str(SCRIPTS / "lambent"), *arguments, "--endpoint", server.endpoint]
    done = subprocess.run(whole, capture_output=True, text=True, check=True, env=environ(), cwd=server.data_dir.parent)
    return done.stdout.splitlines()


# --- death and restart

MIXED = {
    "fine": "def handler(event, context):\n    return 1\n",
    "fails": "def handler(event, context):\n    raise ValueError('no')\n",
    "crashes": "import os\ndef handler(event, context):\n    os._exit(1)\n",
}
WRITE = """
import os
def handler(event, context):
    told = event["requestContext"]
    line = f"{told['requestId']} {told['condition']} {context.aws_request_id}\\n"
    out = os.open(os.environ["OUT"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(out, line.encode())
    os.close(out)
"""


def test_after_kills_under_load_every_accepted_event_has_one_end(start: Callable[..., Server], tmp_path: Path) -> None:
    server, out = start(*QUICK, "--isolation", "none"), tmp_path / "ends"
    client = server.client()
    create(client, "write", WRITE, Environment={"Variables": {"OUT": str(out)}})
    where = {"Destination": f"{A}write"}
    for name, code in MIXED.items():
        create(client, name, code)
        client.put_function_event_invoke_config(
            FunctionName=name,
            DestinationConfig={"OnSuccess": where, "OnFailure": where},
            MaximumRetryAttempts=1,
        )
    accepted: dict[str, str] = {}
    for round_ in range(3):
        load(server, accepted, until=30 + 15 * round_)
        server.restart()
    wait_until_all_have_ended(server)

    ends: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for line in out.read_text().splitlines():
        request, condition, told_as = line.split()
        ends[request].add((condition, told_as))
    assert accepted.keys() <= ends.keys()
    for request, name in accepted.items():
        # One record, however often the collector itself ran with it.
        assert len(ends[request]) == 1
        condition = "Success" if name == "fine" else "RetriesExhausted"
        assert next(iter(ends[request]))[0] == condition
        with urlopen(f"{server.endpoint}/_lambent/events/{request}", timeout=10) as answer:
            assert json.load(answer)["condition"] == condition


def load(server: Server, accepted: dict[str, str], until: int) -> None:
    """Send events of all kinds from four clients, and kill the server once so many more are accepted."""
    goal, dead = len(accepted) + until, threading.Event()

    def work() -> None:
        client = server.client()
        while not dead.is_set():
            for name in MIXED:
                try:
                    accepted[send(client, name, str(uuid.uuid4()))] = name
                except (BotoCoreError, ClientError):
                    return
                if len(accepted) >= goal and not dead.is_set():
                    dead.set()
                    server.kill()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_sigterm_lets_running_events_end(start: Callable[..., Server]) -> None:
    server = start()
    client = server.client()
    create(client, "slow", "import time\ndef handler(event, context):\n    print('in')\n    time.sleep(0.5)\n")
    send(client, "slow")
    server.logs_until("/aws/lambda/slow", "in")
    assert server.stop() == 0
    server.restart()
    assert kept(server) == 0


def test_an_event_that_does_not_end_in_time_runs_again_after_the_restart(start: Callable[..., Server]) -> None:
    server = start("--drain-s", "0")
    client = server.client()
    create(
        client, "long", "import time\ndef handler(event, context):\n    print('in')\n    time.sleep(60)\n", Timeout=90
    )
    send(client, "long")
    server.logs_until("/aws/lambda/long", "in")
    assert server.stop() == 0
    server.restart()
    assert kept(server) == 1
    client = server.client()
    lines: list[str] = []
    while sum(line.startswith("in") for line in lines) < 2:
        lines = server.logs_until("/aws/lambda/long", "in")
