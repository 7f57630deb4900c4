"""The process that runs the function: loads the handler, then serves one call after the other until it is ended.

The head of an INVOKE frame is JSON: number (of the call, from 1 on), id, arn, remaining_ms, trace (None for none) and,
where the caller sent them, client_context and identity.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import signal
import socket
import sys
import time
import traceback
from typing import TYPE_CHECKING, Any

from . import frames, handler, marshal, output, sandbox
from .context import LambdaContext
from .faults import Faults

if TYPE_CHECKING:
    from collections.abc import Callable

_RECEIVE_BYTES = 65536


def run(channel: int, pipe: int, config: dict[str, Any], began: float) -> None:
    """Be a runtime. began: when this environment or runtime was asked for, on the performance counter.

    Returns never: ends when the channel closes or initialisation fails.
    """
    output.open_streams(pipe)
    records = output.Records(pipe, config["marker"].encode())
    form = output.Format(config["environ"])
    faults = Faults(config["shown_roots"], with_request_id=config["runtime"] != "python3.8")
    sock = socket.socket(fileno=channel)
    try:
        function = _initialise(config, output.RecordHandler(records, form), faults)
    except Exception as problem:  # noqa: BLE001  the function's own error, reported as such
        kind, head, body = _error_frame(frames.INIT_ERROR, faults.describe(problem, ""), json.dumps, form)
        output.flush()
        send(sock, kind, _facts(0, began) + head, body)
        leave(SystemExit(1))
        return
    output.flush()
    send(sock, frames.READY, _facts(0, began), b"")
    Server(sock, function, records, faults, marshal.encoder(config["runtime"]), form).run()
    leave(SystemExit(0))


def _initialise(config: dict[str, Any], log: output.RecordHandler, faults: Faults) -> Callable[[Any, Any], Any]:
    sandbox.limit()
    if sys.platform == "linux":
        sandbox.drop_rights(config["mode"], config["uid"], config["gid"])
    os.chdir(config["task_root"])
    os.environ.clear()
    os.environ.update(config["environ"])
    time.tzset()
    root = logging.getLogger()
    root.handlers[:] = [log]
    if log.level:
        root.setLevel(log.level)
    path = handler.search_path(config["task_root"], config["opt_root"])
    handler.forget_shadowed(path, config["preloaded"], frozenset(config["bundle"]))
    sys.path[:0] = path
    sys.argv = ["/var/runtime/bootstrap"]
    return handler.load(config["handler"], faults.shown_path)


class Server:
    """Serves calls on the channel."""

    def __init__(
        self,
        sock: socket.socket,
        function: Callable[[Any, Any], Any],
        records: output.Records,
        faults: Faults,
        encode: Callable[[Any], str],
        form: output.Format,
    ) -> None:
        self._sock = sock
        self._function = function
        self._records = records
        self._faults = faults
        self._encode = encode
        self._form = form
        self._pid = os.getpid()

    def run(self) -> None:
        """Until the server closes the channel, or this turns out to be a process that the function forked."""
        while True:
            received = receive(self._sock)
            if received is None:
                output.flush()
                end()
                return
            began = time.perf_counter()
            call = json.loads(received[0])
            kind, head, body = self._call(call, received[1])
            if os.getpid() != self._pid:
                return
            output.flush()
            send(self._sock, kind, _facts(call["number"], began) + head, body)

    def _call(self, call: dict[str, Any], event: bytes | bytearray) -> tuple[int, bytes, bytes]:
        request_id = self._records.request_id = call["id"]
        _set_trace(call["trace"])
        context = LambdaContext(call, time.monotonic() + call["remaining_ms"] / 1000)
        try:
            body = marshal.result_of(self._function(marshal.event_of(event), context), self._encode)
        except Exception as problem:  # noqa: BLE001  the function's own error, reported as such
            return _error_frame(frames.ERROR, self._faults.describe(problem, request_id), self._encode, self._form)
        if len(body) > marshal.RESULT_LIMIT:
            return _too_large(frames.ERROR)
        return frames.RESULT, b"", body


def _error_frame(
    kind: int, error: dict[str, Any], encode: Callable[[Any], str], form: output.Format
) -> tuple[int, bytes, bytes]:
    body = encode(error).encode("utf-8", "backslashreplace")
    if len(body) > marshal.RESULT_LIMIT:
        return _too_large(kind)
    return kind, frames.error_head(error["errorType"], form.event_of_error(error)), body


def _too_large(kind: int) -> tuple[int, bytes, bytes]:
    limit = marshal.RESULT_LIMIT
    text = f"Response payload size exceeded maximum allowed payload size ({limit} bytes)."
    error_type = "Function.ResponseSizeTooLarge"
    body = json.dumps({"errorMessage": text, "errorType": error_type}).encode()
    return kind, frames.error_head(error_type, f"{text}\n"), body


def _set_trace(header: str | None) -> None:
    if header is not None:
        os.environ["_X_AMZN_TRACE_ID"] = header
    else:
        os.environ.pop("_X_AMZN_TRACE_ID", None)


def _facts(number: int, began: float) -> bytes:
    peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // frames.KIB
    return frames.FACTS.pack(number, (time.perf_counter() - began) * 1000, peak_kib)


def receive(sock: socket.socket) -> tuple[bytes | bytearray, bytes | bytearray] | None:
    """The head and body of the next frame; None when the server is gone. The server sends one frame at a time."""
    data: bytes | bytearray = sock.recv(_RECEIVE_BYTES)
    while data and len(data) < frames.HEADER.size:
        more = sock.recv(_RECEIVE_BYTES)
        data = data + more if more else b""
    if not data:
        return None
    _, head_length, body_length = frames.HEADER.unpack_from(data)
    body_at = frames.HEADER.size + head_length
    missing = body_at + body_length - len(data)
    if missing > 0:
        rest = frames.receive_exactly(sock, missing)
        if rest is None:
            return None
        data = data + rest
    return data[frames.HEADER.size : body_at], data[body_at:]


def send(sock: socket.socket, kind: int, head: bytes, body: bytes) -> None:
    """Where nobody listens any more, because the server is gone or does not like what it was sent, the process ends."""
    try:
        if len(body) < _RECEIVE_BYTES:
            sock.sendall(frames.encode(kind, head, body))
        else:
            sock.sendall(frames.HEADER.pack(kind, len(head), len(body)) + head)
            sock.sendall(body)
    except OSError:
        end()


def end() -> None:
    """End the process as its supervisor is about to, so that it makes no difference who is first."""
    os.kill(os.getpid(), signal.SIGKILL)


def leave(end: SystemExit) -> None:
    """End the process as Python would for this exception, without running what belongs to the zygote."""
    output.flush()
    if end.code is None or isinstance(end.code, int):
        os._exit((end.code or 0) & 0xFF)
    sys.stderr.write(f"{end.code}\n")
    output.flush()
    os._exit(1)


def die() -> None:
    """End the process because of the exception that is being handled; its trace goes to the function's log."""
    try:
        traceback.print_exc()
        output.flush()
    finally:
        os._exit(1)
