"""What a function finds around it, and what it must not find."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from eventloop import turns
from system.runtime.processes import exists
from system.runtime.world import ECHO, RUNTIME, zipped

if TYPE_CHECKING:
    from pathlib import Path

    from system.runtime.world import World

pytestmark = pytest.mark.asyncio(loop_scope="session")

EVAL = "import os, sys\ndef handler(event, context):\n    return eval(event, globals(), locals())\n"


async def test_the_environment_is_lambdas_and_the_users_and_nobody_elses(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_THE_SERVER", "s")
    variables = {"TEST_KEY": "TEST_VAL", "LANG": "de_DE.UTF-8", "AWS_REGION": "mine", "EMPTY": "", "U": "ü"}
    spec = world.function(EVAL, variables=variables)
    outcome = await world.call(spec, "dict(os.environ)", trace_header="Root=1-2;Sampled=0")
    found: dict[str, str] = json.loads(outcome.payload)
    for secret in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        assert found.pop(secret)
    root = found["LAMBDA_TASK_ROOT"]
    assert root == "/var/task" or world.mode == "plain"
    library = found["PYTHONPATH"]
    assert library == "/var/runtime" or world.mode == "plain"
    assert found.pop("TMPDIR", "").startswith(str(world.run_dir)) == (world.mode == "plain")
    assert found.pop("LC_CTYPE", None) == ("C.UTF-8" if spec.runtime >= "python3.12" else None)
    assert found == {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{RUNTIME}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_FUNCTION_NAME": spec.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": spec.log_group,
        "AWS_LAMBDA_LOG_STREAM_NAME": outcome.log_stream,
        "AWS_LAMBDA_RUNTIME_API": "169.254.100.1:9001",
        "AWS_REGION": "us-east-1",
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        "AWS_XRAY_DAEMON_ADDRESS": "169.254.100.1:2000",
        "EMPTY": "",
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
        "LAMBDA_TASK_ROOT": root,
        "LANG": "de_DE.UTF-8",
        "LD_LIBRARY_PATH": (
            "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib"
        ),
        "PATH": "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
        "PWD": root,
        "PYTHONPATH": library,
        "SHLVL": "0",
        "TEST_KEY": "TEST_VAL",
        "TZ": ":UTC",
        "U": "ü",
        "_AWS_XRAY_DAEMON_ADDRESS": "169.254.100.1",
        "_AWS_XRAY_DAEMON_PORT": "2000",
        "_HANDLER": "m.handler",
        "_X_AMZN_TRACE_ID": "Root=1-2;Sampled=0",
    }
    assert await world.result(spec, "'_X_AMZN_TRACE_ID' in os.environ") is False


async def test_the_context_tells_about_the_call(world: World) -> None:
    code = """
def handler(event, context):
    seen = {name: value for name, value in vars(context).items() if isinstance(value, (str, type(None)))}
    custom = context.client_context and [context.client_context.custom, context.client_context.env,
                                         context.client_context.client.app_title]
    identity = [context.identity.cognito_identity_id, context.identity.cognito_identity_pool_id]
    left = context.get_remaining_time_in_millis()
    return [seen, custom, identity, isinstance(left, int) and 19_000 < left <= 20_000]
"""
    spec = world.function(code)
    client = b'{"custom": {"foo": "bar"}, "env": {"fizz": "buzz"}, "client": {"app_title": "t"}}'
    identity = {"cognitoIdentityId": "i", "cognitoIdentityPoolId": "p"}

    outcome = await world.call(
        spec, request_id="r", invoked_arn=spec.arn + ":$LATEST", client_context=client, identity=identity
    )

    seen, custom, who, fits = json.loads(outcome.payload)
    assert seen == {
        "aws_request_id": "r",
        "log_group_name": spec.log_group,
        "log_stream_name": outcome.log_stream,
        "function_name": spec.name,
        "memory_limit_in_mb": "256",
        "function_version": "$LATEST",
        "invoked_function_arn": spec.arn + ":$LATEST",
        "tenant_id": None,
    }
    assert (custom, who, fits) == ([{"foo": "bar"}, {"fizz": "buzz"}, "t"], ["i", "p"], True)
    _, custom, who, _ = await world.result(spec)
    assert (custom, who) == (None, [None, None])


async def test_a_function_runs_in_its_folder_and_imports_from_it(world: World) -> None:
    files: dict[str, Any] = {"m.py": "import os\nimport other\n" + EVAL, "other.py": "A = 7\n", "data.txt": "text"}
    spec = world.function(zipped(files))
    assert await world.result(spec, "[other.A, open('data.txt').read(), os.getcwd() == os.environ['PWD']]") == [
        7,
        "text",
        True,
    ]
    assert (await world.result(spec, "sys.path"))[1:3] == [
        f"/opt/python/lib/{RUNTIME}/site-packages",
        "/opt/python",
    ]


async def test_boto3_is_there_already(world: World) -> None:
    code = "import sys\nearly = 'boto3' in sys.modules\nimport boto3\n" + EVAL
    spec = world.function(code)
    assert await world.result(spec, "early") is True
    client = "boto3.client('sqs').meta"
    assert await world.result(spec, f"[{client}.endpoint_url, {client}.region_name]") == [
        "http://127.0.0.1:1",
        "us-east-1",
    ]


async def test_a_function_may_bring_its_own_boto3(world: World) -> None:
    files: dict[str, Any] = {
        "m.py": "import boto3, botocore, queue\n" + EVAL,
        "boto3.py": "import botocore\nVERSION = 'own'\n",
        "queue.py": "VERSION = 'own'\n",
    }
    spec = world.function(zipped(files))
    found = await world.result(spec, "[boto3.VERSION, queue.VERSION, botocore.__name__]")
    assert found == ["own", "own", "botocore"]


async def test_a_function_that_brings_a_part_of_boto3_gets_all_of_it_anew(world: World) -> None:
    # The library's modules must be those that use the function's own part, not those that were loaded with another.
    files: dict[str, Any] = {"m.py": "import six, sys\nloaded = 'botocore' in sys.modules\n" + EVAL}
    files["six.py"] = "VERSION = 'own'\n"
    assert await world.result(world.function(zipped(files)), "[six.VERSION, loaded]") == ["own", False]


async def test_the_standard_library_is_whole(world: World) -> None:
    names = "ssl sqlite3 decimal ctypes hashlib lzma zoneinfo multiprocessing concurrent.futures asyncio xml.etree uuid"
    code = "".join(f"import {name}\n" for name in names.split()) + EVAL
    spec = world.function(code)
    assert await world.result(spec, "asyncio.run(asyncio.sleep(0, 5))") == 5
    assert await world.result(spec, "hashlib.md5(b'').hexdigest()") == "d41d8cd98f00b204e9800998ecf8427e"
    assert await world.result(spec, "__import__('subprocess').check_output(['echo', 'x'], text=True)") == "x\n"
    assert await world.result(spec, "str(zoneinfo.ZoneInfo('Europe/Berlin'))") == "Europe/Berlin"


async def test_two_environments_draw_different_random_numbers(world: World) -> None:
    code = "import random, uuid\ndraw = random.random()\n" + EVAL
    first, second = world.function(code), world.function(code)
    assert await world.result(first, "draw") != await world.result(second, "draw")


# --- what it must not find


async def test_the_code_cannot_be_changed(confined: World) -> None:
    spec = confined.function(EVAL)
    for attempt in (
        "open('/var/task/new', 'w')",
        "os.remove('/var/task/m.py')",
        "open('/usr/new', 'w')",
        "os.mkdir('/x')",
    ):
        error = await confined.error(spec, attempt)
        assert error["errorType"] in {"OSError", "PermissionError"}
    assert await confined.result(spec, "sorted(os.listdir('/var/task'))") == ["m.py"]


async def test_nothing_of_the_machine_is_in_sight(confined: World, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s")
    spec = confined.function(EVAL)
    hidden = [str(tmp_path), str(confined.run_dir), "/root/.ssh", "/home", "/var/lib", "/sys", "/etc/shadow", "/run"]
    assert await confined.result(spec, f"[p for p in {hidden!r} if os.path.exists(p)]") == []
    assert await confined.result(spec, "sorted(os.listdir('/tmp'))") == []
    assert await confined.result(spec, "os.listdir('/opt')") == []


async def test_a_function_sees_its_own_processes_only(confined: World) -> None:
    spec = confined.function(EVAL)
    assert await confined.result(spec, "sorted(int(p) for p in os.listdir('/proc') if p.isdigit())") == [1, 2]
    error = await confined.error(spec, "open('/proc/1/environ').read()")
    assert error["errorType"] == "PermissionError"
    error = await confined.error(spec, "os.listdir('/proc/1/root')")
    assert error["errorType"] == "PermissionError"


async def test_a_function_is_nobody_and_stays_it(confined: World) -> None:
    spec = confined.function(EVAL)
    status = await confined.result(spec, "open('/proc/self/status').read()")
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    for capabilities in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(fields[capabilities], 16) == 0, capabilities
    assert fields["NoNewPrivs"] == "1"
    assert await confined.result(spec, "__import__('pwd').getpwuid(os.getuid()).pw_name") == "sbx_user1051"
    for attempt in ("os.setuid(0)", "os.chroot('/tmp')", "os.kill(1, 9) or os.kill(1, 0) or 1 / 0", "os.nice(-5)"):
        assert "errorType" in await confined.error(spec, attempt)
    limits = "[__import__('resource').getrlimit(one) for one in (7, 6)]"
    assert await confined.result(spec, limits) == [[1024, 1024], [742, 742]]


async def test_functions_do_not_share_tmp(world: World) -> None:
    code = "import tempfile\n" + EVAL
    first, second = world.function(code), world.function(code)
    write = "open(tempfile.gettempdir() + '/secret', 'w').write('s')"
    assert await world.result(first, write) == 1
    assert await world.result(first, "os.listdir(tempfile.gettempdir())") == ["secret"]
    assert await world.result(second, "os.listdir(tempfile.gettempdir())") == []


async def test_tmp_has_its_size_and_the_next_call_works(confined: World) -> None:
    code = """
import os
def handler(event, context):
    if event == "clean":
        os.remove("/tmp/big")
        return "clean"
    with open("/tmp/big", "wb") as file:
        for _ in range(event):
            file.write(bytes(1 << 20))
            file.flush()
    return os.path.getsize("/tmp/big")
"""
    spec = confined.function(code, tmp_mb=64, memory_mb=128)
    error = await confined.error(spec, 80)
    assert (error["errorType"], error["errorMessage"]) == ("OSError", "[Errno 28] No space left on device")
    assert await confined.result(spec, "clean") == "clean"
    assert await confined.result(spec, 60) == 60 << 20


async def test_tmp_goes_with_its_environment(world: World) -> None:
    spec = world.function("import tempfile\n" + EVAL)
    file = await world.result(spec, "open(tempfile.gettempdir() + '/x', 'w').name")
    assert exists(file) == (world.mode == "plain")
    world.environments.discard(spec.account, spec.region, spec.name, spec.version, 2)
    for _ in range(100_000):
        if not exists(file):
            return
        await turns()
    raise AssertionError("it is still there")


async def test_shared_memory_of_others_is_out_of_reach(confined: World) -> None:
    spec = confined.function("import ctypes\n" + EVAL)
    assert await confined.result(spec, "os.path.exists('/dev/shm')") is False
    assert await confined.result(spec, "open('/proc/sysvipc/shm').read().count(chr(10))") == 1


async def test_an_unsent_endpoint_is_no_variable(world: World) -> None:
    before, world.environments.endpoint = world.environments.endpoint, ""
    try:
        assert await world.result(world.function(EVAL), "'AWS_ENDPOINT_URL' in os.environ") is False
    finally:
        world.environments.endpoint = before
    assert await world.result(world.function(ECHO), 1) == 1
