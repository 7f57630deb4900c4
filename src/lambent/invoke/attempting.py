"""One attempt to run an event: whatever comes of it is an `Attempt`, never an exception."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from lambent.errors import AwsError, Unavailable
from lambent.invoke.event import Attempt
from lambent.invoke.lineage import is_loop
from lambent.invoke.outcome import error_message
from lambent.invoke.retry import Result, expired
from lambent.runtime.spec import Invocation

if TYPE_CHECKING:
    from lambent.clock import Clock
    from lambent.invoke.conclusion import Policies
    from lambent.invoke.concurrency import Concurrency
    from lambent.invoke.event import Event
    from lambent.invoke.synchronous import Invoker
    from lambent.invoke.target import Directory
    from lambent.runtime.spec import Outcome
    from lambent.store import Store

_log = logging.getLogger(__name__)
_LEAST_AGE_MS = 60_000
"""No user can set a shorter age, so that below it nobody has to be asked."""
_LOOP = (
    "Lambda has detected your function being invoked in a recursive loop with other Amazon Web Services resources and "
    "stopped your function's invocation."
)
_STATUS = {"TooManyRequestsException": 429, "ResourceConflictException": 409}


class Attempts:
    """Runs events, within the concurrency that they share with all other calls."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        directory: Directory,
        invoker: Invoker,
        concurrency: Concurrency,
        policies: Policies,
    ) -> None:
        self._store = store
        self._clock = clock
        self._directory = directory
        self._invoker = invoker
        self._concurrency = concurrency
        self._policies = policies

    async def run(self, event: Event) -> Attempt:
        """Run an event once, on the version that its qualifier leads to now."""
        began_ms = int(self._clock.time() * 1000)
        return replace(await self._run(event), began_ms=began_ms)

    async def _run(self, event: Event) -> Attempt:
        if self._concurrency.reserved(*event.function) == 0:
            return Attempt(Result.SWITCHED_OFF)
        try:
            if await self._is_expired(event):
                return replace(event.last or Attempt(Result.EXPIRED), result=Result.EXPIRED)
            if is_loop(event.trace_header, event.function_arn) and not await self._allows_loops(event):
                return Attempt(Result.LOOPED, 400, message=_LOOP)
            return await self._call(event)
        except AwsError as refusal:
            return _refused(event, refusal)
        except Unavailable as problem:
            return Attempt(Result.REFUSED, 500, message=str(problem))
        except Exception as problem:  # noqa: BLE001  logged
            # The boundary of an attempt: the event is tried again until its age ends, whatever we did wrong.
            _log.exception("the event %s of %s could not be run", event.id, event.invoked_arn)
            return Attempt(Result.REFUSED, 500, message=f"Lambent failed: {type(problem).__name__}")

    async def _is_expired(self, event: Event) -> bool:
        now_ms = int(self._clock.time() * 1000)
        if now_ms - event.accepted_at_ms < _LEAST_AGE_MS:
            return False
        nothing = Attempt(Result.SUCCEEDED)
        policy = await self._store.read(lambda tx: self._policies.policy(tx, event, nothing))
        return expired(policy.retry, now_ms=now_ms, accepted_ms=event.accepted_at_ms)

    async def _allows_loops(self, event: Event) -> bool:
        return await self._store.read(lambda tx: self._policies.allows_loops(tx, event))

    async def _call(self, event: Event) -> Attempt:
        qualifier = event.qualifier or None
        where = (*event.function, qualifier)
        target = self._directory.cached(*where) or await self._directory.find(*where)
        outcome = await self._invoker.run(
            target,
            Invocation(
                request_id=event.id,
                payload=event.payload.encode(),
                invoked_arn=event.invoked_arn,
                trace_header=event.trace_header,
                wants_tail=False,
            ),
            qualifier,
        )
        return _ran(outcome, target.spec.version)


def _ran(outcome: Outcome, version: str) -> Attempt:
    payload = outcome.payload.decode("utf-8", "replace")
    result, message = (Result.FAILED, error_message(payload)) if outcome.error else (Result.SUCCEEDED, "")
    return Attempt(
        result, 200, version, payload, message, duration_ms=outcome.duration_ms, log_stream=outcome.log_stream
    )


def _refused(event: Event, refusal: AwsError) -> Attempt:
    if refusal.code == "ResourceNotFoundException":
        return Attempt(Result.GONE, 404, message=f"Function not found: {event.qualified_arn}")
    status = refusal.status or _STATUS.get(refusal.code, 500)
    return Attempt(Result.REFUSED, status, message=refusal.message or refusal.code)
