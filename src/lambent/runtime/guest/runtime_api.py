"""The Lambda Runtime API inside an environment: HTTP for a custom runtime, frames for the server.

    Started -- next --> Ready -- INVOKE --> Running -- response or error --> RuntimeResponseSentState -- next --> Ready
       +-- init/error --> InitError

One process beside the runtime, which is what the supervisor watches: the runtime's end takes this one along. A request
that the state does not allow is refused in the words of AWS's own runtime emulator. Single-threaded: a client that does
not read holds up nobody but its own function.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import os
import select
import socket
import time
from typing import Any

from . import callers, frames, posts
from .marshal import RESULT_LIMIT
from .runtime import end, receive, send

_RECEIVE_BYTES = 1 << 16
_VERSION = "/2018-06-01/runtime/"
_STREAM_MODE = "lambda-runtime-function-response-mode"
_ERROR_TYPE = "lambda-runtime-function-error-type"
_ERROR_BODY = "lambda-runtime-function-error-body"
_ACCEPTED = posts.json_answer(202, {"status": "OK"})
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_TOO_LARGE = f"Exceeded maximum allowed payload size ({RESULT_LIMIT} bytes)."
_TRUNCATED = "Runtime.TruncatedResponse"

STARTED, READY, RUNNING, SENT, INIT_ERROR = "Started", "Ready", "Running", "RuntimeResponseSentState", "InitError"


def listen() -> socket.socket:
    """Take a port of this machine's own that the kernel chooses. Raises OSError."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)
    return listener


class _Connection:
    """A client, and the request that it is sending."""

    def __init__(self, sock: socket.socket, *, known: bool) -> None:
        """known: whether it is from a process of this environment; False where that is too late to be found out."""
        self.sock = sock
        self.known = known
        self.reader = posts.Reader()
        self.body = bytearray()
        self.size = 0
        self.refusal: bytes | None = None
        """What the request is answered with when it has been read: that was clear from its head."""
        self.streaming = False

    def send(self, data: bytes) -> None:
        # A client that is gone reads nothing; its end of file follows.
        with contextlib.suppress(OSError):
            self.sock.sendall(data)


class RuntimeApi:
    """Serves one runtime for as long as it lives."""

    def __init__(self, channel: socket.socket, listener: socket.socket, runtime_pid: int, began: float) -> None:
        """began: when the runtime was asked for, on the performance counter."""
        self._channel = channel
        self._listener = listener
        self._pid = runtime_pid
        self._began = began
        self._state = STARTED
        self._call: dict[str, Any] = {"number": 0, "id": ""}
        self._event: bytes | bytearray | None = None
        """Of a call that waits for the runtime to ask for it."""
        self._waiting: list[_Connection] = []
        self._connections: dict[int, _Connection] = {}
        self._poll = select.poll()

    def run(self) -> None:
        """Until the server closes the channel."""
        for sock in (self._channel, self._listener):
            self._poll.register(sock, select.POLLIN)
        while True:
            for fd, _ in self._poll.poll():
                if fd == self._channel.fileno():
                    self._take_call()
                elif fd == self._listener.fileno():
                    self._accept()
                elif fd in self._connections:
                    self._read(self._connections[fd])

    # --- the server's side

    def _take_call(self) -> None:
        received = receive(self._channel)
        if received is None:
            end()
            return
        self._began = time.perf_counter()
        self._call = json.loads(received[0])
        self._call["deadline_ms"] = int(time.time() * 1000 + self._call["remaining_ms"])
        self._event = received[1]
        if self._waiting:
            self._hand_over(self._waiting.pop())

    def _frame(self, kind: int, number: int, more: bytes, body: bytes) -> None:
        took_ms = (time.perf_counter() - self._began) * 1000
        send(self._channel, kind, frames.FACTS.pack(number, took_ms, _peak_kib(self._pid)) + more, body)

    # --- the runtime's side

    def _accept(self) -> None:
        sock, _ = self._listener.accept()
        try:
            where = callers.whereabouts(sock)
        except OSError:
            # Reset meanwhile.
            where = callers.ELSEWHERE
        if where == callers.ELSEWHERE:
            sock.close()
            return
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connections[sock.fileno()] = _Connection(sock, known=where == callers.HERE)
        self._poll.register(sock, select.POLLIN)

    def _drop(self, connection: _Connection) -> None:
        fd = connection.sock.fileno()
        if fd < 0:
            return
        self._poll.unregister(fd)
        del self._connections[fd]
        connection.sock.close()
        if connection in self._waiting:
            self._waiting.remove(connection)
        if connection.streaming:
            text = "The response ended before it was complete"
            self._fail(_TRUNCATED, json.dumps({"errorType": _TRUNCATED, "errorMessage": text}).encode())

    def _read(self, connection: _Connection) -> None:
        try:
            data = connection.sock.recv(_RECEIVE_BYTES)
        except OSError:
            data = b""
        if not data:
            self._drop(connection)
            return
        try:
            for kind, content in connection.reader.feed(data):
                if kind == "head":
                    self._begin(connection, content)
                elif kind == "data":
                    self._data(connection, content)
                else:
                    self._finish(connection, content)
        except posts.BadRequest as problem:
            connection.send(_refusal(400, "BadRequest", str(problem)))
            self._drop(connection)

    def _begin(self, connection: _Connection, request: posts.Request) -> None:
        connection.body, connection.size = bytearray(), 0
        connection.refusal = self._refused(request)
        if not connection.known and f"/{self._call['id']}/" not in request.path:
            # Whoever knows the call's id has been given its event; others may get and end nothing.
            connection.refusal = _refusal(403, "Forbidden", "The caller is not known")
        if connection.refusal is None and _is_stream(request):
            connection.streaming = True
            self._state = SENT
            content_type = request.headers.get("content-type", "application/octet-stream")
            self._frame(frames.STREAM, self._call["number"], b"", content_type.encode("latin-1"))
        if request.continues:
            connection.send(_CONTINUE)

    def _data(self, connection: _Connection, data: bytes) -> None:
        connection.size += len(data)
        if connection.streaming:
            self._frame(frames.CHUNK, self._call["number"], b"", data)
        elif connection.refusal is None and connection.size <= RESULT_LIMIT:
            connection.body += data

    def _finish(self, connection: _Connection, request: posts.Request) -> None:
        # Another connection may have answered meanwhile.
        refusal = connection.refusal or (None if connection.streaming else self._refused(request))
        if refusal is not None:
            connection.send(refusal)
        elif request.path.endswith("/invocation/next"):
            self._next(connection)
        elif connection.streaming:
            connection.streaming = False
            self._end_stream(request)
            connection.send(_ACCEPTED)
        else:
            self._take(connection, request)
        if request.last and connection not in self._waiting:
            self._drop(connection)

    def _refused(self, request: posts.Request) -> bytes | None:
        """The refusal of a request that makes no sense now; None when it does."""
        path = request.path[len(_VERSION) :] if request.path.startswith(_VERSION) else ""
        parts = path.split("/")
        wanted = _WANTED.get((request.method, parts[0], parts[-1], len(parts)))
        if wanted is None:
            return _refusal(404, "NotFound", "There is nothing at this path.")
        if len(parts) == 3 and parts[1] != self._call["id"]:
            return _refusal(400, "InvalidRequestID", "Invalid request ID")
        name, allowed = wanted
        if self._state not in allowed:
            text = f"State transition from {self._state} to {name} failed for runtime. "
            return _refusal(403, "InvalidStateTransition", text + "Error: State transition is not allowed")
        return None

    def _next(self, connection: _Connection) -> None:
        if self._state == STARTED:
            self._frame(frames.READY, 0, b"", b"")
        self._state = READY
        if self._event is not None:
            self._hand_over(connection)
        else:
            self._waiting.append(connection)

    def _hand_over(self, connection: _Connection) -> None:
        call, event = self._call, self._event
        headers = {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": call["id"],
            "Lambda-Runtime-Deadline-Ms": str(call["deadline_ms"]),
            "Lambda-Runtime-Invoked-Function-Arn": call["arn"],
        }
        if call["trace"]:
            headers["Lambda-Runtime-Trace-Id"] = call["trace"]
        for name, key in (("Client-Context", "client_context"), ("Cognito-Identity", "identity")):
            if call.get(key) is not None:
                headers["Lambda-Runtime-" + name] = json.dumps(call[key], separators=(",", ":"))
        self._event = None
        self._state = RUNNING
        connection.send(posts.answer(200, headers, bytes(event or b"")))

    def _take(self, connection: _Connection, request: posts.Request) -> None:
        """A whole response or error."""
        body = bytes(connection.body)
        if connection.size > RESULT_LIMIT:
            text = f"Response payload size exceeded maximum allowed payload size ({RESULT_LIMIT} bytes)."
            error_type = "Function.ResponseSizeTooLarge"
            self._fail(error_type, json.dumps({"errorMessage": text, "errorType": error_type}).encode())
            connection.send(_refusal(413, "RequestEntityTooLarge", _TOO_LARGE))
            return
        if request.path.endswith("/response"):
            self._frame(frames.RESULT, self._call["number"], b"", body)
            self._state = SENT
        else:
            self._fail(request.headers.get(_ERROR_TYPE) or _error_type(body), body)
        connection.send(_ACCEPTED)

    def _end_stream(self, request: posts.Request) -> None:
        error_type = request.trailers.get(_ERROR_TYPE)
        if error_type is None:
            self._frame(frames.RESULT, self._call["number"], b"", b"")
            return
        body = b""
        with contextlib.suppress(binascii.Error, ValueError):
            body = base64.b64decode(request.trailers.get(_ERROR_BODY, ""))
        self._fail(error_type, body)

    def _fail(self, error_type: str, body: bytes) -> None:
        """Tell of an error; one before the first `next` is that of the initialisation."""
        initialising = self._state == STARTED
        kind, number = (frames.INIT_ERROR, 0) if initialising else (frames.ERROR, self._call["number"])
        self._frame(kind, number, frames.error_head(error_type, ""), body)
        self._state = INIT_ERROR if initialising else SENT


_WANTED = {
    ("GET", "invocation", "next", 2): ("Ready", (STARTED, READY, SENT)),
    ("POST", "invocation", "response", 3): ("InvocationResponse", (RUNNING,)),
    ("POST", "invocation", "error", 3): ("InvocationErrorResponse", (RUNNING,)),
    ("POST", "init", "error", 2): ("InitError", (STARTED,)),
}
"""By method, first and last part of the path and their number: the state it leads to, and those it may come from."""


def _is_stream(request: posts.Request) -> bool:
    streams = request.headers.get(_STREAM_MODE, "").lower() == "streaming"
    return streams and request.path.endswith("/response")


def _refusal(status: int, error_type: str, text: str) -> bytes:
    return posts.json_answer(status, {"errorMessage": text, "errorType": error_type})


def _error_type(body: bytes) -> str:
    """The type that an error gives itself."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return "Function.Unknown"
    found = content.get("errorType") if isinstance(content, dict) else None
    return found if isinstance(found, str) else "Function.Unknown"


def _peak_kib(pid: int) -> int:
    """The most memory that the runtime's own process has held; 0 where the system does not tell."""
    try:
        with open(f"/proc/{pid}/status", "rb") as file:
            found = file.read().partition(b"VmHWM:")[2].split(None, 1)
            return int(found[0]) if found else 0
    except (OSError, ValueError):
        return 0


def serve(channel: socket.socket, listener: socket.socket, runtime_pid: int, began: float) -> None:
    """Be the Runtime API of one runtime, until the server lets go of it."""
    # One after the other: what the function prints must not be kept open here, nor what it may read.
    nothing = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(nothing, fd)
    RuntimeApi(channel, listener, runtime_pid, began).run()
