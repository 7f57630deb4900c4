"""From a bus to its rules: which targets get an event, and which archives.

Rules are compiled once for each of their states: a bus's token changes with them and never comes twice, so that what is
kept under a token is true for ever. May be called from any thread, within the transaction that brings the event.
"""

from __future__ import annotations

import json
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from lambent.services.events import archive, outbox, repository
from lambent.services.events.outbox import Leaving, Letter
from lambent.services.events.pattern import compiled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambent.patterns import Pattern
    from lambent.services.events.record import Bus, BusKey
    from lambent.store import Tx

_MOST_KEPT = 1024


class _Route(NamedTuple):
    rule_arn: str
    pattern: Pattern
    targets: list[str]


class _Routes(NamedTuple):
    """What is compiled of a bus."""

    by_source: dict[str, list[_Route]]
    """Rules that name the sources that they want, which most do: the others are not asked."""
    of_any: list[_Route]
    archives: list[tuple[int, Pattern | None]]

    def of(self, event: dict[str, Any]) -> Iterator[_Route]:
        """The rules that may match."""
        return chain(self.by_source.get(event["source"], ()), self.of_any)


class Routing:
    """Hands events to the targets of rules that match."""

    def __init__(self) -> None:
        self._kept: dict[str, _Routes] = {}

    def route(
        self, tx: Tx, key: BusKey, event: dict[str, Any], letter: Letter, *, only: frozenset[str] = frozenset()
    ) -> bool:
        """Have an event that came to a bus handed to all whom it concerns; False where there is no such bus.

        only: the rules that are asked, all of them where it is empty.
        """
        bus = repository.load_bus(tx, key)
        if bus is None:
            return False
        if bus.id is not None:
            routes = self._kept.get(bus.rules_token) or self._compile(tx, bus)
            to = [
                Leaving(route.rule_arn, target)
                for route in routes.of(event)
                if (not only or route.rule_arn in only) and route.pattern.matches(event)
                for target in route.targets
            ]
            outbox.put(tx, letter, to)
            if "replay-name" not in event:
                for number, pattern in routes.archives:
                    if pattern is None or pattern.matches(event):
                        archive.keep(tx, number, letter)
        return True

    def _compile(self, tx: Tx, bus: Bus) -> _Routes:
        routes = _Routes({}, [], [(number, _pattern(text)) for number, text in archive.patterns(tx, bus)])
        targets = repository.targets_of_bus(tx, bus)
        for rule in repository.rules(tx, bus):
            if rule.pattern is None or rule.state == "DISABLED" or rule.id not in targets:
                continue
            route = _Route(rule.arn, compiled(rule.pattern), targets[rule.id])
            sources = sources_of(rule.pattern)
            if sources is None:
                routes.of_any.append(route)
            else:
                for source in sources:
                    routes.by_source.setdefault(source, []).append(route)
        while len(self._kept) >= _MOST_KEPT:
            self._kept.pop(next(iter(self._kept)), None)
        self._kept[bus.rules_token] = routes
        return routes


def sources_of(pattern: str) -> frozenset[str] | None:
    """The only sources that a pattern can match, where it names them; None where it may match others."""
    values = json.loads(pattern).get("source")
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        return None
    return frozenset(values)


def _pattern(text: str | None) -> Pattern | None:
    return None if text is None else compiled(text)
