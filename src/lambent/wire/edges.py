"""Finds the application that a host, or a path below `/_lambent/`, belongs to: function URLs and the like.

The host decides before anything else: what is sent to somebody's own host is never an AWS call, whatever it looks like.
Clients that cannot resolve names below `localhost` use the path. May import `edge` and `wire.hosts`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lambent.wire.hosts import parse_host

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambent.edge import Edge

_OURS = b"/_lambent/"
_BY_PATH = {"url": "lambda-url"}
"""From what follows `/_lambent/` to the kind of host that it stands for."""


class Visit(NamedTuple):
    """A request that belongs to an edge."""

    edge: Edge
    id: str
    region: str | None
    path: str
    """Raw, from the edge's own root on."""
    host: str


class Edges:
    """The edges by the kind of their hosts: `lambda-url`, `execute-api`."""

    def __init__(self, edges: Mapping[str, Edge]) -> None:
        self._edges = edges

    def find(self, header: str, raw: bytes) -> Visit | None:
        """Whom a request is for, by its Host header and its raw path; None where it is for no edge."""
        host = parse_host(header)
        if host.service is not None and (edge := self._edges.get(host.service)) is not None:
            return Visit(edge, host.name or "", host.region, raw.decode("latin-1"), header)
        if not raw.startswith(_OURS):
            return None
        kind, _, rest = raw[len(_OURS) :].decode("latin-1").partition("/")
        by_path = self._edges.get(_BY_PATH.get(kind, ""))
        if by_path is None:
            return None
        visited, _, below = rest.partition("/")
        return Visit(by_path, visited, None, f"/{below}", header)
