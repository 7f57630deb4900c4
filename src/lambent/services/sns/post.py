"""One POST to an endpoint of http or https, as SNS sends it; its status and nothing else is of interest.

Endpoints are those that this machine's users chose: addresses on it and in its network are as good as any. Source: SNS
developer guide, "HTTP/HTTPS headers"; recorded requests.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambent.clock import Clock

TIMEOUT_S = 15.0
"""How long an endpoint may take, from the connection to the status."""
_PORTS = {"http": 80, "https": 443}
_MOST_HEADERS = 256


class Poster:
    """Posts messages."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tls: ssl.SSLContext | None = None

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """Post, and return the status. Raises OSError where there is no answer; TimeoutError is one."""
        sending = asyncio.ensure_future(self._post(url, headers, body))
        late = False

        def give_up() -> None:
            nonlocal late
            late = True
            sending.cancel()

        timer = self._clock.call_later(TIMEOUT_S, give_up)
        try:
            return await sending
        except asyncio.CancelledError:
            if late:
                raise TimeoutError(f"no answer within {TIMEOUT_S:.0f} s") from None
            sending.cancel()
            raise
        finally:
            timer.cancel()

    async def _post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        reader, writer = await asyncio.open_connection(
            host, port, ssl=self._context() if parts.scheme == "https" else None
        )
        try:
            writer.write(_head(url, headers, len(body)) + body)
            await writer.drain()
            return await _status(reader)
        finally:
            writer.close()

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = ssl.create_default_context()
        return self._tls


def _head(url: str, headers: Mapping[str, str], length: int) -> bytes:
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    lines = [f"POST {parts.path or '/'}{f'?{parts.query}' if parts.query else ''} HTTP/1.1", f"Host: {host}"]
    if user:
        credentials = base64.b64encode(unquote(user).encode()).decode()
        lines.append(f"Authorization: Basic {credentials}")
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"Content-Length: {length}", "Connection: close", "Accept-Encoding: gzip,deflate", "", ""]
    return "\r\n".join(lines).encode("latin-1")


async def _status(reader: asyncio.StreamReader) -> int:
    """The status of the answer, those on the way to it passed over. Raises ConnectionError for what is no answer."""
    try:
        while True:
            line = await reader.readline()
            words = line.split(None, 2)
            if len(words) < 2 or not words[0].startswith(b"HTTP/1.") or not words[1].isdigit():
                raise ConnectionError("the endpoint closed the connection, or does not speak HTTP")
            status = int(words[1])
            if not 100 <= status < 200 or status == 101:
                return status
            for _ in range(_MOST_HEADERS):
                if await reader.readline() in (b"\r\n", b"\n", b""):
                    break
    except ValueError as problem:  # a line without an end
        raise ConnectionError("the endpoint does not speak HTTP") from problem
