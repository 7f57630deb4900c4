"""Logs in JSON: Lambda's own records and the function's, each at its level."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from lambent.runtime.spec import LogLevels

if TYPE_CHECKING:
    from system.runtime.world import World

pytestmark = pytest.mark.asyncio(loop_scope="session")

FUNCTION = """
import logging, os
log = logging.getLogger("mine")

def handler(event, context):
    print("plain")
    print('{"level": "debug", "timestamp": "2024-11-02T16:51:31Z"}')
    log.debug("d")
    log.info("i", extra={"order": 7})
    log.error("e")
    if event == "raise":
        raise ValueError("no")
    if event == "exit":
        os._exit(3)
    return event
"""


def shown(log: list[str]) -> list[str]:
    """Each event in a word or two."""
    words = []
    for line in log:
        told: dict[str, Any] = json.loads(line) if line.startswith("{") else {"message": line.rstrip("\n")}
        words.append(told.get("type") or told.get("message") or told.get("errorType") or line)
    return words


async def test_a_call_is_told_in_records_around_the_functions_own(world: World) -> None:
    spec = world.function(FUNCTION, log_levels=LogLevels("INFO", "INFO"))

    outcome = await world.call(spec, 1, request_id="r-1")

    log = world.log(spec)
    assert shown(log) == ["platform.initStart", "platform.start", "plain", "i", "e", "platform.report"]
    message = json.loads(log[3])
    assert (message["level"], message["logger"], message["requestId"], message["order"]) == ("INFO", "mine", "r-1", 7)
    assert json.loads(log[-1])["record"]["metrics"]["initDurationMs"] == pytest.approx(outcome.init_ms, abs=0.001)
    assert outcome.log_tail.decode() == "".join(log[1:])


async def test_levels_decide_what_is_kept(world: World) -> None:
    loud = world.function(FUNCTION, log_levels=LogLevels("TRACE", "DEBUG"))
    quiet = world.function(FUNCTION, log_levels=LogLevels("ERROR", "WARN"))

    await world.call(loud, 1)
    await world.call(quiet, 1)

    whole = shown(world.log(loud))
    assert whole[:4] == [
        "platform.initStart",
        "platform.initRuntimeDone",
        "platform.initReport",
        "platform.start",
    ]
    assert "debug" in whole[5]
    assert whole[4:5] + whole[6:] == ["plain", "d", "i", "e", "platform.runtimeDone", "platform.report"]
    assert shown(world.log(quiet)) == ["e"]


async def test_failures_are_told_however_quiet_the_log_is(world: World) -> None:
    spec = world.function(FUNCTION, log_levels=LogLevels("ERROR", "WARN"))

    await world.call(spec, "raise", request_id="r-1")
    await world.call(spec, "exit", request_id="r-2")

    log = world.log(spec)
    failed = ["platform.runtimeDone", "platform.report"]
    assert shown(log) == ["e", "ValueError", *failed, "e", *failed]
    error = json.loads(log[1])
    assert (error["level"], error["errorMessage"], error["requestId"]) == ("ERROR", "no", "r-1")
    assert json.loads(log[-1])["record"]["errorType"] == "Runtime.ExitError"


async def test_a_module_that_cannot_be_loaded_is_told_in_records(world: World) -> None:
    spec = world.function("raise ValueError('no')\n", log_levels=LogLevels("INFO", "INFO"))

    await world.call(spec)

    told = shown(world.log(spec))
    assert told[:4] == ["platform.initStart", "ValueError", "platform.initRuntimeDone", "platform.initReport"]
    assert told[-1] == "platform.report"
