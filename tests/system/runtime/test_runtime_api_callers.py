"""The Runtime API of an environment answers the processes of that environment, and nobody else on the machine."""

from __future__ import annotations

import asyncio
import http.client
import sys
from typing import TYPE_CHECKING

import pytest

from system.runtime.world import zipped

if TYPE_CHECKING:
    from system.runtime.world import World

pytestmark = pytest.mark.asyncio(loop_scope="session")

BOOTSTRAP = """#!/usr/bin/env python3
import json, os, urllib.request
address = os.environ["AWS_LAMBDA_RUNTIME_API"]
base = "http://" + address + "/2018-06-01/runtime/invocation/"
while True:
    with urllib.request.urlopen(base + "next") as call:
        answer = base + call.headers["Lambda-Runtime-Aws-Request-Id"] + "/response"
    urllib.request.urlopen(urllib.request.Request(answer, json.dumps(address).encode(), method="POST")).close()
"""


def ask(address: str) -> bytes:
    """What a process outside gets as the next event."""
    api = http.client.HTTPConnection(address, timeout=10)
    api.request("GET", "/2018-06-01/runtime/invocation/next")
    return api.getresponse().read()


@pytest.mark.skipif(sys.platform != "linux", reason="the system does not tell who is connected")
async def test_a_stranger_is_not_given_events(world: World) -> None:
    if world.mode == "plain":
        pytest.skip("plain processes see each other")
    spec = world.function(zipped({"bootstrap": BOOTSTRAP}, mode=0o755), runtime="provided.al2023")
    address = await world.result(spec)
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        await asyncio.to_thread(ask, address)
    assert await world.result(spec) == address
