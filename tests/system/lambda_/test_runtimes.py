"""Functions that are not Python, created and called as users do."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from system.harness import ROLE, create, refused
from system.runtime.world import zipped

if TYPE_CHECKING:
    from collections.abc import Callable

    from system.harness import Server

NODE = "exports.handler = async (event, context) => ({ event, version: context.functionVersion })"
BOOTSTRAP = """#!/usr/bin/env python3
import http.client, json, os
api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
while True:
    api.request("GET", "/2018-06-01/runtime/invocation/next")
    answer = api.getresponse()
    event, request_id = answer.read(), answer.headers["Lambda-Runtime-Aws-Request-Id"]
    kind = "error" if event == b'"fail"' else "response"
    body = b'{"errorType": "Mine", "errorMessage": "told"}' if kind == "error" else event
    api.request("POST", f"/2018-06-01/runtime/invocation/{request_id}/{kind}", body)
    api.getresponse().read()
"""
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="there is no Node.js on this machine")


def called(client: Any, name: str, event: Any, **more: Any) -> Any:
    answer = client.invoke(FunctionName=name, Payload=json.dumps(event), **more)
    return answer.get("FunctionError"), json.loads(answer["Payload"].read())


def test_a_runtime_that_nothing_here_runs_is_refused_with_what_does(client: Any) -> None:
    answer = refused(
        client.create_function, FunctionName="j", Runtime="java21", Handler="h", Role=ROLE, Code={"ZipFile": b"z"}
    )
    assert answer["Error"]["Code"] == "NotImplementedException"
    assert "provided.al2023 runs anything whose package has a bootstrap" in answer["Error"]["Message"]


@needs_node
def test_a_version_of_node_that_is_not_here_is_refused_by_a_strict_server(start: Callable[..., Server]) -> None:
    client = start("--strict-runtimes").client()
    package = {"ZipFile": zipped({"index.js": NODE})}
    for runtime in ("nodejs16.x", "nodejs18.x"):
        answer = refused(
            client.create_function,
            FunctionName="old",
            Runtime=runtime,
            Handler="index.handler",
            Role=ROLE,
            Code=package,
        )
        assert answer["Error"]["Code"] == "InvalidParameterValueException"
        assert f"{runtime} is not on this machine; the nearest is Node.js" in answer["Error"]["Message"]


@needs_node
def test_a_function_on_node_is_created_called_and_published(client: Any) -> None:
    create(client, "node", zipped({"index.js": NODE}), Runtime="nodejs20.x", Handler="index.handler", Publish=True)
    assert called(client, "node", {"a": 1}) == (None, {"event": {"a": 1}, "version": "$LATEST"})
    assert called(client, "node", None, Qualifier="1") == (None, {"event": None, "version": "1"})
    assert client.get_function_configuration(FunctionName="node")["Runtime"] == "nodejs20.x"


@needs_node
def test_an_import_that_node_does_not_find_is_told(client: Any) -> None:
    code = "require('@aws-sdk/client-s3'); exports.handler = async () => 1"
    create(client, "sdk", zipped({"index.js": code}), Runtime="nodejs20.x", Handler="index.handler")
    error, payload = called(client, "sdk", None)
    assert (error, payload["errorType"]) == ("Unhandled", "Runtime.ImportModuleError")
    assert payload["errorMessage"].startswith("Error: Cannot find module '@aws-sdk/client-s3'")


@pytest.mark.parametrize("runtime", ["provided.al2", "provided.al2023"])
def test_a_custom_runtime_is_created_and_called(client: Any, runtime: str) -> None:
    name = runtime.replace(".", "-")
    create(client, name, zipped({"bootstrap": BOOTSTRAP}, mode=0o755), Runtime=runtime, Handler="any")
    assert called(client, name, {"a": 1}) == (None, {"a": 1})
    assert called(client, name, "fail") == ("Unhandled", {"errorType": "Mine", "errorMessage": "told"})
    assert called(client, name, 2) == (None, 2)


@needs_node
def test_a_function_may_change_its_runtime(client: Any) -> None:
    files: dict[str, str | bytes] = {"bootstrap": BOOTSTRAP, "index.js": NODE}
    create(client, "both", zipped(files, mode=0o755), Runtime="provided.al2023", Handler="index.handler")
    assert called(client, "both", 1) == (None, 1)
    client.update_function_configuration(FunctionName="both", Runtime="nodejs20.x")
    client.get_waiter("function_updated_v2").wait(FunctionName="both", WaiterConfig={"Delay": 1})
    assert called(client, "both", 1) == (None, {"event": 1, "version": "$LATEST"})
