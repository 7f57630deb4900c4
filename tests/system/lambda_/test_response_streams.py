"""Responses that reach their callers while functions still make them: InvokeWithResponseStream and function URLs."""

from __future__ import annotations

import http.client
import http.server
import json
import shutil
import threading
from base64 import b64decode
from contextlib import closing
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import pytest

from system.harness import create, refused
from system.runtime.world import zipped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from system.harness import Server

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="there is no Node.js on this machine")
NODE = """
const { setTimeout: pause } = require('timers/promises');
exports.handler = awslambda.streamifyResponse(async (event, stream, context) => {
  if (event.queryStringParameters) event = JSON.parse(event.queryStringParameters.event);
  if (event.head) stream = awslambda.HttpResponseStream.from(stream, event.head);
  if (event.type) stream.setContentType(event.type);
  stream.write(event.first ?? 'first');
  if (event.gate) { await fetch(event.gate); }
  if (event.fail) throw new Error('told');
  if (event.exit) process.exit(3);
  for (let left = event.more ?? 0; left > 0; left--) {
    if (!stream.write('x'.repeat(1 << 20))) await new Promise((resolve) => stream.once('drain', resolve));
  }
  stream.write('last');
  stream.end();
  await new Promise((resolve) => stream.once('finish', resolve));
  if (event.over) await fetch(event.over);
});
"""
BOOTSTRAP = """#!/usr/bin/env python3
import http.client, json, os
api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
HEADERS = {"Lambda-Runtime-Function-Response-Mode": "streaming", "Content-Type": "text/x"}
while True:
    api.request("GET", "/2018-06-01/runtime/invocation/next")
    answer = api.getresponse()
    event, request_id = json.loads(answer.read()), answer.headers["Lambda-Runtime-Aws-Request-Id"]
    def pieces():
        yield b"first"
        if "gate" in event:
            gate = http.client.HTTPConnection(event["gate"].split("/")[2])
            gate.request("GET", "/")
            gate.getresponse().read()
        yield b"last"
    api.request("POST", f"/2018-06-01/runtime/invocation/{request_id}/response", pieces(), HEADERS)
    api.getresponse().read()
"""


class Gate:
    """Where a function waits until the test lets it go on."""

    def __init__(self) -> None:
        gate = self
        self.reached = threading.Event()
        self._open = threading.Event()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                gate.reached.set()
                gate._open.wait(30)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    def open(self) -> None:
        self._open.set()

    def close(self) -> None:
        self.open()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def gate() -> Iterator[Gate]:
    one = Gate()
    yield one
    one.close()


@pytest.fixture(scope="module")
def streaming(server: Server) -> str:
    """A function on Node.js that streams; its name."""
    client = server.client()
    create(client, "node", zipped({"index.js": NODE}), Runtime="nodejs20.x", Handler="index.handler", Timeout=30)
    return "node"


@pytest.fixture(scope="module")
def url(server: Server, streaming: str) -> str:
    """Its URL."""
    created: str = server.client().create_function_url_config(
        FunctionName=streaming, AuthType="NONE", InvokeMode="RESPONSE_STREAM"
    )["FunctionUrl"]
    return created


def opened(server: Server, url: str, event: Any) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
    """The response to a request, of which the head has arrived."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    path = f"{parts.path.rstrip('/')}/?event={quote(json.dumps(event))}"
    connection.request("GET", path, headers={"Host": parts.netloc})
    return connection, connection.getresponse()


def asked(server: Server, url: str, event: Any) -> tuple[int, Any, bytes]:
    connection, response = opened(server, url, event)
    with closing(connection):
        return response.status, response.headers, response.read()


def invoked(client: Any, name: str, event: Any = None, **more: Any) -> tuple[Any, bytes, dict[str, Any]]:
    """The answer, all of the response, and its end."""
    answer = client.invoke_with_response_stream(FunctionName=name, Payload=json.dumps(event), **more)
    events = list(answer["EventStream"])
    body = b"".join(event["PayloadChunk"]["Payload"] for event in events[:-1])
    return answer, body, events[-1]["InvokeComplete"]


# --- refusals


def test_a_function_that_is_not_there_is_refused_before_anything_streams(client: Any) -> None:
    answer = refused(client.invoke_with_response_stream, FunctionName="none")
    assert answer["Error"]["Code"] == "ResourceNotFoundException"
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_an_event_that_is_no_json_is_refused(client: Any, plain: str) -> None:
    answer = refused(client.invoke_with_response_stream, FunctionName=plain, Payload=b"{")
    assert answer["Error"]["Code"] == "InvalidRequestContentException"


# --- ordinary handlers


@pytest.fixture(scope="module")
def plain(server: Server) -> str:
    code = "def handler(event, context):\n    if event == 'fail':\n        raise ValueError('told')\n    return event\n"
    create(server.client(), "plain", code)
    return "plain"


def test_an_ordinary_handler_gives_one_piece(client: Any, plain: str) -> None:
    answer, body, end = invoked(client, plain, {"a": 1}, LogType="Tail")
    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")
    headers = answer["ResponseMetadata"]["HTTPHeaders"]
    assert headers["content-type"] == "application/vnd.amazon.eventstream"
    assert headers["transfer-encoding"] == "chunked"
    assert headers["x-amzn-remapped-content-type"] == "application/json"
    assert body == b'{"a": 1}'
    assert end.keys() == {"LogResult"}
    assert b"REPORT RequestId: " in b64decode(end["LogResult"])


def test_an_error_is_told_at_the_end(client: Any, plain: str) -> None:
    _, body, end = invoked(client, plain, "fail")
    assert (body, end["ErrorCode"]) == (b"", "Unhandled")
    assert json.loads(end["ErrorDetails"])["errorType"] == "ValueError"


@pytest.mark.parametrize("kind", ["Event", "DryRun"])
def test_the_type_of_a_call_is_ignored(client: Any, plain: str, kind: str) -> None:
    _, body, end = invoked(client, plain, 5, InvocationType=kind)
    assert (body, end) == (b"5", {})


# --- streaming ones


@needs_node
def test_the_first_byte_comes_before_the_function_ends(client: Any, streaming: str, gate: Gate) -> None:
    answer = client.invoke_with_response_stream(
        FunctionName=streaming, Payload=json.dumps({"gate": gate.url, "type": "text/x"})
    )
    assert answer["ResponseMetadata"]["HTTPHeaders"]["x-amzn-remapped-content-type"] == "text/x"
    events = iter(answer["EventStream"])
    assert next(events) == {"PayloadChunk": {"Payload": b"first"}}
    gate.open()
    assert list(events) == [{"PayloadChunk": {"Payload": b"last"}}, {"InvokeComplete": {}}]


@needs_node
def test_a_handler_that_fails_ends_its_stream_without_a_word(client: Any, streaming: str) -> None:
    _, body, end = invoked(client, streaming, {"fail": True})
    assert (body, end) == (b"first", {})


@needs_node
def test_a_process_that_ends_in_the_middle_is_told_at_the_end(client: Any, streaming: str) -> None:
    _, body, end = invoked(client, streaming, {"exit": True})
    assert (body, end["ErrorCode"]) == (b"first", "Unhandled")
    assert json.loads(end["ErrorDetails"])["errorType"] == "Runtime.ExitError"
    assert invoked(client, streaming, {})[1] == b"firstlast"


@needs_node
def test_a_response_may_be_larger_than_a_whole_one(client: Any, streaming: str) -> None:
    _, body, end = invoked(client, streaming, {"more": 20})
    assert (len(body), body[-4:], end) == (20 * (1 << 20) + 9, b"last", {})


@needs_node
def test_a_client_that_leaves_does_not_stop_the_function(server: Server, streaming: str, gate: Gate) -> None:
    answer = server.client().invoke_with_response_stream(
        FunctionName=streaming, Payload=json.dumps({"more": 20, "over": gate.url})
    )
    next(iter(answer["EventStream"]))
    answer["EventStream"].close()
    assert gate.reached.wait(30)


@needs_node
def test_the_next_call_does_not_wait_for_a_slow_reader_of_the_last(client: Any, streaming: str) -> None:
    answer = client.invoke_with_response_stream(FunctionName=streaming, Payload=json.dumps({"more": 4}))
    events = iter(answer["EventStream"])
    assert next(events) == {"PayloadChunk": {"Payload": b"first"}}
    assert invoked(client, streaming, {})[1] == b"firstlast"
    assert len(list(events)) > 4


@needs_node
def test_an_ordinary_call_gets_all_of_it(client: Any, streaming: str) -> None:
    answer = client.invoke(FunctionName=streaming, Payload=b"{}")
    assert answer["Payload"].read() == b"firstlast"
    assert "FunctionError" not in answer
    assert answer["ResponseMetadata"]["HTTPHeaders"]["content-type"] == "application/octet-stream"


def test_a_custom_runtime_streams_as_well(client: Any, gate: Gate) -> None:
    create(client, "custom", zipped({"bootstrap": BOOTSTRAP}, mode=0o755), Runtime="provided.al2023", Handler="x")
    answer = client.invoke_with_response_stream(FunctionName="custom", Payload=json.dumps({"gate": gate.url}))
    events = iter(answer["EventStream"])
    assert next(events) == {"PayloadChunk": {"Payload": b"first"}}
    gate.open()
    assert list(events) == [{"PayloadChunk": {"Payload": b"last"}}, {"InvokeComplete": {}}]


# --- function URLs


@needs_node
def test_a_url_passes_pieces_on_behind_the_head_that_the_function_gives(server: Server, url: str, gate: Gate) -> None:
    head = {"statusCode": 201, "headers": {"X-Own": "1", "Content-Type": "text/y"}, "cookies": ["a=1", "b=2"]}
    connection, response = opened(server, url, {"head": head, "gate": gate.url})
    with closing(connection):
        assert (response.status, response.headers["x-own"], response.headers["content-type"]) == (201, "1", "text/y")
        assert response.headers.get_all("set-cookie") == ["a=1", "b=2"]
        assert response.read(5) == b"first"
        gate.open()
        assert response.read() == b"last"


@needs_node
def test_a_url_takes_the_type_of_a_response_without_head(server: Server, url: str) -> None:
    status, headers, body = asked(server, url, {"type": "text/x"})
    assert (status, headers["content-type"], body) == (200, "text/x", b"firstlast")
    assert asked(server, url, {})[1]["content-type"] == "application/octet-stream"


@needs_node
@pytest.mark.parametrize("head", [{"statusCode": 99}, {"headers": {"a b": "c"}}, {"cookies": 5}, []])
def test_a_head_that_cannot_be_one_is_a_bad_gateway(server: Server, url: str, head: Any) -> None:
    assert asked(server, url, {"head": head})[0] == 502


def test_a_url_of_an_ordinary_handler_gives_what_it_returns(server: Server, plain: str) -> None:
    url = server.client().create_function_url_config(FunctionName=plain, AuthType="NONE", InvokeMode="RESPONSE_STREAM")[
        "FunctionUrl"
    ]
    status, headers, body = asked(server, url, 1)
    assert (status, headers["content-type"]) == (200, "application/json")
    assert json.loads(body)["version"] == "2.0"
