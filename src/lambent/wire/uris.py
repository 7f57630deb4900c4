"""Finding a REST operation by method, path and query: a tree of path segments, built once from the models.

May import nothing of Lambent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Candidate:
    """One operation, as far as its address tells it from others."""

    operation: str
    method: str
    path: str
    """The template, e.g. `/{Bucket}/{Key+}`."""
    constants: Mapping[str, str]
    """What the query must contain; an empty value allows any."""
    queries: frozenset[str]
    """Query parameters that the operation requires."""
    headers: frozenset[str]
    """Headers that the operation requires, in lower case."""
    deprecated: bool = False
    """Another operation took its place, at times at the very same address."""

    @property
    def weight(self) -> tuple[int, bool]:
        """How much it asks for: of those that a request satisfies, the most demanding is meant, the newer of equals."""
        return 4 * len(self.constants) + len(self.queries) + len(self.headers), not self.deprecated

    def agrees(self, query: Mapping[str, Sequence[str]]) -> bool:
        """Whether the query has the constants."""
        return all(name in query and (not value or value in query[name]) for name, value in self.constants.items())

    def satisfied(self, query: Mapping[str, Sequence[str]], headers: Mapping[str, str]) -> bool:
        """Whether the request brings what is required besides."""
        return self.queries <= query.keys() and self.headers <= headers.keys()


@dataclass(frozen=True, slots=True)
class Found:
    """An operation, and the labels of the path that named it."""

    candidate: Candidate
    labels: dict[str, str]


@dataclass(slots=True)
class _Node:
    literals: dict[str, _Node] = field(default_factory=dict)
    label: _Node | None = None
    greedy: _Node | None = None
    ends: dict[str, list[tuple[Candidate, tuple[str, ...]]]] = field(default_factory=dict)
    """By method, the most demanding first, with the names of the labels on the way here."""


class UriTable:
    """Operations by method and path."""

    def __init__(self) -> None:
        self._root = _Node()

    def add(self, candidate: Candidate) -> None:
        """Add an operation."""
        node = self._root
        labels: list[str] = []
        for segment in candidate.path.strip("/").split("/"):
            if segment.startswith("{") and segment.endswith("+}"):
                labels.append(segment[1:-2])
                node.greedy = node.greedy or _Node()
                node = node.greedy
            elif segment.startswith("{"):
                labels.append(segment[1:-1])
                node.label = node.label or _Node()
                node = node.label
            elif segment:
                node = node.literals.setdefault(segment, _Node())
        ends = node.ends.setdefault(candidate.method, [])
        ends.append((candidate, tuple(labels)))
        ends.sort(key=lambda end: end[0].weight, reverse=True)

    def find(
        self, method: str, path: str, query: Mapping[str, Sequence[str]], headers: Mapping[str, str]
    ) -> Found | None:
        """The operation that a request is for, None where none is."""
        for node, values in self._meant(path):
            ends = node.ends.get(method) or (node.ends.get("GET") if method == "HEAD" else None)
            if not ends:
                continue
            agreeing = [end for end in ends if end[0].agrees(query)]
            if not agreeing:
                continue
            # Where nothing is satisfied the least demanding says best what is missing.
            best = next((end for end in agreeing if end[0].satisfied(query, headers)), agreeing[-1])
            candidate, names = best
            return Found(candidate, dict(zip(names, values, strict=True)))
        return None

    def methods(self, path: str) -> set[str]:
        """The methods that some operation at this path takes."""
        return {method for node, _ in self._meant(path) for method in node.ends}

    def _meant(self, path: str) -> Iterator[tuple[_Node, tuple[str, ...]]]:
        """What a path can mean; a request target that is no path, such as `*`, means nothing."""
        return _walk(self._root, path[1:], ()) if path.startswith("/") else iter(())


def _walk(node: _Node, rest: str, values: tuple[str, ...]) -> Iterator[tuple[_Node, tuple[str, ...]]]:
    """The ends that the rest of a path can mean, the most literal first; no deeper than the templates are."""
    if not rest:
        yield node, values
        return
    segment, _, further = rest.partition("/")
    if (literal := node.literals.get(segment)) is not None:
        yield from _walk(literal, further, values)
    if node.label is not None and segment:
        yield from _walk(node.label, further, (*values, segment))
    if node.greedy is not None:
        yield node.greedy, (*values, rest)
