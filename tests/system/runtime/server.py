"""A program that runs functions and waits to be killed: `server.py RUN_DIR ISOLATION`.

Starts one call that never ends, and tells as a line of JSON its isolation and its zygotes' process ids.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import uvloop

from system.runtime.world import ECHO, running

STUCK = """
import subprocess, time
subprocess.Popen(["sleep", "3600"])
def handler(event, context):
    print("in")
    time.sleep(3600)
"""


async def main() -> None:
    """Run until killed."""
    async with running(Path(sys.argv[1]), isolation=sys.argv[2]) as world:
        results = [await world.result(world.function(ECHO), number) for number in range(3)]
        stuck = world.function(STUCK, timeout_s=900)
        call = asyncio.create_task(world.call(stuck))
        await world.sink.line(stuck, "in\n")
        facts = {**world.environments.describe()["isolation"], "zygotes": world.zygotes, "results": results}
        sys.stdout.write(json.dumps(facts) + "\n")
        sys.stdout.flush()
        await call


if __name__ == "__main__":
    uvloop.run(main())
