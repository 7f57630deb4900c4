"""What functions say, and what is said about them: every line as it arrives in the log."""

from __future__ import annotations

import re
import resource
from typing import TYPE_CHECKING

import pytest

from system.runtime.world import ECHO, Sink, running

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from system.runtime.world import World

pytestmark = pytest.mark.asyncio(loop_scope="session")

PRINT = "def handler(event, context):\n    print(event)\n"


def own(lines: list[str]) -> list[str]:
    """The function's own lines."""
    return [line for line in lines if not re.match(r"(INIT_START|START|END|REPORT) ", line)]


async def test_a_call_is_logged_between_start_end_and_report(world: World) -> None:
    spec = world.function("print('init')\n" + PRINT)

    cold = await world.call(spec, "one", request_id="r-1")
    warm = await world.call(spec, "two", request_id="r-2")

    log = world.log(spec)
    assert re.fullmatch(
        r"INIT_START Runtime Version: python:3\.\d+\.v\d+\t"
        r"Runtime Version ARN: arn:aws:lambda:us-east-1::runtime:[0-9a-f]{64}\n",
        log[0],
    )
    assert log[1:5] == ["init\n", "START RequestId: r-1 Version: $LATEST\n", "one\n", "END RequestId: r-1\n"]
    report = r"Duration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 256 MB\tMax Memory Used: \d+ MB\t"
    assert re.fullmatch(rf"REPORT RequestId: r-1\t{report}Init Duration: [\d.]+ ms\t\n", log[5])
    assert log[6:9] == ["START RequestId: r-2 Version: $LATEST\n", "two\n", "END RequestId: r-2\n"]
    assert re.fullmatch(rf"REPORT RequestId: r-2\t{report}\n", log[9])
    assert len(log) == 10
    assert cold.log_tail.decode() == "".join(log[1:6])
    assert warm.log_tail.decode() == "".join(log[6:])
    assert {cold.log_stream, warm.log_stream} == world.sink.streams[spec.log_group]
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", cold.log_stream)


async def test_durations_are_told_to_callers_and_the_log_alike(world: World) -> None:
    spec = world.function(ECHO)
    cold, warm = await world.call(spec), await world.call(spec)
    assert cold.init_ms is not None
    assert warm.init_ms is None
    assert f"Init Duration: {cold.init_ms:.2f} ms" in cold.log_tail.decode()
    assert cold.billed_ms >= cold.init_ms + cold.duration_ms > cold.billed_ms - 1
    assert f"Max Memory Used: {warm.max_memory_mb} MB" in warm.log_tail.decode()
    assert 1 <= warm.max_memory_mb < 40


async def test_lines_end_at_line_feeds_only(world: World) -> None:
    code = """
def handler(event, context):
    print("multi\\nline\\nstring")
    print("another\\rline")
    print()
    print("un", end="")
    print("broken")
    print("no end", end="")
"""
    spec = world.function(code)
    await world.call(spec, request_id="r")
    assert own(world.log(spec)) == ["multi\n", "line\n", "string\n", "another\rline\n", "\n", "unbroken\n", "no end"]
    assert "no endEND RequestId: r\n" in (await world.call(spec, request_id="r")).log_tail.decode()


async def test_logging_has_awss_format_and_one_event_per_message(world: World) -> None:
    code = """
import logging
def handler(event, context):
    logging.info("unheard")
    logging.warning("two\\nlines %s", event)
    logger = logging.getLogger("app")
    logger.setLevel(logging.INFO)
    logger.info("heard")
    try:
        1 / 0
    except ZeroDivisionError:
        logger.exception("caught")
"""
    spec = world.function(code)
    await world.call(spec, 5, request_id="r")
    first, second, third = own(world.log(spec))
    stamp = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
    assert re.fullmatch(rf"\[WARNING\]\t{stamp}\tr\ttwo\nlines 5\n", first)
    assert re.fullmatch(rf"\[INFO\]\t{stamp}\tr\theard\n", second)
    assert re.match(rf"\[ERROR\]\t{stamp}\tr\tcaught\nTraceback \(most recent call last\):\n", third)


async def test_a_long_message_of_logging_is_one_event(world: World) -> None:
    code = """
import logging
def handler(event, context):
    logging.error("x" * event)
"""
    spec = world.function(code)
    await world.call(spec, 100_000)
    (event,) = own(world.log(spec))
    assert event.endswith("\t" + "x" * 100_000 + "\n")


async def test_the_trace_of_an_error_is_one_event_after_what_was_printed(world: World) -> None:
    spec = world.function("def handler(event, context):\n    print('before')\n    raise ValueError('some\\nerror')\n")
    await world.call(spec)
    assert own(world.log(spec)) == [
        "before\n",
        (
            "[ERROR] ValueError: some\nerror\nTraceback (most recent call last):\n"
            '\u00a0\u00a0File "/var/task/m.py", line 3, in handler\n'
            "\u00a0\u00a0\u00a0\u00a0raise ValueError('some\\nerror')"
        ),
    ]


async def test_the_trace_of_a_failed_import_is_in_the_log(world: World) -> None:
    spec = world.function("import nowhere\n" + ECHO)
    await world.call(spec, request_id="r")
    log = world.log(spec)
    told = "[ERROR] Runtime.ImportModuleError: Unable to import module 'm': No module named 'nowhere'\n"
    assert log[1] == told + "Traceback (most recent call last):"
    assert re.fullmatch(
        r"INIT_REPORT Init Duration: [\d.]+ ms\tPhase: init\tStatus: error\tError Type: Runtime.ImportModuleError\n",
        log[2],
    )
    assert log[3] == log[1]
    assert "\tPhase: invoke\tStatus: error\tError Type: Runtime.ImportModuleError\n" in log[4]
    assert log[5:7] == ["START RequestId: r Version: $LATEST\n", "END RequestId: r\n"]


async def test_the_tail_is_the_last_four_kilobytes(world: World) -> None:
    spec = world.function("def handler(event, context):\n    for number in range(1000):\n        print(number, 'ü')\n")
    tail = (await world.call(spec)).log_tail
    assert 4090 < len(tail) <= 4096
    assert tail.decode().count("\n999 ü\nEND RequestId: ") == 1
    assert len(own(world.log(spec))) == 1000


async def test_bytes_that_are_no_text_are_replaced(world: World) -> None:
    code = """
import os
def handler(event, context):
    os.write(1, bytes(range(256)) + b"\\n")
    os.write(2, b"\\xff\\xfe\\x00\\n")
    return 1
"""
    spec = world.function(code)
    assert await world.result(spec) == 1
    assert "\ufffd\ufffd\0\n" in world.log(spec)


async def test_children_print_to_the_log_too(world: World) -> None:
    code = """
import subprocess
def handler(event, context):
    subprocess.run(["echo", "from a child"], check=True)
"""
    spec = world.function(code)
    outcome = await world.call(spec)
    assert b"\nfrom a child\nEND" in outcome.log_tail


async def test_what_is_printed_after_the_answer_is_logged_and_not_in_the_next_tail(world: World) -> None:
    code = """
import threading, time
gate = threading.Event()
def late():
    gate.wait()
    print("late")
def handler(event, context):
    if event == "start":
        threading.Thread(target=late, daemon=True).start()
        threading.Timer(0.01, gate.set).start()
    return event
"""
    spec = world.function(code)
    await world.call(spec, "start")
    await world.sink.line(spec, "late\n")
    assert "late" not in (await world.call(spec, "next")).log_tail.decode()


class CountingSink(Sink):
    """Keeps nothing but the number of characters."""

    def __init__(self) -> None:
        super().__init__()
        self.characters = 0
        self.longest = 0

    def append(self, account: str, region: str, group: str, stream: str, events: Sequence[tuple[int, str]]) -> None:
        self.characters += sum(len(text) for _, text in events)
        self.longest = max(self.longest, *(len(text) for _, text in events))


@pytest.mark.parametrize("line", ['"x" * 999 + "\\n"', '"x" * 1_000_000'])
async def test_a_hundred_megabytes_of_output_cost_no_memory(tmp_path: Path, line: str) -> None:
    code = f"""
import sys
def handler(event, context):
    line = {line}
    for _ in range(event // len(line)):
        sys.stdout.write(line)
    return 1
"""
    sink = CountingSink()
    async with running(tmp_path / "run", sink=sink) as world:
        spec = world.function(code, timeout_s=60)
        await world.call(spec, 1_000_000)
        before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        sink.characters = 0

        assert await world.result(spec, 100_000_000) == 1

        assert sink.characters >= 100_000_000
        assert sink.longest <= 256 * 1024
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib < 20_000
        assert await world.result(spec, 0) == 1
