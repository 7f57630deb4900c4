"""The benchmark works: it refuses wrong answers, and its short form measures every row."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent.parent
ANSWER = '{"name": "Lambent", "n": 1}'


@pytest.fixture
def port() -> Iterator[int]:
    """Where a server gives ANSWER to every request."""
    command = [sys.executable, "-m", "bench.floor", "constant"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
        assert server.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:(\d+)", server.stdout.readline())
        assert found
        yield int(found[1])
        server.terminate()


def generate(port: int, **changes: Any) -> subprocess.CompletedProcess[str]:
    """Let the load generator make a hundred calls."""
    order = {
        "host": "127.0.0.1",
        "port": port,
        "paths": ["/2015-03-31/functions/f/invocations"],
        "body": ANSWER,
        "status": 200,
        "answer": ANSWER,
        "exact": True,
        "clients": 4,
        "warm_up": 10,
        "calls": 100,
        "seconds": 5,
    }
    command = [sys.executable, "-m", "bench.generator"]
    text = json.dumps(order | changes)
    return subprocess.run(command, input=text, capture_output=True, text=True, cwd=ROOT, timeout=60, check=False)


@pytest.mark.parametrize(
    "changes",
    [
        {"answer": '{"name": "Lambent", "n": 2}'},
        {"answer": ANSWER[:-1]},
        {"answer": '{"errorMessage"', "exact": False},
        {"status": 201},
    ],
    ids=["another body of the same length", "a shorter body", "another beginning", "another status"],
)
def test_the_generator_fails_at_a_wrong_answer(port: int, changes: dict[str, Any]) -> None:
    done = generate(port, **changes)

    assert done.returncode == 1
    assert done.stderr.startswith("WrongAnswer: HTTP/1.1 200 OK")


def test_the_generator_fails_where_nobody_listens() -> None:
    done = generate(1)

    assert done.returncode == 1
    assert "ConnectionRefusedError" in done.stderr


def test_the_generator_counts_what_is_not_warm_up(port: int) -> None:
    done = generate(port)

    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures["calls"] == 100
    assert 0 < figures["p50_ms"] <= figures["p99_ms"]
    assert figures["seconds"] > 0


@pytest.mark.soak
def test_the_short_form_measures_every_row() -> None:
    command = [sys.executable, "-m", "bench", "--quick", "--no-peer"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=120, check=False)

    assert done.returncode == 0, done.stderr
    rows = [line.split("|")[1].strip() for line in done.stdout.splitlines() if line.startswith("| ")]
    assert rows == [
        "what",
        "warm call, one client, p50",
        "warm calls, 32 clients",
        "warm calls, 32 clients, beside the peer",
        "warm calls, 32 clients, p50",
        "failing calls (exception), 32 clients",
        "1 MB there and back, p50",
        "6 MB there and back, p50",
        "warm call through boto3, its own time included, p50",
        "cold start with `import boto3`, p50",
        "32 such cold starts at once, p50",
        "`lambent up` to healthy",
        "30 functions defined: start-up",
        "idle memory, server, zygote and spares (PSS)",
        "30 functions defined: idle memory (PSS)",
        "30 functions defined: warm call, p50",
        "the load generator alone",
    ]
