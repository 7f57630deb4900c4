"""Where calls find functions: memory in front of the store, invalidated by change.

Invariants: what is cached is callable and settled. While an update is in progress a cached target stays as it was, so
that calls go on with the old code; `forget` is called once the new one is ready, and not before. A qualifier is
remembered with the targets that it leads to, so that a call through an alias or a version costs what any other costs.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, NamedTuple

from lambent.arn import function_arn
from lambent.invoke.target import Target
from lambent.services.lambda_ import alias, policies, repository
from lambent.services.lambda_.qualified import is_alias
from lambent.services.lambda_.record import LATEST, FunctionKey, FunctionRecord, State
from lambent.services.lambda_.refusals import function_not_found

if TYPE_CHECKING:
    from lambent.services.lambda_.activation import Activation
    from lambent.services.lambda_.alias import Alias
    from lambent.services.lambda_.policy import Document
    from lambent.store import Store, Tx

_CACHED = 4096


class _Route(NamedTuple):
    """What a qualifier leads to."""

    target: Target
    other: Target | None = None
    """A second version, which gets a share of the calls."""
    weight: float = 0.0
    """Of the second one, 0 to 1."""

    def drawn(self, lot: float) -> Target:
        """The target of one call. lot: 0 to below 1, drawn anew for each call."""
        return self.other if self.other is not None and lot < self.weight else self.target

    def leads_to(self, version: str) -> bool:
        return version in {self.target.spec.version, self.other.spec.version if self.other is not None else None}


class _Found(NamedTuple):
    """What the store knows of a qualifier; no records where it does not exist."""

    records: list[FunctionRecord]
    weight: float = 0.0


class FunctionDirectory:
    """The directory of functions; see `lambent.invoke.target.Directory`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._routes: dict[tuple[str, str, str], dict[str, _Route]] = {}
        """By function and qualifier."""
        self._count = 0
        self._policies: dict[tuple[str, str, str, str], Document | None] = {}
        self._changes = 0
        self._activation: Activation | None = None

    def wait_for(self, activation: Activation) -> None:
        """Name who brings updates to their end: a lookup in the middle of one waits for it."""
        self._activation = activation

    def cached(self, account: str, region: str, name: str, qualifier: str | None) -> Target | None:
        """The target of one call if memory has it; None means: ask `find`."""
        routes = self._routes.get((account, region, name))
        if routes is None:
            return None
        route = routes.get(qualifier or LATEST)
        if route is None:
            return None
        return route.target if route.other is None else route.drawn(random.random())  # noqa: S311  a share, no secret

    async def find(self, account: str, region: str, name: str, qualifier: str | None) -> Target:
        """The target of one call from memory or the store; of an alias with weights, drawn for this call.

        Raises AwsError ResourceNotFoundException, which names `$LATEST` where no qualifier was given.
        """
        target = self.cached(account, region, name, qualifier)
        if target is not None:
            return target
        key = FunctionKey(account, region, name, qualifier or LATEST)
        changes = self._changes
        found = await self._store.read(lambda tx: _find(tx, key))
        if self._activation is not None and any(record.updating for record in found.records):
            await self._activation.settled(key.function)
            changes = self._changes
            found = await self._store.read(lambda tx: _find(tx, key))
        if not found.records:
            raise function_not_found(function_arn(account, region, name, key.version))
        targets = [_target(record) for record in found.records]
        route = _Route(targets[0], targets[1] if len(targets) > 1 else None, found.weight)
        # A change between the read and here has already forgotten what was read: it must not come back.
        settled = all(record.state is State.ACTIVE and not record.updating for record in found.records)
        if changes == self._changes and settled:
            self._remember(key, route)
        return route.drawn(random.random())  # noqa: S311  a share, no secret

    async def policy(self, key: FunctionKey) -> Document | None:
        """The policy of what a qualifier names (its version is the qualifier, `$LATEST` for none), if it has one."""
        if key in self._policies:
            return self._policies[key]
        changes = self._changes
        found = await self._store.read(lambda tx: policies.load(tx, key.function, policies.qualifier_of(key.version)))
        document = None if found is None else found.document
        if changes == self._changes:
            if len(self._policies) >= _CACHED:
                self._policies.pop(next(iter(self._policies)))
            self._policies[key] = document
        return document

    def forget(self, key: FunctionKey) -> None:
        """A version changed or is gone: the next call of whatever leads to it reads it anew."""
        routes = self._routes.get((key.account, key.region, key.name), {})
        self._drop(key, [one for one, route in routes.items() if one == key.version or route.leads_to(key.version)])

    def forget_qualifier(self, function: FunctionKey, qualifier: str) -> None:
        """An alias changed or is gone."""
        self._drop(function, [qualifier])

    def forget_policies(self, function: FunctionKey) -> None:
        """Policies of the function, its versions or its aliases changed."""
        self._changes += 1
        for key in [one for one in self._policies if one[:3] == function[:3]]:
            del self._policies[key]

    def _drop(self, key: FunctionKey, qualifiers: list[str]) -> None:
        self._changes += 1
        function = (key.account, key.region, key.name)
        routes = self._routes.get(function, {})
        for qualifier in qualifiers:
            self._count -= routes.pop(qualifier, None) is not None
        if not routes:
            self._routes.pop(function, None)

    def _remember(self, key: FunctionKey, route: _Route) -> None:
        while self._count >= _CACHED:
            oldest = next(iter(self._routes))
            self._count -= len(self._routes.pop(oldest))
        routes = self._routes.setdefault((key.account, key.region, key.name), {})
        self._count += key.version not in routes
        routes[key.version] = route


def _find(tx: Tx, key: FunctionKey) -> _Found:
    if not is_alias(key.version):
        record = repository.load(tx, key)
        return _Found([] if record is None else [record])
    named = alias.load(tx, key.function, key.version)
    if named is None:
        return _Found([])
    return _Found(_records(tx, named), next(iter(named.weights.values()), 0.0))


def _records(tx: Tx, named: Alias) -> list[FunctionRecord]:
    found = [repository.load(tx, named.function._replace(version=version)) for version in named.versions]
    return [record for record in found if record is not None]


def _target(record: FunctionRecord) -> Target:
    traced = record.configuration.tracing_mode == "Active"
    return Target(record.spec(), record.state, record.state_reason, traced)
