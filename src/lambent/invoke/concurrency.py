"""How many calls run at the same time: the account's limit, and what functions reserve and provision of it.

    account limit = what functions claim + the unreserved pool, which all other functions share
    claim         = the reserved concurrency, else what is provisioned
    reserved      = what is provisioned + what is left for calls on demand

A call on a version with provisioned concurrency takes of that first. What goes beyond it is on demand, as are all calls
on a version without. Admission is a matter of counters in memory: the limits guard this machine's environments, and
whoever keeps the claims tells them. Source: developer guide, "Understanding Lambda function scaling".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lambent.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Mapping

UNRESERVED_MINIMUM = 100


@dataclass(frozen=True, slots=True)
class Claims:
    """What a function has of its account's concurrency for itself."""

    reserved: int | None = None
    """No more calls of it run than these, and none of other functions takes their places; None shares the pool."""
    provisioned: Mapping[str, int] = field(default_factory=dict)
    """Environments that are kept ready, by version."""

    @property
    def all_provisioned(self) -> int:
        """The environments kept ready for all versions."""
        return sum(self.provisioned.values())

    @property
    def total(self) -> int:
        """What is taken out of the unreserved pool."""
        return self.all_provisioned if self.reserved is None else self.reserved

    @property
    def on_demand(self) -> int | None:
        """The places of reserved concurrency that are not provisioned; None where nothing is reserved."""
        return None if self.reserved is None else max(0, self.reserved - self.all_provisioned)


NO_CLAIMS = Claims()


class _Function:
    """The calls of one function that run now."""

    __slots__ = ("claims", "on_demand", "running")

    def __init__(self) -> None:
        self.claims = NO_CLAIMS
        self.running: dict[str, int] = {}
        """By version; no zeros."""
        self.on_demand = 0
        """Those beyond what is provisioned for their versions."""

    def count_on_demand(self) -> int:
        provisioned = self.claims.provisioned
        return sum(max(0, count - provisioned.get(version, 0)) for version, count in self.running.items())


class _World:
    """One account in one region."""

    __slots__ = ("claimed", "functions", "running", "unreserved")

    def __init__(self) -> None:
        self.functions: dict[str, _Function] = {}
        """Those that run or claim something."""
        self.running = 0
        self.claimed = 0
        self.unreserved = 0
        """Calls that run in the unreserved pool."""


class Concurrency:
    """Counts running calls, and refuses what is over a limit."""

    def __init__(self, limit: int) -> None:
        """limit: of each account in each region."""
        self.limit = limit
        self._worlds: dict[tuple[str, str], _World] = {}

    @property
    def total(self) -> int:
        """Calls that hold a place now, of all accounts and regions."""
        return sum(world.running for world in self._worlds.values())

    @property
    def unreserved_minimum(self) -> int:
        """What functions together must leave in the pool."""
        return min(UNRESERVED_MINIMUM, self.limit)

    def running(self, account: str, region: str) -> int:
        """Calls that hold a place now."""
        world = self._worlds.get((account, region))
        return 0 if world is None else world.running

    def reserved(self, account: str, region: str, name: str) -> int | None:
        """A function's reserved concurrency; None where it has none."""
        return self.claims(account, region, name).reserved

    def claims(self, account: str, region: str, name: str) -> Claims:
        """What a function has for itself."""
        world = self._worlds.get((account, region))
        function = None if world is None else world.functions.get(name)
        return NO_CLAIMS if function is None else function.claims

    def unreserved_limit(self, account: str, region: str) -> int:
        """How many calls may run in the pool that functions without claims share."""
        world = self._worlds.get((account, region))
        return self.limit if world is None else max(0, self.limit - world.claimed)

    def claim(self, account: str, region: str, name: str, claims: Claims) -> None:
        """From now on a function has these claims; calls that run count by them, and none is ended."""
        world = self._worlds.setdefault((account, region), _World())
        function = world.functions.setdefault(name, _Function())
        if function.claims.reserved is None:
            world.unreserved -= function.on_demand
        world.claimed += claims.total - function.claims.total
        function.claims = NO_CLAIMS if claims == NO_CLAIMS else claims
        function.on_demand = function.count_on_demand()
        if claims.reserved is None:
            world.unreserved += function.on_demand
        self._tidy(world, account, region, name)

    def enter(self, account: str, region: str, name: str, version: str) -> None:
        """Take a place; every `enter` that returns is followed by one `leave`.

        Raises AwsError TooManyRequestsException when there is none.
        """
        world = self._worlds.get((account, region)) or _World()
        function = world.functions.get(name) or _Function()
        running = function.running.get(version, 0)
        if running >= function.claims.provisioned.get(version, 0):
            self._enter_on_demand(world, function)
        function.running[version] = running + 1
        world.running += 1
        world.functions[name] = function
        self._worlds[account, region] = world

    def leave(self, account: str, region: str, name: str, version: str) -> None:
        """Give the place back."""
        world = self._worlds[account, region]
        function = world.functions[name]
        running = function.running[version]
        if running > function.claims.provisioned.get(version, 0):
            function.on_demand -= 1
            if function.claims.reserved is None:
                world.unreserved -= 1
        world.running -= 1
        if running > 1:
            function.running[version] = running - 1
        else:
            del function.running[version]
            self._tidy(world, account, region, name)

    def _enter_on_demand(self, world: _World, function: _Function) -> None:
        places = function.claims.on_demand
        if places is None:
            if world.unreserved >= self.limit - world.claimed:
                raise throttled("ConcurrentInvocationLimitExceeded")
            world.unreserved += 1
        elif function.on_demand >= places:
            raise throttled("ReservedFunctionConcurrentInvocationLimitExceeded")
        function.on_demand += 1

    def _tidy(self, world: _World, account: str, region: str, name: str) -> None:
        """Keep nothing of what neither runs nor claims anything."""
        function = world.functions[name]
        if not function.running and function.claims is NO_CLAIMS:
            del world.functions[name]
            if not world.functions:
                del self._worlds[account, region]


def throttled(reason: str) -> AwsError:
    """The 429 of Lambda; `reason` is a value of the model's ThrottleReason."""
    return AwsError("TooManyRequestsException", "Rate Exceeded.", fields={"Reason": reason, "Type": "User"})
