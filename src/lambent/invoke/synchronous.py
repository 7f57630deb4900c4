"""A call whose caller waits: admission, then an execution environment. Touches neither the database nor the disk."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from lambent.errors import AwsError
from lambent.invoke.concurrency import throttled
from lambent.runtime.archive import ArchiveTooLarge, BadArchive
from lambent.runtime.environments import CapacityExceeded
from lambent.runtime.interpreters import RuntimeUnavailable

if TYPE_CHECKING:
    from lambent.invoke.concurrency import Concurrency
    from lambent.invoke.target import Target
    from lambent.metrics import MetricSink
    from lambent.runtime.environments import Environments
    from lambent.runtime.spec import FunctionSpec, Invocation, Outcome

_log = logging.getLogger(__name__)


class Invoker:
    """Runs calls in execution environments, within the account's concurrency."""

    def __init__(self, *, environments: Environments, concurrency: Concurrency, metrics: MetricSink) -> None:
        self._environments = environments
        self._metrics = metrics
        self._concurrency = concurrency
        self._started: set[asyncio.Task[Outcome]] = set()

    def start(self, target: Target, invocation: Invocation, qualifier: str | None = None) -> asyncio.Task[Outcome]:
        """Run one call, as `run` does, that goes on when whoever asked for it has left."""
        task = asyncio.create_task(self.run(target, invocation, qualifier), name=f"call {target.spec.name}")
        self._started.add(task)
        task.add_done_callback(self._started.discard)
        return task

    async def run(self, target: Target, invocation: Invocation, qualifier: str | None = None) -> Outcome:
        """Run one call to its end. An error of the function is an Outcome, not an exception.

        qualifier: as the caller addressed the function; metrics are counted under it.
        Raises AwsError: ResourceConflictException while the function is Pending, TooManyRequestsException when no
        place is free, InvalidRuntimeException, InvalidZipFileException or ServiceException when this machine cannot
        make an environment for it.
        """
        require_active(target)
        spec = target.spec
        place = (spec.account, spec.region, spec.name, spec.version)
        version = spec.version if qualifier not in {None, spec.version} else None
        counters = self._metrics.function(spec.account, spec.region, spec.name, qualifier, version)
        try:
            self._concurrency.enter(*place)
        except AwsError:
            counters.throttled()
            raise
        counters.started()
        try:
            outcome = await self._environments.invoke(spec, invocation)
        except CapacityExceeded:
            counters.throttled()
            raise throttled("ConcurrentInvocationLimitExceeded") from None
        except RuntimeUnavailable as problem:
            raise _no_environment("InvalidRuntimeException", 502, spec, problem) from problem
        except (BadArchive, ArchiveTooLarge) as problem:
            raise _no_environment("InvalidZipFileException", 502, spec, problem) from problem
        except OSError as problem:
            raise _no_environment("ServiceException", 500, spec, problem) from problem
        else:
            (counters.failed if outcome.error else counters.succeeded)(outcome.duration_ms)
            return outcome
        finally:
            counters.ended()
            self._concurrency.leave(*place)


def _no_environment(code: str, status: int, spec: FunctionSpec, problem: Exception) -> AwsError:
    _log.error("no environment for %s: %s", spec.arn, problem)
    text = f"Lambent could not make an environment for the function: {problem}"
    return AwsError(code, text, status=status, fields={"Type": "Service"})


def require_active(target: Target) -> None:
    """Refuse a function that cannot be called now. Raises AwsError ResourceConflictException."""
    if target.state == "Active":
        return
    if target.state == "Failed":
        text = f"The function is in the Failed state and cannot be invoked: {target.state_reason}"
        raise AwsError("ResourceConflictException", text, fields={"Type": "User"})
    raise AwsError(
        "ResourceConflictException",
        "The operation cannot be performed at this time. "
        f"The function is currently in the following state: {target.state}",
        fields={"Type": "User"},
    )
