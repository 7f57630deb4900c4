"""Commands that ask a running server, and what they say where there is none."""

from __future__ import annotations

import shlex
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from system.harness import SCRIPTS, Server, create, environ

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LAMBENT = str(SCRIPTS / "lambent")
TALKS = "def handler(event, context):\n    print('said', event)\n"


def run(*arguments: str, cwd: Path | str = "/", **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LAMBENT, *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        env=environ() | variables,
        cwd=cwd,
    )


@contextmanager
def following(server: Server, name: str) -> Iterator[subprocess.Popen[str]]:
    """`lambent logs --follow`."""
    command = [LAMBENT, "logs", name, "--follow", "--endpoint", server.endpoint]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ(), cwd="/"
    ) as one:
        try:
            yield one
        finally:
            one.kill()


def read_until(process: subprocess.Popen[str], words: str) -> None:
    """Read what a command prints up to a line with these words."""
    assert process.stdout is not None
    for line in process.stdout:
        if words in line:
            return
    raise AssertionError(f"it ended without saying {words!r}")


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address where nobody answers."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{one.getsockname()[1]}"


@pytest.mark.parametrize("arguments", [["status"], ["logs", "f"], ["logs", "f", "--follow"]])
def test_where_no_server_is_one_line_says_what_to_do(nobody: str, arguments: list[str]) -> None:
    done = run(*arguments, LAMBENT_ENDPOINT=nobody)
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith(f"lambent: no Lambent at {nobody} (")
    assert done.stderr.endswith("Connection refused): start it with `lambent up`, or name it with --endpoint\n")


def test_where_something_else_answers_it_is_not_taken_for_lambent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        at = f"http://127.0.0.1:{other.getsockname()[1]}"
        with subprocess.Popen(
            [LAMBENT, "status", "--endpoint", at], stderr=subprocess.PIPE, text=True, env=environ()
        ) as asked:
            connection, _ = other.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"220 mail ready\r\n\r\n")
            assert asked.stderr is not None
            said = asked.stderr.read()
    assert asked.returncode == 1
    assert said == f"lambent: what answers at {at} is not Lambent: name the right one with --endpoint\n"


def test_status_shows_what_a_server_has_in_force(server: Server) -> None:
    done = run("status", "--endpoint", server.endpoint)
    assert (done.returncode, done.stderr) == (0, "")
    assert "isolation: level" in done.stdout
    assert f"http://127.0.0.1:{server.port}" in done.stdout


def test_env_leads_the_aws_command_here(server: Server, tmp_path: Path) -> None:
    exports = run("env", "--port", str(server.port))
    listing = f"{shlex.quote(sys.executable)} -m awscli lambda list-functions --query 'length(Functions)'"
    script = f"{exports.stdout}\nexport AWS_CONFIG_FILE=none\n{listing}"
    variables = environ() | {"AWS_SESSION_TOKEN": "of another account", "AWS_PROFILE": "another"}
    done = subprocess.run(
        ["/bin/sh", "-c", script], check=False, capture_output=True, text=True, env=variables, cwd=tmp_path
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip().isdigit()


def test_logs_print_what_a_function_wrote(server: Server) -> None:
    create(server.client(), "talks", TALKS)
    server.client().invoke(FunctionName="talks", Payload='"this"')
    server.logs_until("/aws/lambda/talks", "REPORT")
    by_name = run("logs", "talks", "--endpoint", server.endpoint)
    by_group = run("logs", "/aws/lambda/talks", "--endpoint", server.endpoint)
    assert by_name.returncode == 0
    assert by_name.stdout == by_group.stdout
    assert [line.split("Z ", 1)[1] for line in by_name.stdout.splitlines()][2] == "said this"


def test_logs_of_nothing_say_so(server: Server) -> None:
    done = run("logs", "nothing", "--endpoint", server.endpoint)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "lambent: nothing was logged to /aws/lambda/nothing yet\n"


def test_a_reader_that_has_enough_is_no_error(server: Server) -> None:
    code = "def handler(event, context):\n    print('line\\n' * 20_000)\n"
    create(server.client(), "chatty", code, Timeout=30)
    server.client().invoke(FunctionName="chatty")
    server.logs_until("/aws/lambda/chatty", "REPORT")
    command = [LAMBENT, "logs", "chatty", "--endpoint", server.endpoint]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ()) as one:
        assert one.stdout is not None
        assert one.stderr is not None
        one.stdout.readline()
        one.stdout.close()
        assert one.stderr.read() == ""


@pytest.mark.parametrize("flags", [[], ["--ephemeral"]])
def test_following_survives_a_restart_of_the_server(start: Callable[..., Server], flags: list[str]) -> None:
    server = start(*flags)
    create(server.client(), "followed", TALKS)
    with following(server, "followed") as follower:
        server.client().invoke(FunctionName="followed", Payload='"before"')
        read_until(follower, "said before")
        server.stop()
        server.restart_on_its_port()
        if flags:
            create(server.client(), "followed", TALKS)
        server.client().invoke(FunctionName="followed", Payload='"after"')
        read_until(follower, "said after")


def test_following_ends_cleanly_when_it_is_interrupted(server: Server) -> None:
    create(server.client(), "interrupted", TALKS)
    with following(server, "interrupted") as follower:
        server.client().invoke(FunctionName="interrupted", Payload='"x"')
        read_until(follower, "REPORT")
        follower.send_signal(signal.SIGINT)
        assert follower.wait(10) == 130
        assert follower.stderr is not None
        assert follower.stderr.read() == ""


def test_doctor_finds_nothing_wrong_with_a_fresh_place(tmp_path: Path) -> None:
    done = run("doctor", "--port", "0", "--data-dir", str(tmp_path / "data"))
    assert (done.returncode, done.stderr) == (0, "")
    for words in ("python3.8", "python3.14", "isolation", "data directory", "GiB free", "aws", "node"):
        assert words in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_doctor_says_what_keeps_a_server_from_starting(server: Server, tmp_path: Path) -> None:
    taken = run("doctor", "--port", str(server.port), "--data-dir", str(tmp_path))
    assert taken.returncode == 1
    assert "a Lambent runs here already" in taken.stdout
    with socket.create_server(("127.0.0.1", 0)) as other:
        busy = run("doctor", "--port", str(other.getsockname()[1]), "--data-dir", str(tmp_path))
    assert busy.returncode == 1
    assert "Address already in use" in busy.stdout
    held = run("doctor", "--port", "0", "--data-dir", str(server.data_dir), COLUMNS="200")
    assert held.returncode == 1
    assert f"in use by process {server.process.pid}" in held.stdout
