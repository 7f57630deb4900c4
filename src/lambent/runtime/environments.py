"""Every execution environment of this server: finds or makes one for a call, and ends those that nobody needs.

May import everything of the runtime. Invariants: an environment serves one call at a time and one generation of one
version of one function; there are never more than `max_environments`; none outlives the server.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from lambent.runtime import call
from lambent.runtime.host import Host
from lambent.runtime.interpreters import Interpreters, RuntimeUnavailable
from lambent.runtime.pool import FunctionKey, Pool, key_of
from lambent.runtime.provisioned import ProvisionedEnvironments
from lambent.runtime.spec import PROVISIONED

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from pathlib import Path

    from lambent.clock import Clock, Timer
    from lambent.runtime.environment import Environment
    from lambent.runtime.interpreters import Choice
    from lambent.runtime.logs import LogSink
    from lambent.runtime.pool import PoolKey
    from lambent.runtime.spec import FunctionSpec, Invocation, Outcome

_log = logging.getLogger(__name__)
_TRIES = 3
"""More than there are places made ahead, which may all have been killed together."""


class CapacityExceeded(Exception):  # noqa: N818  a state of the machine, not an error of the program
    """All environments that this server may have are busy."""


@dataclass(frozen=True, slots=True)
class RuntimeOptions:
    """How environments are made and kept."""

    max_environments: int = 1000
    """Environments of all functions together; idle ones give way first."""
    idle_timeout_s: float = 600.0
    """How long an environment may stand idle before it ends."""
    strict: bool = False
    """Refuse runtimes that this machine does not have, instead of running them on the nearest."""
    isolation: Literal["auto", "none"] = "auto"


class Environments:
    """Runs functions. The constructor starts nothing."""

    def __init__(
        self,
        *,
        clock: Clock,
        run_dir: Path,
        fetch_code: Callable[[str], Awaitable[bytes | Path]],
        logs: LogSink,
        endpoint: str = "",
        options: RuntimeOptions = RuntimeOptions(),
    ) -> None:
        """run_dir: private to this server, may be deleted between runs. fetch_code: the zip behind a code key.

        endpoint: AWS_ENDPOINT_URL inside functions; may be set later, before the first call.
        """
        self._clock = clock
        self._options = options
        self._host = Host(
            clock=clock,
            run_dir=run_dir,
            fetch_code=fetch_code,
            sink=logs,
            interpreters=Interpreters(clock, strict=options.strict),
            # A user is free again only when its last process is gone, a moment after its place in the pool.
            users=2 * options.max_environments,
        )
        self._host.endpoint = endpoint
        self._pool: Pool[Environment] = Pool(options.max_environments)
        self._provisioned = ProvisionedEnvironments(
            clock=clock, make=self._make, give_back=self._release, give_up=self._pool.give_up
        )
        self._held: dict[PoolKey, FunctionSpec] = {}
        """The generations that may be called, whose code is kept unpacked."""
        self._reaper: Timer | None = None
        self._running = 0
        self._stopping = False
        self._drained = asyncio.Event()
        self._background: set[asyncio.Task[None]] = set()

    @property
    def endpoint(self) -> str:
        """AWS_ENDPOINT_URL inside functions that start from now on."""
        return self._host.endpoint

    @endpoint.setter
    def endpoint(self, url: str) -> None:
        self._host.endpoint = url

    # --- start and stop

    async def start(self, prewarm: Sequence[str] = ()) -> None:
        """Begin to serve. prewarm: runtimes (`python3.11`) whose zygote starts now, in the background.

        Raises OSError where the run directory cannot be used.
        """
        await self._host.start(self._options.isolation)
        for runtime in prewarm:
            task = asyncio.create_task(self._prewarm(runtime), name=f"prewarm {runtime}")
            self._background.add(task)
            task.add_done_callback(self._background.discard)

    async def stop(self, grace_s: float) -> None:
        """Take no more calls, let running ones end for `grace_s` seconds, then end every process."""
        self._stopping = True
        if self._reaper is not None:
            self._reaper.cancel()
        if self._running:
            timer = self._clock.call_later(grace_s, self._drained.set)
            await self._drained.wait()
            timer.cancel()
        for task in list(self._background):
            task.cancel()
        await self._provisioned.stop()
        await self._host.stop()

    async def _prewarm(self, runtime: str) -> None:
        try:
            choice = await self._host.interpreters.choose(runtime)
            await self._host.zygote(choice)
        except Exception:  # noqa: BLE001  the boundary of a background task
            # Nobody waits for it: a function that needs it will try again and be told.
            _log.exception("%s could not be warmed up", runtime)

    def _drain(self) -> None:
        if self._stopping and not self._running:
            self._drained.set()

    # --- functions

    async def choose(self, runtime: str) -> Choice:
        """What this runtime runs on here. Raises RuntimeUnavailable."""
        return await self._host.interpreters.choose(runtime)

    async def prepare(self, spec: FunctionSpec) -> None:
        """Make the code ready to run. Raises BadArchive, ArchiveTooLarge, RuntimeUnavailable."""
        choice = await self.choose(spec.runtime)
        await self._hold(spec)
        await self._host.zygote(choice)

    async def invoke(self, spec: FunctionSpec, invocation: Invocation) -> Outcome:
        """Run one call to its end. Raises CapacityExceeded, and RuntimeUnavailable where nothing can run it."""
        if self._stopping:
            raise CapacityExceeded("the server is stopping")
        self._running += 1
        reason = ""
        try:
            with self._clock.work():
                for _ in range(_TRIES):
                    try:
                        return await self._try(spec, invocation)
                    except call.EnvironmentLost as problem:
                        # The function has not seen the call, so that it may be made again in another environment.
                        reason = str(problem)
            raise RuntimeUnavailable(reason)
        finally:
            self._running -= 1
            self._drain()

    async def provision(self, spec: FunctionSpec, count: int) -> None:
        """Keep so many environments ready for calls, initialised ahead of them; returns once they are.

        Those that end are replaced. Raises InitFailed, CapacityExceeded, RuntimeUnavailable, OSError.
        """
        key = key_of(spec)
        with self._clock.work():
            await self._provisioned.keep(spec, count)
        while self._provisioned.surplus(key) and (environment := self._pool.take_kept(key)) is not None:
            self._release(environment)

    def release(self, account: str, region: str, name: str, version: str) -> None:
        """Keep none of a version ready any more: idle ones end now, busy ones after their call."""
        for key in self._provisioned.release(FunctionKey(account, region, name, version)):
            while (environment := self._pool.take_kept(key)) is not None:
                self._release(environment)

    def provisioned(self, account: str, region: str, name: str, version: str) -> int:
        """How many environments of a version are ready, idle or serving a call."""
        return self._provisioned.ready(FunctionKey(account, region, name, version))

    def discard(self, account: str, region: str, name: str, version: str, before_generation: int) -> None:
        """End environments of older generations: idle ones now, busy ones after their call."""
        function = FunctionKey(account, region, name, version)
        ended = self._pool.discard(function, before_generation)
        self._provisioned.forget(self._pool.is_outdated)
        for environment in ended:
            environment.end()
        for key in [one for one in self._held if one.function == function and self._pool.is_outdated(one)]:
            self._host.code.let_go_all(self._held.pop(key), key)

    def describe(self) -> dict[str, Any]:
        """Facts for people: isolation and why, counts, interpreters. JSON values."""
        isolation = self._host.isolation
        known = self._host.interpreters.known() or ()
        zygotes = self._host.zygote_facts()
        return {
            "isolation": {"level": isolation.level, "mode": isolation.mode, "reasons": list(isolation.reasons)},
            "environments": {
                "existing": self._pool.count,
                "idle": self._pool.idle,
                "busy": self._pool.count - self._pool.idle,
                "limit": self._options.max_environments,
            },
            "interpreters": [{"version": one.text, "path": str(one.path)} for one in known],
            "zygotes": [
                {"interpreter": path, "pid": facts.pid, "problems": list(facts.preload_problems)}
                for path, facts in zygotes.items()
            ],
        }

    # --- calls

    async def _try(self, spec: FunctionSpec, invocation: Invocation) -> Outcome:
        environment = self._pool.take(key_of(spec)) or await self._make(spec)
        try:
            outcome = await call.run(environment, invocation)
        except BaseException:
            environment.end()
            self._pool.give_up()
            raise
        self._release(environment)
        return outcome

    async def _make(self, spec: FunctionSpec) -> Environment:
        room, evicted = self._pool.reserve()
        if evicted is not None:
            evicted.end()
        if not room:
            raise CapacityExceeded(f"all {self._options.max_environments} environments are busy")
        try:
            await self._hold(spec)
            return await self._host.make(spec, await self.choose(spec.runtime), self._gone)
        except BaseException:
            self._pool.give_up()
            raise

    async def _hold(self, spec: FunctionSpec) -> None:
        """Keep the code unpacked for as long as this generation may be called; environments hold it for themselves."""
        key = key_of(spec)
        if key in self._held:
            return
        await self._host.code.hold_all(spec, key)
        self._held[key] = spec
        if self._pool.is_outdated(key):
            self._host.code.let_go_all(self._held.pop(key), key)

    def _release(self, environment: Environment) -> None:
        if environment.ended:
            self._pool.give_up()
        elif environment.spec.initialization_type == PROVISIONED:
            self._release_provisioned(environment)
        elif not self._pool.give_back(environment, self._clock.monotonic()):
            environment.end()
        elif self._reaper is None and not self._stopping:
            self._reaper = self._clock.call_later(self._options.idle_timeout_s, self._reap)

    def _release_provisioned(self, environment: Environment) -> None:
        if not self._provisioned.keeps(environment):
            environment.end()
            self._pool.give_up()
        elif not self._pool.give_back(environment, self._clock.monotonic(), ready=True):
            environment.end()

    def _gone(self, environment: Environment) -> None:
        self._pool.remove(environment)
        self._provisioned.gone(environment)

    def _reap(self) -> None:
        """End what has stood idle for too long; one timer, for the one that is next."""
        self._reaper = None
        now, timeout_s = self._clock.monotonic(), self._options.idle_timeout_s
        for environment in self._pool.expired(now, timeout_s):
            environment.end()
        since = self._pool.longest_idle_since()
        if since is not None:
            self._reaper = self._clock.call_later(since + timeout_s - now, self._reap)
