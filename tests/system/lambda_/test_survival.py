"""What outlives the server: `kill -9`, SIGTERM, restarts."""

from __future__ import annotations

import json
import os
import select
import threading
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from system.harness import ROLE, RUNTIME, create, settle, zipped

if TYPE_CHECKING:
    from collections.abc import Callable

    from system.harness import Server

CODE = "def handler(event, context):\n    return event\n"
STUCK = "import time\ndef handler(event, context):\n    print('in')\n    time.sleep(300)\n"
SLOW = "import time\ndef handler(event, context):\n    print('in')\n    time.sleep(1)\n    return 1\n"


def test_functions_outlive_a_kill_and_can_be_called_at_once(start: Callable[..., Server]) -> None:
    server = start()
    before = create(server.client(), "kept", CODE, Tags={"a": "b"}, Environment={"Variables": {"VALUE": "1"}})

    server.kill()
    server.restart()

    found = server.client().get_function(FunctionName="kept")
    assert found["Tags"] == {"a": "b"}
    assert found["Configuration"]["CodeSha256"] == before["CodeSha256"]
    assert found["Configuration"]["Environment"] == {"Variables": {"VALUE": "1"}}
    assert server.client().invoke(FunctionName="kept", Payload="7")["Payload"].read() == b"7"


def test_a_kill_in_the_middle_of_creations_loses_none_that_were_answered(start: Callable[..., Server]) -> None:
    server = start()
    for round_ in range(3):
        answered: list[str] = []
        stop = threading.Event()

        def work(thread: int, round_: int = round_, answered: list[str] = answered, stop: Any = stop) -> None:
            client = server.client()
            for index in range(10_000):
                name = f"f-{round_}-{thread}-{index}"
                if stop.is_set():
                    return
                try:
                    client.create_function(
                        FunctionName=name,
                        Runtime=RUNTIME,
                        Handler="m.handler",
                        Role=ROLE,
                        Code={"ZipFile": zipped(CODE + f"# {name}\n")},
                    )
                except (BotoCoreError, ClientError):
                    return
                answered.append(name)
                if len(answered) == 20 + round_:
                    server.kill()
                    stop.set()

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        server.restart()

        client = server.client()
        for name in answered:
            assert settle(client, name)["State"] == "Active"
        assert client.invoke(FunctionName=answered[-1], Payload="1")["Payload"].read() == b"1"


def test_a_kill_in_the_middle_of_a_call_leaves_no_process_behind(start: Callable[..., Server]) -> None:
    server = start()
    client = server.client()
    create(client, "busy", STUCK, Timeout=600)
    before = descendants(server.process.pid)

    def call() -> None:
        with pytest.raises((BotoCoreError, ClientError)):
            client.invoke(FunctionName="busy")

    caller = threading.Thread(target=call)
    caller.start()
    server.logs_until("/aws/lambda/busy", "in")
    running = descendants(server.process.pid)
    assert len(running) > len(before)

    server.kill()
    caller.join()
    for pid in running:
        wait_until_gone(pid)

    server.restart()
    client = server.client()
    create(client, "next", CODE)
    assert client.invoke(FunctionName="next", Payload="1")["Payload"].read() == b"1"


def test_sigterm_lets_running_calls_end(start: Callable[..., Server]) -> None:
    server = start()
    client = server.client()
    create(client, "slow", SLOW)
    answers: list[bytes] = []
    caller = threading.Thread(target=lambda: answers.append(client.invoke(FunctionName="slow")["Payload"].read()))
    caller.start()
    server.logs_until("/aws/lambda/slow", "in")

    assert server.stop() == 0

    caller.join()
    assert answers == [b"1"]


def test_sigterm_does_not_wait_longer_than_the_grace(start: Callable[..., Server]) -> None:
    server = start("--drain-s", "0.2")
    client = server.client()
    create(
        client,
        "stuck",
        "import time\ndef handler(event, context):\n    print('in')\n    time.sleep(300)\n",
        Timeout=600,
    )

    def call() -> None:
        with pytest.raises((BotoCoreError, ClientError)):
            client.invoke(FunctionName="stuck")

    caller = threading.Thread(target=call)
    caller.start()
    server.logs_until("/aws/lambda/stuck", "in")
    assert server.stop() == 0
    caller.join()


def test_ephemeral_leaves_nothing(start: Callable[..., Server]) -> None:
    server = start("--ephemeral")
    create(server.client(), "gone", CODE)
    assert server.client().invoke(FunctionName="gone", Payload="1")["Payload"].read() == b"1"
    assert not server.data_dir.exists()

    server.stop()
    server.restart()
    assert server.client().list_functions()["Functions"] == []


def test_two_servers_do_not_share_a_data_directory(start: Callable[..., Server]) -> None:
    start()
    with pytest.raises(AssertionError, match="before it was ready"):
        start()


def test_health_is_ok_once_ready(start: Callable[..., Server]) -> None:
    server = start("--ephemeral")
    with urlopen(f"{server.endpoint}/_lambent/health") as answer:
        assert json.load(answer)["status"] == "ok"


def descendants(pid: int) -> set[int]:
    """Every process below one."""
    parents: dict[int, int] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat") as file:
                    parents[int(entry)] = int(file.read().rpartition(")")[2].split()[1])
            except OSError:
                continue
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


def wait_until_gone(pid: int) -> None:
    """Wait for the kernel's word that a process has ended."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        poller = select.poll()
        poller.register(handle, select.POLLIN)
        assert poller.poll(10_000), f"process {pid} is still there"
    finally:
        os.close(handle)
