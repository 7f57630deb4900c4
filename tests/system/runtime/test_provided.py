"""Custom runtimes: a package's own `bootstrap`, and the Runtime API that it speaks."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import sys
from typing import TYPE_CHECKING, Any

import pytest

from system.runtime.world import zipped

if TYPE_CHECKING:
    from lambent.clock import VirtualClock
    from lambent.runtime.spec import FunctionSpec
    from system.runtime.world import World

pytestmark = pytest.mark.asyncio(loop_scope="session")

RUNTIME = "provided.al2023"
LOOP = """
import http.client, json, os, signal, sys, tempfile, time

api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])

def ask(method, path, body=None, headers={}, on=api):
    on.request(method, "/2018-06-01/runtime/" + path, body, headers)
    answer = on.getresponse()
    return answer.status, answer.headers, answer.read()

def told(answer):
    return [answer[0], json.loads(answer[2])]

def answer(body, call=None, headers={}):
    return told(ask("POST", f"invocation/{call or request_id}/response", body, headers))

calls = 0
SETUP
while True:
    _, headers, event = ask("GET", "invocation/next")
    request_id = headers["Lambda-Runtime-Aws-Request-Id"]
    event = json.loads(event)
    calls += 1
    exec(event if isinstance(event, str) else "answer(json.dumps(event))")
"""


def function(world: World, setup: str = "", **changes: Any) -> FunctionSpec:
    """One whose events are Python, run between `next` and the answer; `setup` runs before the first `next`."""
    bootstrap = f"#!{sys.executable} -IS\n" if world.mode == "plain" else "#!/usr/bin/env python3\n"
    return world.function(
        zipped({"bootstrap": bootstrap + LOOP.replace("SETUP", setup)}, mode=0o755), **{"runtime": RUNTIME, **changes}
    )


def exit_error(reason: str) -> dict[str, Any]:
    return {"errorType": "Runtime.ExitError", "errorMessage": f"RequestId: r Error: {reason}"}


# --- what cannot be started


async def test_a_package_without_bootstrap_is_told_so(world: World) -> None:
    spec = world.function(zipped({"other": ""}), runtime=RUNTIME)
    for _ in range(2):
        assert await world.error(spec, request_id="r") == {
            "errorType": "Runtime.InvalidEntrypoint",
            "errorMessage": "RequestId: r Error: "
            "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]",
        }
    assert sum("Error Type: Runtime.InvalidEntrypoint" in line for line in world.log(spec)) >= 3


@pytest.mark.parametrize(
    ("content", "mode", "reason"),
    [("#!/bin/sh\n", 0o644, "permission denied"), ("#!/no/where\n", 0o755, "no such file or directory")],
)
async def test_a_bootstrap_that_cannot_be_started_is_told_why(
    world: World, content: str, mode: int, reason: str
) -> None:
    spec = world.function(zipped({"bootstrap": content}, mode=mode), runtime=RUNTIME)
    assert await world.error(spec, request_id="r") == {
        "errorType": "Runtime.InvalidEntrypoint",
        "errorMessage": f"RequestId: r Error: fork/exec /var/task/bootstrap: {reason}",
    }


async def test_a_bootstrap_that_ends_before_it_asks_is_an_exit(world: World) -> None:
    spec = world.function(zipped({"bootstrap": "#!/bin/sh\necho hello\nexit 3\n"}, mode=0o755), runtime=RUNTIME)
    assert await world.error(spec, request_id="r") == exit_error("Runtime exited with error: exit status 3")
    assert world.log(spec).count("hello\n") == 2


async def test_an_initialisation_that_says_it_failed_is_told_as_it_says(world: World) -> None:
    error = {"errorType": "My.Error", "errorMessage": "no", "more": 1}
    setup = f'print("starting", flush=True); ask("POST", "init/error", {json.dumps(error)!r}); time.sleep(60)'
    spec = function(world, setup)
    assert await world.error(spec) == error
    assert world.log(spec).count("starting\n") == 2
    assert sum("Error Type: My.Error" in line for line in world.log(spec)) == 3


async def test_a_bootstrap_that_never_asks_runs_out_of_time(still: tuple[World, VirtualClock]) -> None:
    world, clock = still
    spec = world.function(
        zipped({"bootstrap": "#!/bin/sh\necho up\nwhile :; do sleep 1; done\n"}, mode=0o755),
        runtime=RUNTIME,
        timeout_s=2,
    )
    call = asyncio.ensure_future(world.call(spec, request_id="r"))
    await world.sink.line(spec, "up\n")
    await clock.advance(10.1)
    await world.sink.line(spec, "up\n", 2)
    await clock.advance(2.1)
    outcome = await call
    assert outcome.status == "timeout"
    assert json.loads(outcome.payload)["errorMessage"] == "RequestId: r Error: Task timed out after 2.00 seconds"
    assert any(
        re.match(r"INIT_REPORT Init Duration: 10\d+\.\d+ ms\tPhase: init\tStatus: timeout", one)
        for one in world.log(spec)
    )


# --- what is asked wrongly


@pytest.mark.parametrize(
    ("event", "answers"),
    [
        (
            '"x" and [answer("1", "other")]',
            [[400, {"errorMessage": "Invalid request ID", "errorType": "InvalidRequestID"}]],
        ),
        (
            '[told(ask("GET", "nothing"))]',
            [[404, {"errorMessage": "There is nothing at this path.", "errorType": "NotFound"}]],
        ),
        (
            '[told(ask("GET", "invocation/next")), told(ask("POST", "init/error", "{}"))]',
            [
                [
                    403,
                    {
                        "errorMessage": f"State transition from Running to {name} failed for runtime. "
                        "Error: State transition is not allowed",
                        "errorType": "InvalidStateTransition",
                    },
                ]
                for name in ("Ready", "InitError")
            ],
        ),
    ],
)
async def test_what_makes_no_sense_now_is_refused_and_the_call_goes_on(
    world: World, event: str, answers: list[Any]
) -> None:
    spec = function(world)
    assert await world.result(spec, f"answer(json.dumps({event}))") == answers


async def test_a_second_answer_is_refused(world: World) -> None:
    spec = function(world)
    event = """
first, second = answer("1"), answer("2")
third = told(ask("POST", f"invocation/{request_id}/error", "{}"))
print(json.dumps([first, second, third]), flush=True)
"""
    assert await world.result(spec, event) == 1
    lines = await world.sink.until(spec, lambda lines: lines[-1].startswith("[[202"))
    first, second, third = json.loads(lines[-1])
    assert first == [202, {"status": "OK"}]
    assert [second[0], second[1]["errorType"]] == [third[0], third[1]["errorType"]] == [403, "InvalidStateTransition"]
    assert await world.result(spec, 5) == 5


async def test_an_answer_to_a_call_that_is_over_is_refused(world: World) -> None:
    spec = function(world)
    assert await world.result(spec, "old = request_id; answer('1')") == 1
    assert await world.result(spec, "answer(json.dumps(answer('2', old)))") == [
        400,
        {"errorMessage": "Invalid request ID", "errorType": "InvalidRequestID"},
    ]


async def test_bytes_that_are_no_request_are_refused_and_harm_nobody(world: World) -> None:
    spec = function(world)
    event = """
import socket
host, port = os.environ["AWS_LAMBDA_RUNTIME_API"].split(":")
with socket.create_connection((host, int(port))) as other:
    other.sendall(b"noise\\r\\n\\r\\n")
    answer(json.dumps(other.recv(12).decode()))
"""
    assert await world.result(spec, event) == "HTTP/1.1 400"
    assert await world.result(spec, 5) == 5


async def test_an_answer_that_is_too_large_is_refused_to_both_sides(world: World) -> None:
    spec = function(world)
    outcome = await world.call(spec, "print(answer('x' * 6_291_557), flush=True)")
    assert json.loads(outcome.payload) == {
        "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
        "errorType": "Function.ResponseSizeTooLarge",
    }
    await world.sink.until(spec, lambda lines: any("[413, " in line for line in lines))
    assert any("Exceeded maximum allowed payload size (6291556 bytes)." in line for line in world.log(spec))
    assert len(await world.result(spec, "answer(json.dumps('x' * 6_291_554))")) == 6_291_554


# --- what goes well


async def test_events_and_answers_pass_unchanged_whatever_they_are(world: World) -> None:
    spec = function(world)
    events: list[Any] = [None, 1, [1, "ü"], {"a": {"b": []}}]
    for event in events:
        assert await world.result(spec, event) == event
    assert (await world.call(spec, "answer(b'\\xff no json')")).payload == b"\xff no json"


async def test_a_call_is_described_in_headers(world: World) -> None:
    spec = function(world)
    names = ["Aws-Request-Id", "Invoked-Function-Arn", "Trace-Id", "Client-Context", "Cognito-Identity"]
    event = f"answer(json.dumps([headers['Lambda-Runtime-' + name] for name in {names}]))"
    assert await world.result(spec, event, request_id="r-1") == ["r-1", spec.arn, None, None, None]
    identity = {"cognitoIdentityId": "i", "cognitoIdentityPoolId": "p"}
    more: dict[str, Any] = {"trace_header": "Root=1", "client_context": b'{"custom":{"a":1}}', "identity": identity}
    found = await world.result(spec, event, request_id="r-2", **more)
    assert found[2:] == ["Root=1", '{"custom":{"a":1}}', '{"cognitoIdentityId":"i","cognitoIdentityPoolId":"p"}']
    left = await world.result(spec, "answer(str(int(headers['Lambda-Runtime-Deadline-Ms']) / 1000 - time.time()))")
    assert 15 < left <= 20


async def test_an_error_is_told_as_the_runtime_tells_it(world: World) -> None:
    spec = function(world)
    event = """
error = '{"errorType": "Mine", "errorMessage": "m", "stackTrace": []}'
ask("POST", f"invocation/{request_id}/error", error, {"Lambda-Runtime-Function-Error-Type": "Runtime.Other"})
"""
    outcome = await world.call(spec, event)
    assert json.loads(outcome.payload) == {"errorType": "Mine", "errorMessage": "m", "stackTrace": []}
    assert (outcome.error, outcome.error_type) == (True, "Runtime.Other")
    assert await world.result(spec, "answer(str(calls))") == 2


async def test_chunked_bodies_and_other_connections_are_taken(world: World) -> None:
    spec = function(world)
    event = """
other = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
ask("POST", f"invocation/{request_id}/response", iter([b"[1", b",2]"]), {"Connection": "close"}, other)
"""
    assert await world.result(spec, event) == [1, 2]


async def test_a_connection_that_was_given_up_gets_no_event(world: World) -> None:
    spec = function(world)
    event = """
answer("1")
for _ in range(3):
    other = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    other.request("GET", "/2018-06-01/runtime/invocation/next")
    other.close()
"""
    assert await world.result(spec, event) == 1
    assert await world.result(spec, 5) == 5


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl on this machine")
async def test_a_shell_and_curl_are_a_runtime(world: World) -> None:
    bootstrap = """#!/bin/sh
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
while :; do
  curl -sS -D /tmp/h.$$ -o /tmp/b.$$ "$api/next" || exit 1
  id=$(sed -n 's/^Lambda-Runtime-Aws-Request-Id: *\\([^ \\r]*\\).*/\\1/pI' /tmp/h.$$)
  curl -sS -o /dev/null --data-binary @/tmp/b.$$ "$api/$id/response"
done
"""
    spec = world.function(zipped({"bootstrap": bootstrap}, mode=0o755), runtime="provided.al2")
    for event in (1, {"a": "x" * 100_000}):
        assert await world.result(spec, event) == event


# --- the end of a runtime


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ("sys.exit(0)", "Runtime exited without providing a reason"),
        ("os._exit(7)", "Runtime exited with error: exit status 7"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "Runtime exited with error: signal: segmentation fault"),
    ],
)
async def test_a_runtime_that_ends_is_replaced_and_tmp_is_kept(world: World, event: str, reason: str) -> None:
    spec = function(world)
    keep = "open(os.path.join(tempfile.gettempdir(), 'kept'), 'a').write('x');"
    assert await world.result(spec, keep + "answer('1')") == 1
    assert await world.error(spec, event, request_id="r") == exit_error(reason)
    size = "os.path.getsize(os.path.join(tempfile.gettempdir(), 'kept'))"
    assert await world.result(spec, f"answer(json.dumps([calls, {size}]))") == [1, 1]


async def test_a_call_that_is_never_answered_runs_out_of_time(still: tuple[World, VirtualClock]) -> None:
    world, clock = still
    spec = function(world, timeout_s=3)
    assert await world.result(spec, 1) == 1
    call = asyncio.ensure_future(world.call(spec, "print('here', flush=True); time.sleep(60)", request_id="r"))
    await world.sink.line(spec, "here\n")
    await clock.advance(3.1)
    assert (await call).status == "timeout"
    assert await world.result(spec, "answer(str(calls))") == 1


async def test_a_runtime_that_holds_too_much_is_out_of_memory(world: World) -> None:
    spec = function(world, memory_mb=128)
    outcome = await world.call(spec, "held = bytearray(200 << 20); time.sleep(5); answer('1')", request_id="r")
    assert json.loads(outcome.payload) == exit_error("Runtime exited with error: signal: killed")
    assert "Error Type: Runtime.OutOfMemory" in world.log(spec)[-1]


async def test_what_a_runtime_prints_and_takes_is_in_its_log(world: World) -> None:
    spec = function(world)
    outcome = await world.call(spec, "print('out', flush=True); print('err', file=sys.stderr, flush=True); answer('1')")
    lines = world.log(spec)
    assert lines[0].startswith("INIT_START Runtime Version: provided:al2023.v1\tRuntime Version ARN: arn:aws:lambda:")
    assert [line for line in lines if line in {"out\n", "err\n"}] == ["out\n", "err\n"]
    assert b"out\nerr\n" in outcome.log_tail
    assert 1 <= outcome.max_memory_mb < 60
    assert outcome.init_ms is not None


# --- responses in pieces


async def test_a_streamed_response_is_put_together_for_who_wants_it_whole(world: World) -> None:
    spec = function(world)
    headers = {"Lambda-Runtime-Function-Response-Mode": "streaming", "Content-Type": "text/x"}
    outcome = await world.call(spec, f"answer(iter([b'one ', b'two']), headers={headers})")
    assert (outcome.payload, outcome.content_type, outcome.error) == (b"one two", "text/x", False)
    assert await world.result(spec, 5) == 5


TRAILERS = """
import socket
host, port = os.environ["AWS_LAMBDA_RUNTIME_API"].split(":")
other = socket.create_connection((host, int(port)))
other.sendall((
    f"POST /2018-06-01/runtime/invocation/{request_id}/response HTTP/1.1\\r\\nHost: h\\r\\n"
    "Lambda-Runtime-Function-Response-Mode: streaming\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n3\\r\\nabc\\r\\n"
).encode())
"""


async def test_a_stream_that_fails_tells_why_in_its_trailers(world: World) -> None:
    spec = function(world)
    event = TRAILERS + (
        'other.sendall(b"0\\r\\nLambda-Runtime-Function-Error-Type: Mine\\r\\n'
        'Lambda-Runtime-Function-Error-Body: eyJhIjoxfQ==\\r\\n\\r\\n")\nother.recv(100)\n'
    )
    outcome = await world.call(spec, event)
    assert (outcome.error, outcome.error_type, json.loads(outcome.payload)) == (True, "Mine", {"a": 1})
    assert await world.result(spec, 5) == 5


async def test_a_stream_that_breaks_off_is_told_so(world: World) -> None:
    spec = function(world)
    outcome = await world.call(spec, TRAILERS + "other.close()\n")
    assert (outcome.error, outcome.error_type) == (True, "Runtime.TruncatedResponse")
    assert await world.result(spec, 5) == 5
