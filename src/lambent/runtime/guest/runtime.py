"""The process that runs the function: loads the handler, then serves one call after the other until it is ended.

The head of an INVOKE frame is JSON: id, arn, remaining_ms, trace (None for none) and, where the caller sent them,
client_context and identity.
"""

from __future__ import annotations

import json
import os
import resource
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
_KIB = 1024 if sys.platform == "darwin" else 1
_INHERITED = "preloaded"


def run(channel: int, pipe: int, config: dict[str, Any], began: float) -> None:
    """Be a runtime. began: when this environment or runtime was asked for, on the performance counter.

    Returns never: ends when the channel closes or initialisation fails.
    """
    output.open_streams(pipe)
    records = output.Records(pipe, bytes.fromhex(config["marker"]))
    faults = Faults(config["shown_roots"], with_request_id=config["runtime"] != "python3.8")
    sock = socket.socket(fileno=channel)
    try:
        function = _initialise(config, records)
    except Exception as problem:  # noqa: BLE001  the function's own error, reported as such
        error = faults.describe(problem, "")
        records.write_error(error)
        body = json.dumps(error).encode()
        _send(sock, frames.INIT_ERROR, _times(began) + error["errorType"].encode(), body)
        leave(SystemExit(1))
        return
    output.flush()
    _send(sock, frames.READY, _times(began), b"")
    _Server(sock, function, records, faults, marshal.encoder(config["runtime"])).run()
    leave(SystemExit(0))


def _initialise(config: dict[str, Any], records: output.Records) -> Callable[[Any, Any], Any]:
    sandbox.limit()
    if sys.platform == "linux":
        sandbox.drop_rights(config["mode"], config["uid"], config["gid"])
    os.chdir(config["task_root"])
    os.environ.clear()
    os.environ.update(config["environ"])
    time.tzset()
    _set_up_logging(records)
    path = handler.search_path(config["task_root"])
    handler.forget_shadowed(path, config[_INHERITED], frozenset(config["bundle"]))
    sys.path[:0] = path
    sys.argv = ["/var/runtime/bootstrap"]
    return handler.load(config["handler"])


def _set_up_logging(records: output.Records) -> None:
    import logging  # noqa: PLC0415  the module that the function will see, not one that was replaced since

    root = logging.getLogger()
    root.handlers[:] = [output.RecordHandler(records)]


class _Server:
    """Serves calls on the channel."""

    def __init__(
        self,
        sock: socket.socket,
        function: Callable[[Any, Any], Any],
        records: output.Records,
        faults: Faults,
        encode: Callable[[Any], str],
    ) -> None:
        self._sock = sock
        self._function = function
        self._records = records
        self._faults = faults
        self._encode = encode
        self._pid = os.getpid()

    def run(self) -> None:
        """Until the server closes the channel, or this turns out to be a process that the function forked."""
        while True:
            received = _receive(self._sock)
            if received is None:
                return
            began = time.perf_counter()
            kind, head, body = self._call(*received)
            if os.getpid() != self._pid:
                return
            output.flush()
            _send(self._sock, kind, _times(began) + head, body)

    def _call(self, head: bytes, event: bytes) -> tuple[int, bytes, bytes]:
        call = json.loads(head)
        request_id = self._records.request_id = call["id"]
        _set_trace(call["trace"])
        context = LambdaContext(call, time.monotonic() + call["remaining_ms"] / 1000)
        try:
            body = marshal.result_of(self._function(marshal.event_of(event), context), self._encode)
        except Exception as problem:  # noqa: BLE001  the function's own error, reported as such
            return self._error(self._faults.describe(problem, request_id))
        if len(body) > marshal.RESULT_LIMIT:
            return self._too_large()
        return frames.RESULT, b"", body

    def _error(self, error: dict[str, Any]) -> tuple[int, bytes, bytes]:
        self._records.write_error(error)
        body = self._encode(error).encode("utf-8", "backslashreplace")
        return frames.ERROR, error["errorType"].encode(), body

    def _too_large(self) -> tuple[int, bytes, bytes]:
        limit = marshal.RESULT_LIMIT
        text = "Response payload size exceeded maximum allowed payload size (%d bytes)." % limit
        kind = "Function.ResponseSizeTooLarge"
        self._records.write("%s\n" % text)
        return frames.ERROR, kind.encode(), json.dumps({"errorMessage": text, "errorType": kind}).encode()


def _set_trace(header: str | None) -> None:
    if header is not None:
        os.environ["_X_AMZN_TRACE_ID"] = header
    else:
        os.environ.pop("_X_AMZN_TRACE_ID", None)


def _times(began: float) -> bytes:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // _KIB
    return frames.TIMES.pack((time.perf_counter() - began) * 1000, peak)


def _receive(sock: socket.socket) -> tuple[bytes, bytes] | None:
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


def _send(sock: socket.socket, kind: int, head: bytes, body: bytes) -> None:
    """A server that is gone ends the process here: there is nobody left to work for."""
    try:
        if len(body) < _RECEIVE_BYTES:
            sock.sendall(frames.encode(kind, head, body))
        else:
            sock.sendall(frames.HEADER.pack(kind, len(head), len(body)) + head)
            sock.sendall(body)
    except OSError:
        os._exit(1)


def leave(end: SystemExit) -> None:
    """End the process as Python would for this exception, without running what belongs to the zygote."""
    output.flush()
    if end.code is None or isinstance(end.code, int):
        os._exit((end.code or 0) & 0xFF)
    sys.stderr.write("%s\n" % (end.code,))
    output.flush()
    os._exit(1)


def die() -> None:
    """End the process because of the exception that is being handled; its trace goes to the function's log."""
    try:
        traceback.print_exc()
        output.flush()
    finally:
        os._exit(1)
