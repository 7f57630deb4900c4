"""A function between its states: being created, being updated, on a machine that does not fit, on a full disk."""

from __future__ import annotations

import io
import json
import os
import subprocess
import threading
import zipfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from system.harness import ROLE, RUNTIME, Server, create, refused, settle, zipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

A = "arn:aws:lambda:us-east-1:000000000000:function:"
ECHO = "def handler(event, context):\n    return event\n"
PYTHON = [f"python3.{minor}" for minor in range(8, 15)]


def slow_to_unpack(code: str) -> bytes:
    """A package of so many files that unpacking it takes a while."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("m.py", code)
        for number in range(20_000):
            archive.writestr(f"data/{number}", b"")
    return out.getvalue()


def test_a_function_that_is_being_created_is_neither_called_nor_changed(client: Any) -> None:
    client.create_function(
        FunctionName="pending",
        Runtime=RUNTIME,
        Handler="m.handler",
        Role=ROLE,
        Code={"ZipFile": slow_to_unpack(ECHO)},
        Timeout=30,
    )
    state = "The operation cannot be performed at this time. The function is currently in the following state: Pending"
    called = refused(client.invoke, FunctionName="pending", Payload="1")
    changed = refused(client.update_function_configuration, FunctionName="pending", Description="new")
    found = client.get_function_configuration(FunctionName="pending")

    assert found["State"] == "Pending", "the package was unpacked too fast for this test"
    for answer in (called, changed):
        assert answer["Error"] == {"Code": "ResourceConflictException", "Message": state}
        assert (answer["Type"], answer["ResponseMetadata"]["HTTPStatusCode"]) == ("User", 409)
    assert (found["StateReason"], found["StateReasonCode"]) == ("The function is being created.", "Creating")

    settle(client, "pending")
    assert client.invoke(FunctionName="pending", Payload="1")["Payload"].read() == b"1"


def test_old_code_answers_while_an_update_is_in_progress(client: Any) -> None:
    create(client, "updated", "def handler(event, context):\n    return 'old'\n", Timeout=30)
    assert client.invoke(FunctionName="updated")["Payload"].read() == b'"old"'
    new = slow_to_unpack("def handler(event, context):\n    return 'new'\n")

    answer = client.update_function_code(FunctionName="updated", ZipFile=new)
    during = client.invoke(FunctionName="updated")["Payload"].read()
    again = refused(client.update_function_code, FunctionName="updated", ZipFile=zipped(ECHO))
    found = client.get_function_configuration(FunctionName="updated")

    assert (answer["State"], answer["LastUpdateStatus"]) == ("Active", "InProgress")
    assert found["LastUpdateStatus"] == "InProgress", "the package was unpacked too fast for this test"
    assert during == b'"old"'
    message = "The operation cannot be performed at this time. An update is in progress for resource: " + A + "updated"
    assert again["Error"] == {"Code": "ResourceConflictException", "Message": message}
    assert (again["message"], again["ResponseMetadata"]["HTTPStatusCode"]) == (message, 409)

    assert settle(client, "updated")["LastUpdateStatus"] == "Successful"
    assert client.invoke(FunctionName="updated")["Payload"].read() == b'"new"'


def test_of_updates_at_once_one_wins_and_the_others_are_told(client: Any) -> None:
    create(client, "contended", ECHO)
    outcomes: list[str] = []
    gate = threading.Barrier(8)

    def update(number: int) -> None:
        gate.wait()
        try:
            client.update_function_configuration(FunctionName="contended", Description=str(number))
        except ClientError as refusal:
            outcomes.append(refusal.response["Error"]["Code"])
        else:
            outcomes.append("taken")

    threads = [threading.Thread(target=update, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "taken" in outcomes
    assert set(outcomes) <= {"taken", "ResourceConflictException"}
    assert settle(client, "contended")["LastUpdateStatus"] == "Successful"


def test_a_deleted_function_can_be_created_again_with_other_code_at_once(client: Any) -> None:
    for number in range(5):
        create(client, "again", f"def handler(event, context):\n    return {number}\n")
        assert client.invoke(FunctionName="again")["Payload"].read() == str(number).encode()
        client.delete_function(FunctionName="again")
        missing = refused(client.invoke, FunctionName="again")
        assert missing["Error"]["Code"] == "ResourceNotFoundException"


def test_a_function_that_runs_on_another_python_says_so_everywhere(start: Callable[..., Server]) -> None:
    server = start()
    client = server.client()
    code = "import sys\ndef handler(event, context):\n    return list(sys.version_info[:2])\n"
    for runtime in PYTHON:
        name = runtime.replace(".", "-")
        created = create(client, name, code, Runtime=runtime, Timeout=60)
        ran_on = json.loads(client.invoke(FunctionName=name)["Payload"].read())
        found = client.get_function_configuration(FunctionName=name)
        for view in (created, found, client.get_function(FunctionName=name)["Configuration"]):
            assert view["Runtime"] == runtime
            error = view["RuntimeVersionConfig"].get("Error")
            assert (error is None) == (ran_on == [3, int(runtime.removeprefix("python3."))])
            if error is not None:
                assert error["ErrorCode"] == "RuntimeNotOnThisMachine"
                assert error["Message"].startswith(f"{runtime} is not on this machine: running on Python 3.")
                assert error["Message"] in server.log()
                assert f"WARNING: {error['Message']}" in server.logs_until(f"/aws/lambda/{name}", "INIT_START")[0]


def test_strict_runtimes_refuse_what_would_run_on_another_python(start: Callable[..., Server]) -> None:
    client = start("--strict-runtimes").client()
    taken, told = [], []
    for runtime in PYTHON:
        try:
            create(client, runtime.replace(".", "-"), ECHO, Runtime=runtime)
        except ClientError as refusal:
            told.append((runtime, refusal.response["Error"]))
        else:
            taken.append(runtime)
    assert RUNTIME in taken
    assert all("Error" not in client.get_function(FunctionName=name.replace(".", "-")) for name in taken)
    assert {error["Code"] for _, error in told} <= {"InvalidParameterValueException"}
    assert all(f"{runtime} is not on this machine" in error["Message"] for runtime, error in told)


def test_functions_that_strictness_forbids_stay_and_say_why_they_do_not_run(
    start: Callable[..., Server], tmp_path: Path
) -> None:
    server = start()
    foreign = next((name for name in PYTHON if runs_on_another(server.client(), name)), None)
    if foreign is None:
        pytest.skip("this machine has every Python that Lambda knows")
    server.stop()

    client = start("--strict-runtimes").client()
    found = client.get_function_configuration(FunctionName="foreign")
    called = refused(client.invoke, FunctionName="foreign", Payload="1")

    assert (found["State"], found["Runtime"]) == ("Active", foreign)
    assert found["RuntimeVersionConfig"]["Error"]["Message"].startswith(f"{foreign} is not on this machine; ")
    assert called["Error"]["Code"] == "InvalidRuntimeException"
    assert f"{foreign} is not on this machine" in called["Error"]["Message"]
    assert called["ResponseMetadata"]["HTTPStatusCode"] == 502


def runs_on_another(client: Any, runtime: str) -> bool:
    """Create the function `foreign`; keep it only if it runs on another Python than it asks for."""
    created = create(client, "foreign", ECHO, Runtime=runtime)
    if "Error" in created["RuntimeVersionConfig"]:
        return True
    client.delete_function(FunctionName="foreign")
    return False


def test_another_processor_is_accepted_and_noted(client: Any) -> None:
    here = "arm64" if os.uname().machine in {"aarch64", "arm64"} else "x86_64"
    other = {"arm64": "x86_64", "x86_64": "arm64"}[here]
    create(client, "foreign", ECHO, Architectures=[other])
    found = client.get_function_configuration(FunctionName="foreign")
    assert found["Architectures"] == [other]
    assert f"this machine is {here}, not {other}" in found["RuntimeVersionConfig"]["Error"]["Message"]
    assert client.invoke(FunctionName="foreign", Payload="1")["Payload"].read() == b"1"

    client.update_function_code(FunctionName="foreign", ZipFile=zipped(ECHO), Architectures=[here])
    assert "Error" not in settle(client, "foreign")["RuntimeVersionConfig"]


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A file system of its own with little room."""
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "lambent-test", str(folder)],
        check=False,
        capture_output=True,
    )
    if done.returncode:
        pytest.skip(f"no file system can be mounted here: {done.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts file systems")
def test_a_full_disk_refuses_and_keeps_nothing_and_goes_on_once_there_is_room(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "24m") as disk:
        server = Server(disk / "data")
        try:
            client = server.client()
            create(client, "before", ECHO)
            filler = disk / "filler"
            fill(filler)

            answer = refused(client.create_function, **large("during"))
            assert answer["Error"]["Code"] == "ServiceException"
            assert answer["ResponseMetadata"]["HTTPStatusCode"] == 500
            assert "no room" in answer["Error"]["Message"] or "No space" in answer["Error"]["Message"]
            assert [one["FunctionName"] for one in client.list_functions()["Functions"]] == ["before"]
            assert client.invoke(FunctionName="before", Payload="1")["Payload"].read() == b"1"

            filler.unlink()
            client.create_function(**large("during"))
            assert settle(client, "during")["State"] == "Active"
            assert client.invoke(FunctionName="during", Payload="2")["Payload"].read() == b"2"

            server.kill()
            server.restart()
            assert server.client().invoke(FunctionName="during", Payload="3")["Payload"].read() == b"3"
        finally:
            server.close()


def large(name: str) -> dict[str, Any]:
    """The creation of a function that takes some megabytes."""
    package = io.BytesIO(zipped(ECHO))
    with zipfile.ZipFile(package, "a") as archive:
        archive.writestr("data", os.urandom(4_000_000))
    return {
        "FunctionName": name,
        "Runtime": RUNTIME,
        "Handler": "m.handler",
        "Role": ROLE,
        "Code": {"ZipFile": package.getvalue()},
    }


def fill(file: Path) -> None:
    """Take all the room that is left."""
    with file.open("wb", buffering=0) as out:
        while True:
            try:
                out.write(bytes(65_536))
            except OSError:
                return
