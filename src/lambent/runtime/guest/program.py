"""Runtimes that are programs of their own: the process of the runtime becomes a `bootstrap`, or Node.

The process that the supervisor watches is the program itself, so that its end, its memory and its signals are what they
seem. A custom runtime has the Runtime API in a process beside it, which is nobody's child but the supervisor's: the
program must not find a child that it never started. Node speaks frames itself, on descriptor 3, and reads what it has
to know from descriptor 4.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from typing import Any

from . import frames, output, runtime, runtime_api, sandbox

_CHANNEL, _SETTINGS = 3, 4
_INVALID = "Runtime.InvalidEntrypoint"


def run(channel: int, pipe: int, config: dict[str, Any], began: float) -> None:
    """Become the program; returns never. began: when this runtime was asked for, on the performance counter."""
    output.open_streams(pipe)
    sock = socket.socket(fileno=channel)
    sandbox.limit()
    if sys.platform == "linux":
        sandbox.drop_rights(config["mode"], config["uid"], config["gid"])
    os.chdir(config["task_root"])
    try:
        if config["kind"] == "node":
            _become_node(channel, config, began)
        else:
            _become_bootstrap(sock, config, began)
    except OSError as problem:
        name = problem.filename or config["kind"]
        _refuse(sock, f"fork/exec {_shown(config, name)}: {os.strerror(problem.errno or 0).lower()}", began)
    runtime.leave(SystemExit(1))


def _become_bootstrap(sock: socket.socket, config: dict[str, Any], began: float) -> None:
    """Raises OSError when it cannot be started."""
    places = [os.path.join(config[root], "bootstrap") for root in ("task_root", "opt_root")]
    found = next((place for place in places if os.path.isfile(place)), None)
    if found is None:
        shown = " ".join(_shown(config, place) for place in places)
        _refuse(sock, f"Couldn't find valid bootstrap(s): [{shown}]", began)
        return
    listener = runtime_api.listen()
    _start_api(sock, listener, began)
    host, port = listener.getsockname()
    _execute([found], {**config["environ"], "AWS_LAMBDA_RUNTIME_API": f"{host}:{port}"})


def _start_api(sock: socket.socket, listener: socket.socket, began: float) -> None:
    own = os.getpid()
    between = os.fork()
    if between:
        os.waitpid(between, 0)
        return
    # Whatever happens here, control never returns to the caller: this is no longer its process.
    try:
        if os.fork() == 0:
            runtime_api.serve(sock, listener, own, began)
    finally:
        os._exit(0)


def _become_node(channel: int, config: dict[str, Any], began: float) -> None:
    """Raises OSError when it cannot be started."""
    reader, writer = os.pipe()
    settings = {name: config[name] for name in ("handler", "runtime", "task_root", "marker", "shown_roots")}
    settings["elapsed_ms"] = (time.perf_counter() - began) * 1000
    os.write(writer, json.dumps(settings).encode())
    os.close(writer)
    # Both may lie where the other is to go.
    moved = [os.dup(channel), os.dup(reader)]
    moved = [fd if fd > _SETTINGS else os.dup(fd) for fd in moved]
    for fd, number in zip(moved, (_CHANNEL, _SETTINGS)):
        os.dup2(fd, number)
    memory_mb = int(config["environ"]["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"])
    _execute([config["program"], f"--max-old-space-size={memory_mb * 9 // 10}", config["script"]], config["environ"])


def _execute(arguments: list[str], environ: dict[str, str]) -> None:
    """Become a program. Python ignores these two signals, which others count on."""
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    os.execve(arguments[0], arguments, environ)  # noqa: S606  there is no shell, nor should there be


def _shown(config: dict[str, Any], path: str) -> str:
    """A file's path as functions see it."""
    for real, shown in config["shown_roots"]:
        if path.startswith(real):
            return str(shown + path[len(real) :])
    return path


def _refuse(sock: socket.socket, text: str, began: float) -> None:
    """Tell that there is nothing to run."""
    body = json.dumps({"errorType": _INVALID, "errorMessage": text}).encode()
    facts = frames.FACTS.pack(0, (time.perf_counter() - began) * 1000, 0)
    frame = frames.encode(frames.INIT_ERROR, facts + frames.error_head(_INVALID, ""), body)
    sock.sendall(frame)
