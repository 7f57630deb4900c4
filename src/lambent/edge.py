"""What the wire hands to an application that has hosts of its own, such as function URLs, and what it is handed back.

A port: the gateway knows no service, and a service knows no socket. May import nothing of Lambent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence


class Signer(NamedTuple):
    """Who signed a request, as far as the signature tells."""

    account: str
    """Twelve digits."""
    access_key: str


@dataclass(frozen=True, slots=True)
class EdgeRequest:
    """One HTTP request."""

    id: str
    """Which of the edge's own things is asked: the part of the host, or of the path, that names it."""
    region: str | None
    """As the host names it; None where it names none."""
    method: str
    path: str
    """Raw, still percent-encoded; begins behind what leads to the edge, with a slash."""
    query: str
    """Raw, without the question mark."""
    headers: Sequence[tuple[bytes, bytes]]
    """As they came, names in lower case, repeated ones as often as they were sent."""
    body: bytes | None
    """None where it was larger than the edge takes."""
    scheme: str
    protocol: str
    """E.g. `HTTP/1.1`."""
    host: str
    """The Host header."""
    source_ip: str
    request_id: str
    signer: Signer | None
    """None where nobody signed, or the signature is malformed."""


@dataclass(frozen=True, slots=True)
class EdgeResponse:
    """One HTTP response.

    headers: encoded, names in lower case, without `date`, `content-length` and connection headers.
    body: all of it, or an iterator of its parts where it streams.
    """

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes | AsyncIterator[bytes]


class Edge(Protocol):
    """An application behind hosts of its own."""

    @property
    def body_limit(self) -> int:
        """The largest request body in bytes."""

    async def serve(self, request: EdgeRequest) -> EdgeResponse:
        """Answer a request. What it raises is a bug."""
