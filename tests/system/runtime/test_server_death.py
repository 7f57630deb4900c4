"""A server that is killed takes everything along that it started."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from system.runtime.conftest import MODES
from system.runtime.processes import descendants, wait_until_gone
from system.runtime.world import running

TESTS = Path(__file__).parents[2]


@pytest.mark.parametrize("isolation", MODES)
def test_a_server_that_is_killed_leaves_no_process(tmp_path: Path, isolation: str) -> None:
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, str(TESTS / "system/runtime/server.py"), str(tmp_path / "run"), isolation]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environ, text=True) as server:
        assert server.stdout is not None
        facts = json.loads(server.stdout.readline())
        assert facts["results"] == [0, 1, 2]
        processes = descendants(server.pid)
        assert set(facts["zygotes"]) < set(processes)
        assert len(processes) > 5
        server.kill()
        server.wait()
        wait_until_gone(processes)


def test_the_standard_event_loop_serves_as_well(tmp_path: Path) -> None:
    code = "import os\ndef handler(event, context):\n    print(event)\n    return event if event else os._exit(3)\n"

    async def run() -> None:
        async with running(tmp_path / "run") as world:
            spec = world.function(code)
            assert await world.result(spec, 1) == 1
            assert (await world.error(spec, 0))["errorMessage"].endswith("exit status 3")
            assert await world.result(spec, "x" * 1_000_000) == "x" * 1_000_000

    asyncio.run(run())
