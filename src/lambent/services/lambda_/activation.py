"""Brings functions from created to callable, and updates to their end; goes on after a restart with what was left.

One task per function. A task that finds that the record was changed meanwhile leaves it to the task of that change.
An update that fails leaves the target in memory as it was, so that calls go on with what was there before.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from lambent.services.lambda_ import repository
from lambent.services.lambda_.record import State
from lambent.store import StoreError

if TYPE_CHECKING:
    from lambent.clock import Clock
    from lambent.runtime.environments import Environments
    from lambent.services.lambda_.directory import FunctionDirectory
    from lambent.services.lambda_.record import FunctionKey, FunctionRecord
    from lambent.store import Store, Tx

_log = logging.getLogger(__name__)
_RETRY_AFTER_S = (1.0, 2.0, 4.0, 8.0, 16.0)
"""A full disk may have room again; the last delay is that of all further attempts."""


@dataclass(frozen=True, slots=True)
class _Ready:
    """What the preparation came to; `problem` is None when the function can be called."""

    record: FunctionRecord
    problem: str | None


class Activation:
    """Prepares functions in the background."""

    def __init__(self, *, store: Store, clock: Clock, environments: Environments, directory: FunctionDirectory) -> None:
        self._store = store
        self._clock = clock
        self._environments = environments
        self._directory = directory
        self._tasks: dict[FunctionKey, asyncio.Task[None]] = {}

    def begin(self, key: FunctionKey) -> None:
        """Start on a function whose creation or update is committed."""
        before = self._tasks.get(key)
        task = asyncio.create_task(self._run(key, before), name=f"activate {key.name}")
        self._tasks[key] = task
        task.add_done_callback(lambda done: self._done(key, done))

    async def settled(self, key: FunctionKey) -> None:
        """Wait until nothing is under way for this function."""
        while (task := self._tasks.get(key)) is not None:
            await asyncio.wait([task])

    async def resume(self) -> None:
        """Start on everything that a stop left half-way."""
        for key in await self._store.read(repository.unsettled):
            self.begin(key)

    async def stop(self) -> None:
        """End what is under way; a restart resumes it."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _done(self, key: FunctionKey, task: asyncio.Task[None]) -> None:
        if self._tasks.get(key) is task:
            del self._tasks[key]
        if not task.cancelled() and (problem := task.exception()) is not None:
            _log.error("the function %s could not be activated", key.name, exc_info=problem)

    async def _run(self, key: FunctionKey, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait([before])
        for attempt in count():
            with self._clock.work():
                if await self._step(key, last=attempt >= len(_RETRY_AFTER_S)):
                    return
            await self._clock.sleep(_RETRY_AFTER_S[min(attempt, len(_RETRY_AFTER_S) - 1)])

    async def _step(self, key: FunctionKey, *, last: bool) -> bool:
        """Whether there is nothing left to do; False asks for another attempt.

        last: a machine that cannot make the code ready has had time enough. That the database cannot take the result is
        no reason to give up: nobody else would ever settle the function.
        """
        try:
            record = await self._store.read(lambda tx: repository.load(tx, key))
            if record is None or not (record.updating or record.state is State.PENDING):
                return True
            ready = _Ready(record, await self._prepare(record, last=last))
            kept = await self._store.write(lambda tx: _conclude(tx, ready))
        except (StoreError, OSError) as problem:
            _log.warning("the function %s is not ready yet, it will be tried again: %s", key.name, problem)
            return False
        if not kept:
            # It was deleted or changed meanwhile: what was prepared is for nobody.
            self._environments.discard(*key, before_generation=record.generation + 1)
        elif ready.problem is None:
            self._directory.forget(key)
            self._environments.discard(*key, before_generation=record.generation)
        return True

    async def _prepare(self, record: FunctionRecord, *, last: bool) -> str | None:
        try:
            await self._environments.prepare(record.spec())
        except Exception as problem:
            if isinstance(problem, OSError) and not last:
                raise
            # The function is Failed and says so; what exactly went wrong is for whoever runs the server.
            _log.exception("the code of %s could not be made ready", record.arn)
            return f"The code could not be made ready: {problem}"
        return None


def _conclude(tx: Tx, ready: _Ready) -> bool:
    record, revision = ready.record, str(uuid.uuid4())
    if ready.problem is None:
        after = record.settled(revision_id=revision)
    else:
        after = record.failed(ready.problem, revision_id=revision)
    return repository.save(tx, after, read=record)
