"""How a server starts and ends."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from lambent import server as composition
from lambent.clock import RealClock
from lambent.services.logs.buffer import LogBuffer
from lambent.settings import Settings
from system.harness import SCRIPTS, create, environ, settle, zipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from system.harness import Server

ECHO = "def handler(event, context):\n    return event\n"
STUCK = "import time\ndef handler(event, context):\n    print('in')\n    time.sleep(300)\n"


def up(*flags: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """`lambent up` where it cannot start."""
    command = [str(SCRIPTS / "lambent"), "up", *flags]
    return subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=60, env=environ() | variables, cwd="/"
    )


def is_one_line(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """Whether the command ended with one line for people that holds these words."""
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("lambent: ")
    assert len(done.stderr.splitlines()) == 1, done.stderr
    for word in words:
        assert word in done.stderr


def test_the_readiness_line_says_where_how_confined_and_where_everything_is_kept(start: Callable[..., Server]) -> None:
    server = start()
    assert re.fullmatch(
        rf"lambent \S+ ready on http://127\.0\.0\.1:{server.port} "
        rf"\(isolation (full|partial|none)(: .+)?; store {re.escape(str(server.data_dir))}; "
        r"retries after 60 s and 120 s\)\n",
        server.said,
    )
    assert re.search(r"; store in memory; ", start("--ephemeral", data_dir=server.data_dir / "unused").said)


def test_a_port_in_use_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = up("--port", port, "--data-dir", str(tmp_path / "data"))
    is_one_line(done, f"port {port} of 127.0.0.1 is in use", "--port")


def test_a_host_that_is_not_this_machines_is_one_line(tmp_path: Path) -> None:
    done = up("--host", "192.0.2.1", "--port", "0", "--data-dir", str(tmp_path / "data"))
    is_one_line(done, "cannot listen on 192.0.2.1")


def test_a_data_directory_in_use_is_one_line(start: Callable[..., Server]) -> None:
    server = start()
    done = up("--port", "0", "--data-dir", str(server.data_dir))
    is_one_line(done, f"in use by process {server.process.pid}", "--data-dir")


def test_a_data_directory_that_cannot_be_one_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    is_one_line(up("--port", "0", "--data-dir", str(tmp_path / "file")), "cannot use the data directory")
    is_one_line(up("--port", "0", "--data-dir", "/proc/lambent"), "/proc/lambent")


def test_a_database_that_is_none_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "lambent.db").write_bytes(b"something else" * 1000)
    is_one_line(up("--port", "0", "--data-dir", str(tmp_path)), "database")


def test_settings_that_cannot_be_used_are_one_line_and_status_two(tmp_path: Path) -> None:
    done = up("--data-dir", str(tmp_path), LAMBENT_PORT="many")
    assert (done.returncode, done.stderr) == (2, "lambent: port = 'many' is not a int\n")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_end_by_signal_is_a_success_and_leaves_the_port(start: Callable[..., Server], number: int) -> None:
    server = start()
    server.process.send_signal(number)
    assert server.process.wait(30) == 0
    assert "Traceback" not in server.log()
    with socket.create_server(("127.0.0.1", server.port)):
        pass


def test_a_second_signal_ends_the_drain(start: Callable[..., Server]) -> None:
    server = start("--drain-s", "300")
    with stuck_call(server):
        server.process.send_signal(signal.SIGTERM)
        until_draining(server)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(30) == 128 + signal.SIGTERM


def test_who_follows_logs_does_not_hold_up_the_end(start: Callable[..., Server]) -> None:
    server = start()
    create(server.client(), "quiet", ECHO)
    query = "account=000000000000&region=us-east-1&group=/none&wait=1"
    with socket.create_connection(("127.0.0.1", server.port)) as follower:
        follower.sendall(f"GET /_lambent/logs?{query} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        # A later answer on another connection tells that the request is being served.
        server.client().list_functions()
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(10) == 0
        assert follower.recv(4096).startswith(b"HTTP/1.1 200")


def test_what_was_logged_last_is_kept(start: Callable[..., Server]) -> None:
    server = start()
    create(server.client(), "last", "def handler(event, context):\n    print('the last line')\n")
    server.client().invoke(FunctionName="last")
    assert server.stop() == 0
    server.restart()
    assert "the last line\n" in server.logs_until("/aws/lambda/last", "REPORT")


def test_nothing_of_an_ephemeral_server_is_left(start: Callable[..., Server], monkeypatch: Any, tmp_path: Path) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    server = start("--ephemeral")
    create(server.client(), "passing", ECHO)
    server.client().invoke(FunctionName="passing", Payload="1")
    assert server.stop() == 0
    assert list((tmp_path / "temporary").iterdir()) == []


def test_packages_that_nobody_uses_are_removed_at_the_next_start(start: Callable[..., Server]) -> None:
    server = start()
    client = server.client()
    create(client, "kept", ECHO)
    create(client, "replaced", ECHO + "# old\n")
    client.update_function_code(FunctionName="replaced", ZipFile=zipped(ECHO + "# new\n"))
    settle(client, "replaced")
    assert len(blobs(server)) == 3
    server.stop()
    server.restart()
    until(lambda: "were removed" in server.log().rpartition("ready")[2] and len(blobs(server)) == 2)
    assert server.client().invoke(FunctionName="kept", Payload="1")["Payload"].read() == b"1"


def test_status_tells_what_is_in_force(start: Callable[..., Server]) -> None:
    server = start("--concurrency", "7")
    create(server.client(), "counted", ECHO)
    with urlopen(f"{server.endpoint}/_lambent/status") as answer:
        status = json.load(answer)
    assert status["status"] == "ok"
    assert status["process"] == server.process.pid
    assert status["address"] == server.endpoint
    assert status["functions"] == 1
    assert status["calls"] == {"running": 0, "limit": 7}
    assert status["isolation"]["level"] in {"full", "partial", "none"}


async def test_a_loop_that_dies_ends_the_server_with_a_status(tmp_path: Path, monkeypatch: Any, caplog: Any) -> None:
    async def die(_: LogBuffer) -> None:
        raise RuntimeError("the loop is broken")

    monkeypatch.setattr(LogBuffer, "run", die)
    settings = Settings(port=0, ephemeral=True)
    server = composition.Server(settings, run_dir=tmp_path / "run", clock=RealClock())
    await server.start()
    assert await server.wait(asyncio.Event()) == 1
    await server.stop(0)
    assert "the log buffer has died" in caplog.text
    assert "the loop is broken" in caplog.text


async def test_a_start_that_fails_half_way_stops_what_had_started(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = Settings(port=taken.getsockname()[1], data_dir=tmp_path / "data")
        server = composition.Server(settings, run_dir=tmp_path / "run", clock=RealClock())
        with pytest.raises(composition.StartError, match="is in use"):
            await server.start()
    again = composition.Server(
        Settings(port=0, data_dir=tmp_path / "data"), run_dir=tmp_path / "run", clock=RealClock()
    )
    await again.start()
    await again.stop(0)


@contextmanager
def stuck_call(server: Server) -> Iterator[None]:
    """A call that runs until the server ends."""
    client = server.client()
    create(client, "stuck", STUCK, Timeout=600)

    def call() -> None:
        with pytest.raises((BotoCoreError, ClientError)):
            client.invoke(FunctionName="stuck")

    caller = threading.Thread(target=call)
    caller.start()
    try:
        server.logs_until("/aws/lambda/stuck", "in")
        yield
    finally:
        server.kill()
        caller.join()


def until_draining(server: Server) -> None:
    """Wait until nobody can connect any more."""

    def refuses() -> bool:
        try:
            with urlopen(f"{server.endpoint}/_lambent/health", timeout=5):
                return False
        except HTTPError:
            return False
        except OSError:
            return True

    until(refuses)


def until(true: Callable[[], bool]) -> None:
    """Look again and again: for what nothing tells of."""
    for _ in range(1000):
        if true():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it did not come to be")


def blobs(server: Server) -> list[str]:
    """The deployment packages in the data directory."""
    return [file for folder, _, files in os.walk(server.data_dir / "blobs") for file in files]


def test_the_temporary_folder_is_the_systems() -> None:
    with composition._run_dir(Settings(ephemeral=True)) as folder:
        assert folder.parent == Path(tempfile.gettempdir())
        assert folder.stat().st_mode & 0o077 == 0
    assert not folder.exists()
