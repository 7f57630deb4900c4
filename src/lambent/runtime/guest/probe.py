"""Finds out what this machine allows: tries the whole of a sandbox in a child process and tells how far it came.

Reads the configuration of a zygote as JSON from stdin; writes null, or the reason why it cannot be done, as JSON.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from . import sandbox
from . import syscalls as sc


def main(_: list[str]) -> None:
    """Try and tell."""
    config = json.load(sys.stdin)
    json.dump(_in_child(lambda: _try(config)), sys.stdout)


def _try(config: dict[str, Any]) -> str | None:
    sandbox.enter_root(config)
    sc.unshare(sc.NEWPID)
    return _in_child(lambda: _try_environment(config))


def _try_environment(config: dict[str, Any]) -> None:
    sandbox.leave_shared()
    sandbox.enter_environment("", None, 1)
    sandbox.drop_rights(config["mode"], config["uid"], config["gid"])
    os.stat(sandbox.TASK)


def _in_child(attempt: Any) -> str | None:
    """The reason why the attempt failed in a process of its own; None when it did not."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        reason: str | None = "the attempt ended without an answer"
        try:
            reason = attempt()
        except Exception as problem:  # noqa: BLE001  whatever it is, it is the answer
            reason = str(problem)
        finally:
            os.write(writer, json.dumps(reason).encode())
            os._exit(0)
    os.close(writer)
    with open(reader, "rb") as answer:
        told = answer.read()
    os.waitpid(pid, 0)
    return json.loads(told) if told else "the attempt was ended by the system"
