"""One call in an environment, from initialisation to REPORT.

An environment that is not ready is initialised first, within 10 s and beside the call; if that fails, once more inside
the call and under the function's own timeout. Source: developer guide, "Lambda execution environment".

May import clock, endings, environment, logs, spec and system_log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from lambent.runtime import endings, logs
from lambent.runtime.channel import Answer
from lambent.runtime.environment import Exited, Expired, Lost, OverMemory
from lambent.runtime.guest.frames import FATAL, INVOKE, READY
from lambent.runtime.spec import Outcome
from lambent.runtime.system_log import Measures

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from lambent.runtime.endings import Ending
    from lambent.runtime.environment import Environment, Event
    from lambent.runtime.pieces import Pieces
    from lambent.runtime.spec import Invocation

INIT_LIMIT_S = 10.0


class EnvironmentLost(Exception):  # noqa: N818  a state, handled by making another
    """The environment was gone before the function had the call."""


def run(environment: Environment, invocation: Invocation) -> Coroutine[Any, Any, Outcome]:
    """Run a call to its end.

    Raises EnvironmentLost, after which the function has not seen the call.
    """
    return _Call(environment, invocation).run()


class _Call:
    __slots__ = ("_before_ms", "_environment", "_init_ms", "_invocation", "_started")

    def __init__(self, environment: Environment, invocation: Invocation) -> None:
        self._environment = environment
        self._invocation = invocation
        self._init_ms: float | None = None
        # What the call has taken before the function had it.
        self._before_ms = 0.0
        self._started = False

    async def run(self) -> Outcome:
        environment = self._environment
        environment.listen(self._invocation.receiver)
        try:
            if environment.ready and not environment.fresh:
                environment.begin_tail(wanted=self._invocation.wants_tail)
                ending = await self._invoke()
            else:
                ending = await self._initialise() or await self._invoke()
            return self._conclude(ending)
        finally:
            environment.rest()

    async def _initialise(self) -> Ending | None:
        """Bring a runtime up. An Ending when the call is over with that."""
        environment = self._environment
        if environment.fresh:
            environment.fresh = False
            environment.write_aside(environment.parts.init_start)
            began = environment.clock.monotonic()
            event = await environment.next(INIT_LIMIT_S)
            if isinstance(event, Answer) and event.kind == READY:
                self._init_ms = event.took_ms
                environment.write_aside(environment.parts.says.initialised(event.took_ms))
                return None
            await self._init_failed(event, (environment.clock.monotonic() - began) * 1000)
        return await self._initialise_in_call()

    async def _init_failed(self, event: Event, took_ms: float) -> None:
        """The first initialisation came to nothing: say so, and clear the way for the second."""
        environment, says = self._environment, self._environment.parts.says
        if isinstance(event, Lost):
            raise EnvironmentLost(event.reason)
        await environment.clear()
        environment.drain()
        if isinstance(event, Answer):
            environment.write([event.event] if event.event else [])
            told = says.init_failed(event.took_ms, "init", "error", event.error_type)
        elif isinstance(event, Expired):
            told = says.init_failed(INIT_LIMIT_S * 1000, "init", "timeout", None)
        else:
            error = endings.OUT_OF_MEMORY if _is_out_of_memory(event) else endings.EXIT_ERROR
            told = says.init_failed(took_ms, "init", "error", error)
        environment.write(told)

    async def _initialise_in_call(self) -> Ending | None:
        environment, timeout_s = self._environment, self._environment.spec.timeout_s
        # What is left of the last runtime may still be on its way out.
        await environment.clear()
        environment.forget_peak()
        began = environment.clock.monotonic()
        environment.restart()
        event = await environment.next(timeout_s)
        took_ms = (environment.clock.monotonic() - began) * 1000
        if not isinstance(event, Answer):
            return await self._ended(event, took_ms)
        self._before_ms = event.took_ms
        if event.kind == READY:
            return None
        await environment.clear()
        environment.drain()
        told = environment.parts.says.init_failed(event.took_ms, "invoke", "error", event.error_type)
        environment.write([event.event, *told] if event.event else told)
        self._start()
        return endings.not_initialised(event, self._invocation.request_id, event.took_ms)

    async def _invoke(self) -> Ending:
        environment = self._environment
        self._start()
        left_s = max(environment.spec.timeout_s - self._before_ms / 1000, 0.001)
        invocation = self._invocation
        began = environment.clock.monotonic()
        environment.send(INVOKE, _head(invocation, environment.number, left_s), invocation.payload)
        event = await environment.next(left_s)
        if isinstance(event, Answer) and event.kind == FATAL:
            # The next call must not meet it on its way out.
            await environment.clear()
        if isinstance(event, Answer) and not environment.over_memory:
            return endings.answered(event, self._before_ms, environment.response)
        if isinstance(event, Answer):
            event = OverMemory()
        took_ms = self._before_ms + (environment.clock.monotonic() - began) * 1000
        return await self._ended(event, took_ms)

    async def _ended(self, event: Event, took_ms: float) -> Ending:
        """The call came to an end that is not the function's answer."""
        environment, request_id = self._environment, self._invocation.request_id
        await environment.clear()
        self._start()
        if isinstance(event, Expired):
            return endings.timed_out(request_id, environment.spec.timeout_s, environment.clock.now())
        if _is_out_of_memory(event):
            return endings.out_of_memory(request_id, took_ms)
        return endings.exited(request_id, event.status if isinstance(event, Exited) else -9, took_ms)

    def _start(self) -> None:
        if not self._started:
            self._started = True
            self._environment.write(self._environment.parts.says.start(self._invocation.request_id))

    def _conclude(self, ending: Ending) -> Outcome:
        environment, request_id = self._environment, self._invocation.request_id
        environment.drain()
        billed = logs.billed_ms(self._init_ms, ending.duration_ms)
        ran_out = ending.failure == endings.OUT_OF_MEMORY
        max_memory_mb = environment.spec.memory_mb if ran_out else environment.max_memory_mb
        measures = Measures(billed, max_memory_mb, self._init_ms)
        environment.write(environment.parts.says.end(request_id, ending, measures))
        environment.flush()
        return Outcome(
            payload=ending.payload,
            status=ending.status,
            error=ending.status != "success",
            error_type=ending.error_type,
            duration_ms=ending.duration_ms,
            billed_ms=billed,
            init_ms=self._init_ms,
            max_memory_mb=max_memory_mb,
            log_tail=environment.take_tail(),
            log_stream=environment.parts.stream,
            content_type=_content_type(environment.response, ending),
        )


def _content_type(response: Pieces | None, ending: Ending) -> str | None:
    return None if response is None or ending.status != "success" else response.content_type


def _is_out_of_memory(event: Event) -> bool:
    return isinstance(event, OverMemory) or (isinstance(event, Exited) and event.out_of_memory)


def _head(invocation: Invocation, number: int, left_s: float) -> bytes:
    head = {
        "number": number,
        "id": invocation.request_id,
        "arn": invocation.invoked_arn,
        "remaining_ms": left_s * 1000,
        "trace": invocation.trace_header,
    }
    if invocation.client_context is not None:
        head["client_context"] = orjson.Fragment(invocation.client_context)
    if invocation.identity is not None:
        head["identity"] = dict(invocation.identity)
    return orjson.dumps(head)
