"""Which environments stand idle, and which goes first when there are too many. Pure bookkeeping, no processes.

May import spec. Invariants: an environment is idle or busy, never both; `idle` and `count` agree with the functions'
own lists at every step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    from lambent.runtime.spec import FunctionSpec


class FunctionKey(NamedTuple):
    """A version of a function."""

    account: str
    region: str
    name: str
    version: str


class PoolKey(NamedTuple):
    """One generation of a version: environments are interchangeable within it and nowhere else."""

    account: str
    region: str
    name: str
    version: str
    generation: int

    @property
    def function(self) -> FunctionKey:
        """The version whose generation it is."""
        return FunctionKey(*self[:4])


def key_of(spec: FunctionSpec) -> PoolKey:
    """The pool of a specification."""
    return PoolKey(spec.account, spec.region, spec.name, spec.version, spec.generation)


class Pooled(Protocol):
    """What a pool needs to know of an environment."""

    @property
    def pool(self) -> PoolKey: ...


E = TypeVar("E", bound=Pooled)


class Pool(Generic[E]):
    """The environments of all functions."""

    def __init__(self, limit: int) -> None:
        """limit: how many may exist, idle and busy together."""
        self._limit = limit
        self._idle: dict[E, float] = {}
        """Since when, on the monotonic clock; the longest idle first."""
        self._stacks: dict[PoolKey, list[E]] = {}
        self._kept: dict[PoolKey, list[E]] = {}
        """Idle ones that are taken first, and neither expire nor make room for others."""
        self._oldest: dict[FunctionKey, int] = {}
        """The oldest generation of a version that is kept: a call may begin before an update and end after it."""
        self.count = 0
        """Environments that exist or are being made."""

    @property
    def idle(self) -> int:
        """Environments that wait for a call."""
        return len(self._idle) + sum(map(len, self._kept.values()))

    def take(self, key: PoolKey) -> E | None:
        """The idle environment that was used last, one that is kept ready first; None when there is none.

        It is busy from now on.
        """
        if self._kept and (kept := self.take_kept(key)) is not None:
            return kept
        stack = self._stacks.get(key)
        if not stack:
            return None
        environment = stack.pop()
        del self._idle[environment]
        if not stack:
            del self._stacks[key]
        return environment

    def take_kept(self, key: PoolKey) -> E | None:
        """The same of those that are kept ready alone."""
        kept = self._kept.get(key)
        if not kept:
            return None
        environment = kept.pop()
        if not kept:
            del self._kept[key]
        return environment

    def reserve(self) -> tuple[bool, E | None]:
        """Make room for a new environment, busy from now on.

        Whether there is room, and the environment that has to end for it.
        """
        evicted = None
        if self.count >= self._limit:
            evicted = next(iter(self._idle), None)
            if evicted is None:
                return False, None
            self._drop(evicted)
        self.count += 1
        return True, evicted

    def give_back(self, environment: E, now: float, *, ready: bool = False) -> bool:
        """An environment's call is over: whether it is kept. What is not kept is out of the pool and has to end.

        ready: it is kept for as long as it lives, and taken before others.
        """
        if self.is_outdated(environment.pool):
            self.count -= 1
            return False
        if ready:
            self._kept.setdefault(environment.pool, []).append(environment)
            return True
        self._idle[environment] = now
        self._stacks.setdefault(environment.pool, []).append(environment)
        return True

    def give_up(self) -> None:
        """A busy environment is gone, or was never made."""
        self.count -= 1

    def remove(self, environment: E) -> None:
        """An idle environment is gone; for others nothing happens."""
        if environment in self._idle:
            self._drop(environment)
        elif environment in self._kept.get(environment.pool, ()):
            self._drop_kept(environment)

    def discard(self, function: FunctionKey, before_generation: int) -> list[E]:
        """Take out idle environments of older generations; busy ones are not kept when they come back."""
        self._oldest[function] = max(before_generation, self._oldest.get(function, 0))
        old = [one for key, stack in self._stacks.items() if key.function == function for one in stack]
        old = [one for one in old if self.is_outdated(one.pool)]
        for environment in old:
            self._drop(environment)
        kept = [one for key, ones in self._kept.items() if key.function == function for one in ones]
        kept = [one for one in kept if self.is_outdated(one.pool)]
        for environment in kept:
            self._drop_kept(environment)
        return old + kept

    def is_outdated(self, key: PoolKey) -> bool:
        """Whether this generation has been discarded."""
        return key.generation < self._oldest.get(key.function, 0)

    def expired(self, now: float, timeout_s: float) -> list[E]:
        """Take out what has stood idle for so long."""
        old = []
        for environment, since in self._idle.items():
            if since + timeout_s > now:
                break
            old.append(environment)
        for environment in old:
            self._drop(environment)
        return old

    def longest_idle_since(self) -> float | None:
        """When the longest idle one became idle; None when nothing is idle."""
        return next(iter(self._idle.values()), None)

    def _drop_kept(self, environment: E) -> None:
        kept = self._kept[environment.pool]
        kept.remove(environment)
        if not kept:
            del self._kept[environment.pool]
        self.count -= 1

    def _drop(self, environment: E) -> None:
        del self._idle[environment]
        stack = self._stacks[environment.pool]
        stack.remove(environment)
        if not stack:
            del self._stacks[environment.pool]
        self.count -= 1
