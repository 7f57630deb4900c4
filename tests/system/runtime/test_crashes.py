"""Functions that end, hang, or overdo it: what callers see, and that the next call works."""

from __future__ import annotations

import asyncio
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from system.runtime.world import ECHO

if TYPE_CHECKING:
    from lambent.clock import VirtualClock
    from lambent.runtime.spec import FunctionSpec, Outcome
    from system.runtime.world import World

pytestmark = pytest.mark.asyncio(loop_scope="session")

# A function that counts its calls in a global and in /tmp, and does what it is told.
CODE = """
import ctypes, os, signal, subprocess, sys, tempfile, threading, time
calls = 0
kept = os.path.join(tempfile.gettempdir(), "kept")
def handler(event, context):
    global calls
    calls += 1
    with open(kept, "a") as file:
        file.write("x")
    if event:
        exec(event)
    return [calls, os.path.getsize(kept)]
"""


def exit_error(reason: str) -> dict[str, Any]:
    return {"errorType": "Runtime.ExitError", "errorMessage": f"RequestId: r Error: {reason}"}


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        ("sys.exit(0)", "Runtime exited without providing a reason"),
        ("sys.exit()", "Runtime exited without providing a reason"),
        ("exit(3)", "Runtime exited with error: exit status 3"),
        ("sys.exit('a reason')", "Runtime exited with error: exit status 1"),
        ("raise KeyboardInterrupt", "Runtime exited with error: exit status 1"),
        ("os._exit(127)", "Runtime exited with error: exit status 127"),
        ("os.abort()", "Runtime exited with error: signal: aborted"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "Runtime exited with error: signal: killed"),
        ("os.kill(os.getpid(), signal.SIGTERM)", "Runtime exited with error: signal: terminated"),
        ("ctypes.string_at(0)", "Runtime exited with error: signal: segmentation fault"),
        ("os.closerange(3, 1000); time.sleep(600)", "Runtime exited with error: signal: killed"),
    ],
)
async def test_a_process_that_ends_loses_its_globals_and_keeps_its_tmp(world: World, action: str, reason: str) -> None:
    spec = world.function(CODE)
    assert await world.result(spec) == [1, 1]

    outcome = await world.call(spec, action, request_id="r")

    assert json.loads(outcome.payload) == exit_error(reason)
    assert (outcome.status, outcome.error, outcome.error_type) == ("error", True, "Runtime.ExitError")
    assert outcome.log_tail.decode().endswith("\tStatus: error\tError Type: Runtime.ExitError\t\n")
    assert f"RequestId: r Error: {reason}\nRuntime.ExitError\nEND RequestId: r\n" in outcome.log_tail.decode()
    assert await world.result(spec) == [1, 3]
    assert await world.result(spec) == [2, 4]


async def test_the_reason_of_an_exit_is_in_the_log(world: World) -> None:
    spec = world.function(CODE)
    outcome = await world.call(spec, "sys.exit('a reason')")
    assert "a reason\n" in outcome.log_tail.decode()
    outcome = await world.call(spec, "raise KeyboardInterrupt")
    assert "KeyboardInterrupt\n" in outcome.log_tail.decode()


@pytest.mark.parametrize("code", ["import sys; sys.exit(0)", "import os; os._exit(5)"])
async def test_a_module_that_ends_the_process_fails_every_call(world: World, code: str) -> None:
    spec = world.function(code + "\n" + ECHO)
    reason = "exited with error: exit status 5" if "5" in code else "exited without providing a reason"
    for _ in range(2):
        outcome = await world.call(spec, request_id="r")
        assert json.loads(outcome.payload) == exit_error(f"Runtime {reason}")
    log = "".join(world.log(spec))
    assert re.search(r"INIT_REPORT .*\tPhase: init\tStatus: error\tError Type: Runtime.ExitError\n", log)


# --- time


async def start(world: World, spec: FunctionSpec, event: Any = None, **more: Any) -> asyncio.Task[Outcome]:
    """A call that is under way: the function has printed `in`."""
    seen = world.log(spec).count("in\n")
    task = asyncio.create_task(world.call(spec, event, **more))
    await world.sink.line(spec, "in\n", seen + 1)
    return task


async def test_a_call_that_takes_too_long_is_cut_off(still: tuple[World, VirtualClock]) -> None:
    world, clock = still
    spec = world.function(CODE, timeout_s=3)
    assert await world.result(spec) == [1, 1]
    call = await start(world, spec, "print('in'); time.sleep(3600)", request_id="r")
    await clock.advance(3)

    outcome = await call

    assert json.loads(outcome.payload) == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": "RequestId: r Error: Task timed out after 3.00 seconds",
    }
    assert (outcome.status, outcome.error, outcome.error_type) == ("timeout", True, "Sandbox.Timedout")
    assert (outcome.duration_ms, outcome.billed_ms) == (3000.0, 3000)
    tail = outcome.log_tail.decode()
    assert re.search(r"\n2026-01-01T\d\d:\d\d:\d\d\.\d{3}Z r Task timed out after 3\.00 seconds\n\n", tail)
    assert re.search(
        r"REPORT RequestId: r\tDuration: 3000\.00 ms\tBilled Duration: 3000 ms\t.*\tStatus: timeout\t\n$", tail
    )
    assert await world.result(spec) == [1, 3]


@pytest.mark.parametrize(
    "stubborn",
    [
        "[signal.signal(one, signal.SIG_IGN) for one in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)]",
        "threading.Thread(target=time.sleep, args=(3600,)).start()",
        "os.kill(os.getpid(), signal.SIGSTOP)",
        "subprocess.Popen(['sleep', '3600'], start_new_session=True)",
    ],
)
async def test_nothing_keeps_a_call_from_being_cut_off(still: tuple[World, VirtualClock], stubborn: str) -> None:
    world, clock = still
    spec = world.function(CODE, timeout_s=2)
    call = await start(world, spec, f"print('in', flush=True); {stubborn}; time.sleep(3600)")
    await clock.advance(2)
    assert (await call).status == "timeout"
    assert (await world.result(spec))[0] == 1


async def test_an_initialisation_over_ten_seconds_runs_again_in_the_call(still: tuple[World, VirtualClock]) -> None:
    world, clock = still
    code = """
import os, tempfile, time
mark = os.path.join(tempfile.gettempdir(), "been")
if not os.path.exists(mark):
    open(mark, "w").close()
    print("in")
    time.sleep(3600)
def handler(event, context):
    return context.get_remaining_time_in_millis() > 11000
"""
    spec = world.function(code, timeout_s=12)
    call = await start(world, spec)
    await clock.advance(10)
    outcome = await call
    assert (outcome.payload, outcome.init_ms) == (b"true", None)
    log = "".join(world.log(spec))
    assert "INIT_REPORT Init Duration: 10000.00 ms\tPhase: init\tStatus: timeout\n" in log
    assert log.index("INIT_REPORT") < log.index("START RequestId")


async def test_an_initialisation_that_never_ends_is_cut_off_with_the_call(still: tuple[World, VirtualClock]) -> None:
    world, clock = still
    spec = world.function("import time\nprint('in')\ntime.sleep(3600)\n" + ECHO, timeout_s=1)
    for calls in range(2):
        call = await start(world, spec, request_id="r")
        if calls == 0:
            await clock.advance(10)
            await world.sink.line(spec, "in\n", 2)
        await clock.advance(1)
        outcome = await call
        assert outcome.status == "timeout"
        assert json.loads(outcome.payload)["errorMessage"] == "RequestId: r Error: Task timed out after 1.00 seconds"


# --- memory


async def test_a_function_that_takes_too_much_memory_is_ended(world: World) -> None:
    spec = world.function(CODE, memory_mb=128)
    assert await world.result(spec) == [1, 1]

    outcome = await world.call(spec, "hoard = b'x' * (1 << 30); time.sleep(3600)", request_id="r")

    assert json.loads(outcome.payload) == exit_error("Runtime exited with error: signal: killed")
    tail = outcome.log_tail.decode()
    assert "\tMemory Size: 128 MB\tMax Memory Used: 128 MB\t" in tail
    assert tail.endswith("Status: error\tError Type: Runtime.OutOfMemory\t\n")
    assert await world.result(spec) == [1, 3]


async def test_memory_that_was_given_back_before_the_answer_counts(world: World) -> None:
    spec = world.function(CODE, memory_mb=128)
    outcome = await world.call(spec, "len(b'x' * (140 << 20))")
    assert outcome.log_tail.decode().endswith("Runtime.OutOfMemory\t\n")
    assert await world.result(spec, "len(b'x' * (64 << 20))") == [1, 2]


async def test_a_module_that_takes_too_much_memory_fails_every_call(world: World) -> None:
    spec = world.function("hoard = b'x' * (1 << 30)\nimport time\ntime.sleep(3600)\n" + ECHO, memory_mb=128)
    for _ in range(2):
        outcome = await world.call(spec)
        assert outcome.log_tail.decode().endswith("Runtime.OutOfMemory\t\n")


# --- processes and threads


async def test_a_child_that_returns_from_the_handler_answers_nothing(world: World) -> None:
    code = """
import os
def handler(event, context):
    pid = os.fork()
    if pid:
        os.waitpid(pid, 0)
        return "parent"
    return "child"
"""
    spec = world.function(code)
    for _ in range(3):
        assert await world.result(spec) == "parent"


async def test_a_child_that_fails_answers_nothing(world: World) -> None:
    code = """
import os
def handler(event, context):
    if os.fork():
        os.wait()
        return "parent"
    raise ValueError("child")
"""
    spec = world.function(code)
    assert await world.result(spec) == "parent"
    assert await world.result(spec) == "parent"


@pytest.mark.parametrize("end", ["os._exit(1)", "time.sleep(3600)"])
async def test_children_end_with_the_process(still: tuple[World, VirtualClock], end: str) -> None:
    world, clock = still
    code = """
import os, subprocess, time
def handler(event, context):
    if event:
        # The child holds one end of the pipe, whose other end will tell that it is gone.
        child = subprocess.Popen(["sleep", "3600"], start_new_session=event == "session", stdout=None)
        print("in")
        exec(END)
    return len([pid for pid in os.listdir("/proc") if pid.isdigit() and sleeps(pid)])
def sleeps(pid):
    try:
        return open(f"/proc/{pid}/cmdline").read().startswith("sleep\\0003600\\000")
    except OSError:
        return False
""".replace("END", repr(end))
    spec = world.function(code, timeout_s=2)
    before = await world.result(spec, None)
    for kind in ("plain", "session"):
        call = await start(world, spec, kind)
        if "sleep" in end:
            await clock.advance(2)
        assert (await call).error
    await until_equal(world, spec, before)


async def until_equal(world: World, spec: FunctionSpec, wanted: Any) -> None:
    """Wait until a function returns what it must return in the end; processes take a moment to be gone."""
    for _ in range(200):
        if await world.result(spec) == wanted:
            return
    raise AssertionError("it never came to it")


async def test_threads_go_on_after_the_answer(world: World) -> None:
    code = """
import threading
gate = threading.Event()
def wait():
    gate.wait()
    print("from a thread")
def handler(event, context):
    if event:
        gate.set()
    else:
        threading.Thread(target=wait).start()
    return event
"""
    spec = world.function(code)
    assert await world.result(spec, 0) == 0
    assert await world.result(spec, 1) == 1
    await world.sink.line(spec, "from a thread\n")
    assert await world.result(spec, 1) == 1


async def test_a_fork_bomb_hits_a_wall_and_the_next_call_works(confined: World) -> None:
    code = """
import os, signal, time
def handler(event, context):
    if event != "bomb":
        return event
    children = []
    try:
        while len(children) < 5000:
            pid = os.fork()
            if not pid:
                time.sleep(3600)
                os._exit(0)
            children.append(pid)
    except OSError as problem:
        return [len(children) < 1000, problem.errno]
    finally:
        for pid in children:
            os.kill(pid, signal.SIGKILL)
        for pid in children:
            os.waitpid(pid, 0)
"""
    spec = confined.function(code, memory_mb=1024)
    assert await confined.result(spec, "bomb") == [True, 11]
    assert await confined.result(spec, 1) == 1


async def test_a_fork_bomb_that_does_not_stop_is_cut_off(confined: World) -> None:
    code = """
import os
def handler(event, context):
    while event:
        try:
            os.fork()
        except OSError:
            pass
    return event
"""
    spec = confined.function(code, timeout_s=1, memory_mb=1024)
    assert (await confined.call(spec, 1)).status == "timeout"
    assert await confined.result(spec, 0) == 0


# --- the channel


FORGERY = """
import os, socket, stat, struct
def sockets():
    found = []
    for fd in range(3, 100):
        try:
            if stat.S_ISSOCK(os.fstat(fd).st_mode):
                found.append(socket.socket(fileno=os.dup(fd)))
        except OSError:
            pass
    return found
def frame(kind, number, body):
    head = struct.pack("<IdI", number, 1.0, 1000)
    return struct.pack("<BII", kind, len(head), len(body)) + head + body
def handler(event, context):
    for one in sockets():
        if event == "noise":
            one.sendall(b"noise" * 20)
        elif event == "ready":
            one.sendall(frame(2, 0, b""))
        elif event == "another":
            one.sendall(frame(4, 77, b'"forged"'))
        elif event == "twice":
            one.sendall(frame(4, 3, b'"forged"'))
    return event
"""


@pytest.mark.parametrize("forged", ["noise", "ready", "another"])
async def test_a_frame_that_answers_no_call_ends_the_process(world: World, forged: str) -> None:
    spec = world.function(FORGERY)
    assert await world.result(spec, "fine") == "fine"
    assert await world.error(spec, forged, request_id="r") == exit_error("Runtime exited with error: signal: killed")
    for _ in range(3):
        assert await world.result(spec, "fine") == "fine"


async def test_a_second_answer_is_never_taken_for_that_of_the_next_call(world: World) -> None:
    spec = world.function(FORGERY)
    assert await world.result(spec, "fine") == "fine"
    assert await world.result(spec, "fine") == "fine"
    # A function may answer for itself, and may be ended for what follows; that is never taken for another answer.
    outcome = await world.call(spec, "twice")
    assert outcome.error or outcome.payload == b'"forged"'
    for _ in range(3):
        outcome = await world.call(spec, "fine")
        assert outcome.error or outcome.payload == b'"fine"'
    assert await world.result(spec, "fine") == "fine"


async def test_a_function_that_closes_its_streams_still_answers(world: World) -> None:
    code = """
import os, sys, logging
def handler(event, context):
    if event == "streams":
        sys.stdout.close()
        sys.stderr.close()
    if event == "descriptors":
        for fd in (0, 1, 2):
            os.close(fd)
    logging.error("still %s", event)
    return event
"""
    for event in ("streams", "descriptors"):
        spec = world.function(code)
        assert await world.result(spec, event) == event
        assert await world.result(spec, "here") == "here"
        assert any(line.endswith("\tstill here\n") for line in world.log(spec))
