"""Every execution environment of this server: finds or makes one for a call, and ends those that nobody needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from pathlib import Path

    from lambent.clock import Clock
    from lambent.runtime.logs import LogSink
    from lambent.runtime.spec import FunctionSpec, Invocation, Outcome


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
        options: RuntimeOptions = RuntimeOptions(),  # noqa: B008  frozen
    ) -> None:
        """run_dir: private to this server, may be deleted between runs. fetch_code: the zip behind a code key.

        endpoint: AWS_ENDPOINT_URL inside functions; may be set later, before the first call.
        """
        self.endpoint = endpoint

    async def start(self, prewarm: Sequence[str] = ()) -> None:
        """Begin to serve. prewarm: runtimes (`python3.11`) whose zygote starts now, in the background."""
        raise NotImplementedError

    async def stop(self, grace_s: float) -> None:
        """Take no more calls, let running ones end for `grace_s` seconds, then end every process."""
        raise NotImplementedError

    async def prepare(self, spec: FunctionSpec) -> None:
        """Make the code ready to run. Raises BadArchive, ArchiveTooLarge, RuntimeUnavailable."""
        raise NotImplementedError

    async def invoke(self, spec: FunctionSpec, invocation: Invocation) -> Outcome:
        """Run one call to its end. Raises CapacityExceeded, and RuntimeUnavailable where nothing can run it."""
        raise NotImplementedError

    def discard(self, account: str, region: str, name: str, version: str, before_generation: int) -> None:
        """End environments of older generations: idle ones now, busy ones after their call."""
        raise NotImplementedError

    def describe(self) -> dict[str, Any]:
        """Facts for people: isolation and why, counts, interpreters. JSON values."""
        raise NotImplementedError
