"""The `aws` command, unmodified, as users of the shell call it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from queue import Empty, Queue
from typing import IO, TYPE_CHECKING, Any

from lambent.clock import RealClock
from system.harness import environ

if TYPE_CHECKING:
    from system.harness import Server


def command(server: Server, *words: str) -> list[str]:
    return [sys.executable, "-m", "awscli", "--endpoint-url", server.endpoint, "--region", "us-east-1", "logs", *words]


def variables() -> dict[str, str]:
    return environ() | {
        "AWS_ACCESS_KEY_ID": "000000000000",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        "PYTHONUNBUFFERED": "1",
    }


def aws(server: Server, *words: str) -> Any:
    done = subprocess.run(
        command(server, *words), env=variables(), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout else {}


def refused(server: Server, *words: str) -> str:
    done = subprocess.run(
        command(server, *words), env=variables(), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode != 0
    return done.stderr


def test_a_refusal_is_told(server: Server) -> None:
    said = refused(server, "get-log-events", "--log-group-name", "nobody", "--log-stream-name", "s")
    assert "(ResourceNotFoundException)" in said
    assert "The specified log group does not exist." in said


def test_a_group_lives_from_its_making_to_its_end(server: Server) -> None:
    group = ("--log-group-name", "/cli/group")
    aws(server, "create-log-group", *group, "--tags", "a=b")
    aws(server, "put-retention-policy", *group, "--retention-in-days", "14")
    aws(server, "create-log-stream", *group, "--log-stream-name", "s")
    at_ms = now_ms()
    events = json.dumps([{"timestamp": at_ms, "message": '{"level": "error", "code": 42}'}])
    aws(server, "put-log-events", *group, "--log-stream-name", "s", "--log-events", events)
    found = aws(server, "filter-log-events", *group, "--filter-pattern", "{ $.code > 41 }")
    assert [event["timestamp"] for event in found["events"]] == [at_ms]
    (shown,) = aws(server, "describe-log-groups", "--log-group-name-prefix", "/cli/")["logGroups"]
    assert shown["retentionInDays"] == 14
    assert aws(server, "list-tags-for-resource", "--resource-arn", shown["logGroupArn"]) == {"tags": {"a": "b"}}
    aws(server, "delete-log-group", *group)
    assert aws(server, "describe-log-groups", "--log-group-name-prefix", "/cli/")["logGroups"] == []


def test_live_tail_prints_what_is_written(server: Server) -> None:
    logs = server.client("logs")
    logs.create_log_group(logGroupName="tailed")
    logs.create_log_stream(logGroupName="tailed", logStreamName="s")
    arn = "arn:aws:logs:us-east-1:000000000000:log-group:tailed"
    with subprocess.Popen(
        command(server, "start-live-tail", "--log-group-identifiers", arn),
        env=variables(),
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        lines: Queue[str] = Queue()
        reading = threading.Thread(target=read_into, args=(running.stdout, lines), daemon=True)
        reading.start()
        said = None
        # The command does not tell when it listens, so that it is told something until it has said something.
        for _ in range(60):
            event = {"timestamp": now_ms(), "message": "hello"}
            logs.put_log_events(logGroupName="tailed", logStreamName="s", logEvents=[event])
            with contextlib.suppress(Empty):
                said = lines.get(timeout=1)
                break
        running.send_signal(signal.SIGINT)
        reading.join()
    assert said == "hello\n"


def now_ms() -> int:
    return int(RealClock().time() * 1000)


def read_into(output: IO[str] | None, lines: Queue[str]) -> None:
    for line in output or ():
        lines.put(line)
