"""Where calls find functions: memory in front of the store, invalidated by change.

Invariants: what is cached is callable and settled. While an update is in progress a cached target stays as it was, so
that calls go on with the old code; `forget` is called once the new one is ready, and not before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambent.arn import function_arn
from lambent.invoke.target import Target
from lambent.services.lambda_ import repository
from lambent.services.lambda_.record import LATEST, FunctionKey, FunctionRecord, State
from lambent.services.lambda_.refusals import function_not_found

if TYPE_CHECKING:
    from lambent.services.lambda_.activation import Activation
    from lambent.store import Store

_CACHED = 4096


class FunctionDirectory:
    """The directory of functions; see `lambent.invoke.target.Directory`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._targets: dict[FunctionKey, Target] = {}
        self._changes = 0
        self._activation: Activation | None = None

    def wait_for(self, activation: Activation) -> None:
        """Name who brings updates to their end: a lookup in the middle of one waits for it."""
        self._activation = activation

    def cached(self, account: str, region: str, name: str, qualifier: str | None) -> Target | None:
        """The target if memory has it; None means: ask `find`."""
        return self._targets.get(FunctionKey(account, region, name, qualifier or LATEST))

    async def find(self, account: str, region: str, name: str, qualifier: str | None) -> Target:
        """The target from memory or the store.

        Raises AwsError ResourceNotFoundException, which names `$LATEST` where no qualifier was given.
        """
        key = FunctionKey(account, region, name, qualifier or LATEST)
        target = self._targets.get(key)
        if target is not None:
            return target
        changes = self._changes
        record = await self._store.read(lambda tx: repository.load(tx, key))
        if record is not None and record.updating and self._activation is not None:
            await self._activation.settled(key)
            changes = self._changes
            record = await self._store.read(lambda tx: repository.load(tx, key))
        if record is None:
            raise function_not_found(function_arn(account, region, name, key.version))
        target = _target(record)
        # A change between the read and here has already forgotten what was read: it must not come back.
        if changes == self._changes and record.state is State.ACTIVE and not record.updating:
            self._remember(key, target)
        return target

    def forget(self, key: FunctionKey) -> None:
        """The function changed: the next call reads it anew."""
        self._changes += 1
        self._targets.pop(key, None)

    def _remember(self, key: FunctionKey, target: Target) -> None:
        if len(self._targets) >= _CACHED:
            self._targets.pop(next(iter(self._targets)))
        self._targets[key] = target


def _target(record: FunctionRecord) -> Target:
    traced = record.configuration.tracing_mode == "Active"
    return Target(record.spec(), record.state, record.state_reason, traced)
