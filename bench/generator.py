"""The load generator: a process of its own that makes calls over keep-alive connections and checks every answer.

Reads what to do as JSON from standard input and writes what it measured as JSON to standard output; `load.py` is its
other end. May import nothing of Lambent. Request bytes are made before the clock starts; answers are taken apart with
one regular expression, so that the generator costs a small part of what it measures.
"""

from __future__ import annotations

import asyncio
import gc
import json
import re
import sys
import time
from typing import Any

import uvloop

_HEAD = re.compile(
    rb"HTTP/1\.1 (\d{3})[^\n]*\n(?:[^\r\n]+\r\n)*?content-length: *(\d+)\r\n(?:[^\r\n]+\r\n)*\r\n", re.IGNORECASE
)
_REQUEST = (
    "POST {path} HTTP/1.1\r\n"
    "Host: {host}:{port}\r\n"
    "Accept-Encoding: identity\r\n"
    "User-Agent: Boto3/1.44.8 md/Botocore#1.44.8 ua/2.1 os/linux lang/python#3.13 cfg/retry-mode#legacy\r\n"
    "X-Amz-Date: {date}\r\n"
    "Authorization: AWS4-HMAC-SHA256 Credential=000000000000/{day}/us-east-1/lambda/aws4_request,"
    " SignedHeaders=host;x-amz-date, Signature={signature}\r\n"
    "amz-sdk-invocation-id: 6d3b1cc2-1c1a-4f5e-9f0e-7a3f9b0c5d21\r\n"
    "amz-sdk-request: attempt=1\r\n"
    "Content-Length: {length}\r\n\r\n"
)


class WrongAnswer(Exception):  # noqa: N818  said of the server
    """An answer that is not the one that was expected, or none."""


class Phase:
    """Calls of all clients together, until there are enough or time is up."""

    def __init__(self, calls: int, seconds: float) -> None:
        self.done = asyncio.get_running_loop().create_future()
        self.took: list[float] = []
        """Seconds of each call."""
        self.began = time.perf_counter()
        self.ended = self.began
        self._unsent = calls
        self._deadline = self.began + seconds
        self._number = 0
        self._busy = 0

    def next(self, now: float) -> int | None:
        """The number of the call that a client makes next; None when it is to stop."""
        if self._unsent <= 0 or now > self._deadline:
            if self._busy == 0 and not self.done.done():
                self.ended = now
                self.done.set_result(None)
            return None
        self._unsent -= 1
        self._busy += 1
        self._number += 1
        return self._number - 1

    def answered(self, took: float) -> None:
        """A call has its answer."""
        self._busy -= 1
        self.took.append(took)

    def fail(self, problem: Exception) -> None:
        """End with a problem; the first one counts."""
        if not self.done.done():
            self.done.set_exception(problem)


class Client(asyncio.Protocol):
    """One connection: a call, its answer, the next call."""

    _transport: asyncio.Transport
    _phase: Phase

    def __init__(self, requests: list[bytes], status: bytes, answer: bytes, *, exact: bool) -> None:
        """answer: what each body is, or (not `exact`) what it begins with."""
        self._requests = requests
        self._status = status
        self._answer = answer
        self._exact = exact
        self._sent = 0.0
        self._parts: list[bytes] = []
        self._missing = 0

    def run(self, phase: Phase) -> None:
        """Take part in a phase."""
        self._phase = phase
        self._go_on(phase, time.perf_counter())

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if hasattr(self, "_phase"):
            self._phase.fail(WrongAnswer(f"the connection was closed: {exc}"))

    def data_received(self, data: bytes) -> None:
        if self._parts:
            self._parts.append(data)
            self._missing -= len(data)
            if self._missing > 0:
                return
            data = b"".join(self._parts)
            self._parts = []
        head = _HEAD.match(data)
        if head is None:
            if b"\r\n\r\n" in data:
                self._refuse(data)
            else:
                self._parts = [data]
            return
        self._missing = head.end() + int(head[2]) - len(data)
        if self._missing > 0:
            self._parts = [data]
        elif head[1] == self._status and self._is_right(data, head.end()):
            self._answered()
        else:
            self._refuse(data)

    def _is_right(self, data: bytes, body_at: int) -> bool:
        if self._exact:
            return len(data) - body_at == len(self._answer) and data.endswith(self._answer)
        return data.startswith(self._answer, body_at)

    def _answered(self) -> None:
        now = time.perf_counter()
        self._phase.answered(now - self._sent)
        self._go_on(self._phase, now)

    def _go_on(self, phase: Phase, now: float) -> None:
        number = phase.next(now)
        if number is not None:
            self._sent = time.perf_counter()
            self._transport.write(self._requests[number % len(self._requests)])

    def _refuse(self, data: bytes) -> None:
        self._phase.fail(WrongAnswer(data[:1000].decode("utf-8", "replace")))


def requests_of(order: dict[str, Any]) -> list[bytes]:
    """The bytes of a call to each path, with the headers that boto3 sends."""
    body = order["body"].encode()
    date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    rest = {"host": order["host"], "port": order["port"], "length": len(body), "date": date, "day": date[:8]}
    return [_REQUEST.format(path=path, signature="0" * 64, **rest).encode() + body for path in order["paths"]]


async def generate(order: dict[str, Any]) -> dict[str, Any]:
    """Carry out an order: calls that are not counted, then calls that are."""
    loop = asyncio.get_running_loop()
    requests = requests_of(order)
    answer, exact, status = order["answer"].encode(), order["exact"], str(order["status"]).encode()
    clients = []
    for _ in range(order["clients"]):
        client = Client(requests, status, answer, exact=exact)
        await loop.create_connection(lambda made=client: made, order["host"], order["port"])  # type: ignore[misc]
        clients.append(client)
    gc.freeze()
    gc.disable()
    if order["warm_up"]:
        await phase_of(clients, order["warm_up"], order["seconds"])
    phase = await phase_of(clients, order["calls"], order["seconds"])
    took = sorted(phase.took)
    return {
        "calls": len(took),
        "seconds": phase.ended - phase.began,
        "p50_ms": took[len(took) // 2] * 1000,
        "p99_ms": took[min(len(took) * 99 // 100, len(took) - 1)] * 1000,
    }


async def phase_of(clients: list[Client], calls: int, seconds: float) -> Phase:
    """Let all clients call."""
    phase = Phase(calls, seconds)
    for client in clients:
        client.run(phase)
    # Calls under way when time is up still get their answers; what hangs must not hang the benchmark.
    await asyncio.wait_for(phase.done, seconds + 30)
    return phase


def main() -> None:
    """Be the generator."""
    try:
        result = uvloop.run(generate(json.load(sys.stdin)))
    except (OSError, TimeoutError, WrongAnswer) as problem:
        sys.exit(f"{type(problem).__name__}: {problem}")
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()
