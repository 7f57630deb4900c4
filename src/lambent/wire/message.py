"""What goes in and out of the codecs: a request after routing, a response before it is framed for HTTP.

The gateway builds `WireRequest` from ASGI and the router's match; the codecs know nothing of sockets, credentials or
routing. May import nothing of Lambent. Both are frozen: nobody edits a message on its way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping


class WireRequest(NamedTuple):
    """One HTTP request whose operation is known.

    path: raw, still percent-encoded, without the query.
    query: raw, without the question mark; empty where there is none.
    headers: names in lower case, values decoded as latin-1, repeated ones joined with a comma.
    body: whole, after aws-chunked and content encodings were undone.
    labels: the parts of the URI that the operation's template names, as they were matched: still percent-encoded.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    labels: Mapping[str, str]


class WireResponse(NamedTuple):
    """One HTTP response.

    headers: encoded, without `content-length`, `date` and connection headers, which the server adds.
    body: all of it, or an iterator of its parts where it streams.
    """

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes | AsyncIterator[bytes]
