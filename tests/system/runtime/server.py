"""A program that runs functions and waits to be killed: `server.py RUN_DIR ISOLATION`.

Starts one call that never ends, and tells as a line of JSON its isolation and its zygotes' process ids.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from pathlib import Path

import uvloop

from system.runtime.world import ECHO, running, zipped

STUCK = """
import subprocess, time
subprocess.Popen(["sleep", "3600"])
def handler(event, context):
    print("in")
    time.sleep(3600)
"""

BOOTSTRAP = """#!/usr/bin/env python3
import http.client, os
api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
while True:
    api.request("GET", "/2018-06-01/runtime/invocation/next")
    answer = api.getresponse()
    event, call = answer.read(), answer.headers["Lambda-Runtime-Aws-Request-Id"]
    api.request("POST", f"/2018-06-01/runtime/invocation/{call}/response", event)
    api.getresponse().read()
"""


async def main() -> None:
    """Run until killed."""
    async with running(Path(sys.argv[1]), isolation=sys.argv[2]) as world:
        results = [await world.result(world.function(ECHO), number) for number in range(3)]
        others = [world.function(zipped({"bootstrap": BOOTSTRAP}, mode=0o755), runtime="provided.al2023")]
        if shutil.which("node"):
            files: dict[str, str | bytes] = {"m.js": "exports.handler = async (event) => event"}
            others.append(world.function(zipped(files), runtime="nodejs20.x"))
        more = [await world.result(function, 2) for function in others]
        stuck = world.function(STUCK, timeout_s=900)
        call = asyncio.create_task(world.call(stuck))
        await world.sink.line(stuck, "in\n")
        facts = {
            **world.environments.describe()["isolation"],
            "zygotes": world.zygotes,
            "results": results,
            "others": more,
        }
        sys.stdout.write(json.dumps(facts) + "\n")
        sys.stdout.flush()
        await call


if __name__ == "__main__":
    uvloop.run(main())
