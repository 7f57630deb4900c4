"""Environments that are initialised before anybody calls, and kept: provisioned concurrency.

    started -> initialising -> ready -> (call) -> ready ...
                                |          |
                                +----------+---> gone, and another is started in its place
                                                 (its runtime ended, it timed out, its processes were killed)

They stand in the pool as others do, where they are taken first, never expire, and never make room for another. May
import clock, call's limits, environment, pool and spec.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING

from lambent.runtime.channel import Answer
from lambent.runtime.environment import Expired
from lambent.runtime.guest.frames import READY
from lambent.runtime.pool import key_of
from lambent.runtime.spec import PROVISIONED

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from lambent.clock import Clock
    from lambent.runtime.environment import Environment
    from lambent.runtime.pool import FunctionKey, PoolKey
    from lambent.runtime.spec import FunctionSpec

_log = logging.getLogger(__name__)
_INIT_LIMIT_S = 130.0
"""Or the function's timeout, where that is longer. Source: developer guide, "Lambda execution environment"."""
_AT_ONCE = 4
_LONGEST_PAUSE_S = 60.0


class InitFailed(Exception):  # noqa: N818  an answer of the function, not an error of the program
    """The function could not be initialised."""


@dataclass(slots=True, eq=False)
class _Group:
    """The environments of one generation."""

    spec: FunctionSpec
    wanted: int = 0
    live: set[Environment] = field(default_factory=set)
    """Those that exist, initialised or not yet."""
    ready: set[Environment] = field(default_factory=set)
    filling: asyncio.Lock = field(default_factory=asyncio.Lock)
    refill: asyncio.Task[None] | None = None


class ProvisionedEnvironments:
    """Keeps as many environments ready as are wanted of each generation."""

    def __init__(
        self,
        *,
        clock: Clock,
        make: Callable[[FunctionSpec], Awaitable[Environment]],
        give_back: Callable[[Environment], None],
        give_up: Callable[[], None],
    ) -> None:
        """make: a new environment, busy. give_back: it is idle now. give_up: it is gone while it was busy."""
        self._clock = clock
        self._make = make
        self._give_back = give_back
        self._give_up = give_up
        self._groups: dict[PoolKey, _Group] = {}
        self._stopping = False

    async def keep(self, spec: FunctionSpec, wanted: int) -> None:
        """Keep so many ready; returns once they are. Those above are let go when they are next given back.

        Raises InitFailed, and what making an environment raises; those that are ready by then stay.
        """
        group = self._groups.setdefault(key_of(spec), _Group(replace(spec, initialization_type=PROVISIONED)))
        group.wanted = wanted
        async with group.filling:
            await self._fill(group)

    def release(self, function: FunctionKey) -> list[PoolKey]:
        """Keep none of a version any more; the generations that were kept."""
        return self.forget(lambda key: key.function == function)

    def forget(self, which: Callable[[PoolKey], bool]) -> list[PoolKey]:
        """Keep none of these generations any more; those that were kept."""
        keys = [key for key in self._groups if which(key)]
        for key in keys:
            group = self._groups.pop(key)
            group.wanted = 0
            if group.refill is not None:
                group.refill.cancel()
        return keys

    def ready(self, function: FunctionKey) -> int:
        """How many of a version are initialised, idle or serving a call."""
        return sum(len(group.ready) for key, group in self._groups.items() if key.function == function)

    def surplus(self, key: PoolKey) -> int:
        """How many more there are than wanted."""
        group = self._groups.get(key)
        return 0 if group is None else max(0, len(group.live) - group.wanted)

    def keeps(self, environment: Environment) -> bool:
        """Whether an environment that comes back is to be kept ready; one that is not is forgotten here."""
        group = self._groups.get(environment.pool)
        if group is None or environment not in group.live:
            return False
        if environment.ready and len(group.live) <= group.wanted:
            return True
        self.gone(environment)
        return False

    def gone(self, environment: Environment) -> None:
        """An environment has ended or is about to: another one takes its place."""
        group = self._groups.get(environment.pool)
        if group is not None and environment in group.ready:
            group.live.discard(environment)
            group.ready.discard(environment)
            self._refill(group)

    async def stop(self) -> None:
        """Start none any more."""
        self._stopping = True
        tasks = [group.refill for group in self._groups.values() if group.refill is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _fill(self, group: _Group) -> None:
        while (missing := group.wanted - len(group.live)) > 0:
            starts = [self._start(group) for _ in range(min(missing, _AT_ONCE))]
            problems = [one for one in await asyncio.gather(*starts, return_exceptions=True) if one is not None]
            if problems:
                raise problems[0]

    async def _start(self, group: _Group) -> None:
        environment = await self._make(group.spec)
        group.live.add(environment)
        try:
            await _initialise(environment)
        except BaseException:
            group.live.discard(environment)
            environment.end()
            self._give_up()
            raise
        group.ready.add(environment)
        self._give_back(environment)

    def _refill(self, group: _Group) -> None:
        if group.refill is None and not self._stopping and len(group.live) < group.wanted:
            group.refill = asyncio.create_task(self._run_refill(group), name=f"provision {group.spec.name}")

    async def _run_refill(self, group: _Group) -> None:
        try:
            for attempt in count():
                try:
                    async with group.filling:
                        await self._fill(group)
                except Exception as problem:  # noqa: BLE001  the boundary of a background task: it tries again
                    _log.warning("no provisioned environment for %s: %r", group.spec.arn, problem)
                    await self._clock.sleep(min(2.0**attempt, _LONGEST_PAUSE_S))
                else:
                    return
        finally:
            group.refill = None


async def _initialise(environment: Environment) -> None:
    """Wait for a runtime to come up. Raises InitFailed."""
    limit_s = max(_INIT_LIMIT_S, float(environment.spec.timeout_s))
    environment.fresh = False
    environment.listen()
    try:
        environment.write_aside(environment.parts.init_start)
        began = environment.clock.monotonic()
        event = await environment.next(limit_s)
        took_ms = (environment.clock.monotonic() - began) * 1000
        if isinstance(event, Answer) and event.kind == READY:
            environment.write_aside(environment.parts.says.initialised(event.took_ms))
            return
        environment.drain()
        if isinstance(event, Answer) and event.event:
            environment.write([event.event])
        status = "timeout" if isinstance(event, Expired) else "error"
        error_type = getattr(event, "error_type", None)
        environment.write(environment.parts.says.init_failed(took_ms, "init", status, error_type))
        raise InitFailed(f"the initialisation of {environment.spec.arn} ended with {event}")
    finally:
        environment.rest()
        environment.flush()
