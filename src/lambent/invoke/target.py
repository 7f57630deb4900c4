"""What a call is aimed at, and the port that finds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from lambent.runtime.spec import FunctionSpec


@dataclass(frozen=True, slots=True)
class Target:
    """One version of one function, ready to be looked at by whoever wants to call it."""

    spec: FunctionSpec
    state: str
    """`Pending`, `Active`, `Inactive` or `Failed`."""
    state_reason: str | None
    traced: bool = False
    """Whether calls are sampled for X-Ray (TracingConfig Mode Active)."""


class Directory(Protocol):
    """Finds functions."""

    def cached(self, account: str, region: str, name: str, qualifier: str | None) -> Target | None:
        """The target if memory has it; costs no disk. None means: ask `find`."""

    async def find(self, account: str, region: str, name: str, qualifier: str | None) -> Target:
        """The target from memory or the store.

        qualifier: version, alias or `$LATEST`; None is `$LATEST`.
        Raises AwsError ResourceNotFoundException.
        """
