"""Keeps what functions claim in force: tells it to the admission of calls, and has provisioned environments started.

The store says what is claimed; this makes it so, after each change and after a start of the server. One task per
function starts environments; one that finds new claims meanwhile begins anew.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from lambent.invoke.concurrency import NO_CLAIMS
from lambent.runtime.environments import CapacityExceeded
from lambent.runtime.interpreters import RuntimeUnavailable
from lambent.runtime.provisioned import InitFailed
from lambent.services.lambda_ import claims, repository
from lambent.store import StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambent.clock import Clock
    from lambent.invoke.concurrency import Claims, Concurrency
    from lambent.runtime.environments import Environments
    from lambent.services.lambda_.claims import Provisioned
    from lambent.services.lambda_.record import FunctionKey, FunctionRecord
    from lambent.store import Store, Tx

_log = logging.getLogger(__name__)
_LONGEST_PAUSE_S = 16.0
INIT_FAILURE = "FUNCTION_ERROR_INIT_FAILURE"


class _Wanted(NamedTuple):
    """What is to be kept ready for a function."""

    configs: list[Provisioned]
    counts: dict[str, dict[str, int]]
    """By qualifier, how many environments of each version."""
    records: dict[str, FunctionRecord]
    """The versions that exist, of those in `counts`."""


class Provisioning:
    """Claims in force. The constructor starts nothing."""

    def __init__(self, *, store: Store, clock: Clock, environments: Environments, concurrency: Concurrency) -> None:
        self._store = store
        self._clock = clock
        self._environments = environments
        self._concurrency = concurrency
        self._reading = asyncio.Lock()
        """Claims are told in the order in which they were read: an older one never comes after a newer one."""
        self._tasks: dict[FunctionKey, asyncio.Task[None]] = {}
        self._provisioned: dict[FunctionKey, set[str]] = {}
        """Versions that environments are kept ready for."""

    async def resume(self) -> None:
        """Put into force what was claimed before the server started. Raises StoreError."""
        for function, claimed in (await self._store.read(claims.everything)).items():
            self._concurrency.claim(*function[:3], claimed)
            if claimed.provisioned:
                self._begin(function)

    async def stop(self) -> None:
        """End what is under way; a restart resumes it."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def settle(self, function: FunctionKey) -> None:
        """A function's claims may have changed: they hold for every call from when this returns.

        Environments are started behind it, and claims that cannot be read now are read behind it, too: the change
        itself is kept already, and its client is not to be told otherwise.
        """
        try:
            claimed = await self._apply(function)
        except StoreError as problem:
            _log.warning("what %s claims could not be read, it will be tried again: %s", function.name, problem)
            self._begin(function)
        else:
            if claimed.provisioned or function in self._tasks:
                self._begin(function)

    def ready(self, function: FunctionKey, counts: Mapping[str, int]) -> int:
        """How many of these environments, by version, wait for calls or serve one."""
        provisioned = self._environments.provisioned
        return sum(min(wanted, provisioned(*function[:3], version)) for version, wanted in counts.items())

    async def settled(self, function: FunctionKey) -> None:
        """Wait until nothing is under way for this function."""
        while (task := self._tasks.get(function)) is not None:
            await asyncio.wait([task])

    def _release(self, function: FunctionKey, claimed: Claims) -> None:
        """Let go of the environments of versions that none are claimed for any more."""
        kept = self._provisioned.get(function, set())
        for version in kept - claimed.provisioned.keys():
            self._environments.release(*function[:3], version)
            kept.discard(version)
        if not kept:
            self._provisioned.pop(function, None)

    def _begin(self, function: FunctionKey) -> None:
        before = self._tasks.get(function)
        if before is not None:
            before.cancel()
        task = asyncio.create_task(self._run(function, before), name=f"provision {function.name}")
        self._tasks[function] = task
        task.add_done_callback(lambda done: self._done(function, done))

    def _done(self, function: FunctionKey, task: asyncio.Task[None]) -> None:
        if self._tasks.get(function) is task:
            del self._tasks[function]
        if not task.cancelled() and (problem := task.exception()) is not None:
            _log.error("environments of %s could not be provisioned", function.name, exc_info=problem)

    async def _run(self, function: FunctionKey, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait([before])
        for attempt in count():
            try:
                await self._step(function)
            except StoreError as problem:
                _log.warning("%s cannot be provisioned now, it will be tried again: %s", function.name, problem)
                await self._clock.sleep(min(2.0**attempt, _LONGEST_PAUSE_S))
            else:
                return

    async def _step(self, function: FunctionKey) -> None:
        """Put the claims into force, and have their environments started."""
        await self._apply(function)
        wanted = await self._store.read(lambda tx: _wanted(tx, function))
        together: Counter[str] = Counter()
        for counts in wanted.counts.values():
            together.update(counts)
        for version, record in wanted.records.items():
            self._provisioned.setdefault(function, set()).add(version)
            failure = await self._provision(record, together[version])
            if failure is not None:
                await self._fail(function, wanted, version, failure)
                return

    async def _apply(self, function: FunctionKey) -> Claims:
        """Tell what a function claims now."""
        async with self._reading:
            claimed = await self._store.read(lambda tx: claims.claims(tx, function))
            if claimed != NO_CLAIMS or self._concurrency.claims(*function[:3]) != NO_CLAIMS:
                self._concurrency.claim(*function[:3], claimed)
            self._release(function, claimed)
        return claimed

    async def _provision(self, record: FunctionRecord, wanted: int) -> str | None:
        """Why it came to nothing; None when the environments are ready."""
        try:
            await self._environments.provision(record.spec(), wanted)
        except InitFailed:
            return INIT_FAILURE
        except (CapacityExceeded, RuntimeUnavailable, OSError) as problem:
            return f"Lambent could not start the environments: {problem}"
        return None

    async def _fail(self, function: FunctionKey, wanted: _Wanted, version: str, failure: str) -> None:
        failed = [one for one in wanted.configs if version in wanted.counts.get(one.qualifier, {})]
        _log.warning("provisioned concurrency of %s, version %s, failed: %s", function.name, version, failure)
        await self._store.write(lambda tx: [claims.fail(tx, config, failure) for config in failed])
        # What has failed claims nothing any more; what was started for it goes.
        await self.settle(function)


def _wanted(tx: Tx, function: FunctionKey) -> _Wanted:
    counts = claims.provisioned_by_version(tx, function)
    versions = {version for each in counts.values() for version in each}
    found = {version: repository.load(tx, function._replace(version=version)) for version in sorted(versions)}
    records = {version: record for version, record in found.items() if record is not None}
    return _Wanted(claims.of_function(tx, function), counts, records)
