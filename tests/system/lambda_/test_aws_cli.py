"""The `aws` command line, as users have it: nothing but the endpoint is told to it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest

from system.harness import ROLE, RUNTIME, environ, settle, zipped

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from system.harness import Server


@pytest.fixture
def aws(server: Server, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs `aws lambda …` in a folder of the test's own."""
    variables = environ() | {
        "AWS_ENDPOINT_URL": server.endpoint,
        "AWS_ACCESS_KEY_ID": "000000000000",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
        "AWS_MAX_ATTEMPTS": "1",
    }

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "awscli", "lambda", *arguments]
        return subprocess.run(command, check=False, capture_output=True, text=True, env=variables, cwd=tmp_path)

    return run


def answer(done: subprocess.CompletedProcess[str]) -> Any:
    """What a command that went well printed."""
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout else None


def test_the_life_of_a_function(
    aws: Callable[..., subprocess.CompletedProcess[str]], client: Any, tmp_path: Path
) -> None:
    (tmp_path / "one.zip").write_bytes(zipped("def handler(event, context):\n    return [1, event]\n"))
    (tmp_path / "two.zip").write_bytes(zipped("def handler(event, context):\n    return [2, event]\n"))
    creation = ["--runtime", RUNTIME, "--handler", "m.handler", "--role", ROLE, "--zip-file", "fileb://one.zip"]

    created = answer(aws("create-function", "--function-name", "cli", *creation, "--tags", "team=blue"))
    assert (created["FunctionName"], created["State"]) == ("cli", "Pending")
    assert aws("wait", "function-active-v2", "--function-name", "cli").returncode == 0

    called = answer(aws("invoke", "--function-name", "cli", "--payload", '{"a": "ü"}', "--log-type", "Tail", "out"))
    assert called["StatusCode"] == 200
    assert called["LogResult"]
    assert json.loads((tmp_path / "out").read_text("utf-8")) == [1, {"a": "ü"}]

    found = answer(aws("get-function", "--function-name", "cli"))
    assert found["Tags"] == {"team": "blue"}
    assert found["Configuration"]["State"] == "Active"
    listed = answer(aws("list-functions", "--query", "Functions[].FunctionName"))
    assert "cli" in listed

    updated = answer(aws("update-function-code", "--function-name", "cli", "--zip-file", "fileb://two.zip"))
    assert updated["LastUpdateStatus"] == "InProgress"
    assert aws("wait", "function-updated-v2", "--function-name", "cli").returncode == 0
    settings = ["--timeout", "9", "--environment", "Variables={NAME=value}"]
    answer(aws("update-function-configuration", "--function-name", "cli", *settings))
    assert settle(client, "cli")["Timeout"] == 9
    answer(aws("invoke", "--function-name", "cli", "--payload", "3", "out"))
    assert json.loads((tmp_path / "out").read_text("utf-8")) == [2, 3]

    answer(aws("delete-function", "--function-name", "cli"))
    gone = aws("get-function", "--function-name", "cli")
    assert gone.returncode in {254, 255}
    assert "ResourceNotFoundException" in gone.stderr
    assert "Function not found: arn:aws:lambda:us-east-1:000000000000:function:cli" in gone.stderr


def test_a_function_with_a_layer_and_a_url(
    aws: Callable[..., subprocess.CompletedProcess[str]], client: Any, tmp_path: Path
) -> None:
    (tmp_path / "code.zip").write_bytes(zipped("import shared\ndef handler(event, context):\n    return shared.NAME\n"))
    (tmp_path / "layer.zip").write_bytes(zipped("NAME = 'of a layer'\n", "python/shared.py"))
    layer = answer(aws("publish-layer-version", "--layer-name", "cli", "--zip-file", "fileb://layer.zip"))
    creation = ["--runtime", RUNTIME, "--handler", "m.handler", "--role", ROLE, "--zip-file", "fileb://code.zip"]
    answer(aws("create-function", "--function-name", "with-url", *creation, "--layers", layer["LayerVersionArn"]))
    settle(client, "with-url")
    made = answer(aws("create-function-url-config", "--function-name", "with-url", "--auth-type", "NONE"))
    found = answer(aws("get-function-url-config", "--function-name", "with-url"))
    assert (found["FunctionUrl"], found["InvokeMode"]) == (made["FunctionUrl"], "BUFFERED")
    # The name need not resolve where tests run: the Host header says whom the request is for.
    host = urlsplit(found["FunctionUrl"])
    with urlopen(Request(f"http://127.0.0.1:{host.port}/", headers={"Host": host.netloc})) as response:
        assert response.read() == b"of a layer"
    answer(aws("delete-function-url-config", "--function-name", "with-url"))
    answer(aws("delete-layer-version", "--layer-name", "cli", "--version-number", "1"))
    assert answer(aws("list-layer-versions", "--layer-name", "cli", "--query", "LayerVersions")) == []
    answer(aws("delete-function", "--function-name", "with-url"))
