"""Asynchronous calls: Invoke with InvocationType Event, InvokeAsync, and events that other services hand over.

Sources: developer guide, "Invoking a Lambda function asynchronously"; Lambda API reference, Invoke and InvokeAsync.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from lambent.call import Result
from lambent.delivery import Undeliverable
from lambent.errors import AwsError
from lambent.invoke import event as events
from lambent.invoke.event import SIZE_LIMIT, TOPIC, Event
from lambent.invoke.lineage import entered
from lambent.invoke.payload import checked_event
from lambent.invoke.synchronous import require_active
from lambent.services.lambda_.callee import callee
from lambent.services.lambda_.names import FunctionName
from lambent.services.lambda_.qualified import exists
from lambent.services.lambda_.trace import new_trace

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.clock import Clock
    from lambent.delivery import Message
    from lambent.invoke.target import Target
    from lambent.services.lambda_.context import Lambda
    from lambent.store import Tx

_OLD_LIMIT = 262_144
"""Bytes of InvokeAsync's event, which was never raised."""


async def invoke_async(service: Lambda, call: Call, params: Params) -> Output | Result:
    """Put an event into the queue, as clients did before Invoke.

    Raises AwsError as an Invoke with InvocationType Event does.
    """
    named = await callee(service, call, params)
    where = (named.account, named.region, named.name, named.qualifier)
    target = service.directory.cached(*where) or await service.directory.find(*where)
    args = params.get("InvokeArgs")
    payload = args if isinstance(args, bytes | None) else args.read()
    accepted = await accept(service, call, named, target, checked_event(payload), limit=_OLD_LIMIT)
    return Result({"Status": 202}, accepted.headers)


async def accept(
    service: Lambda, call: Call, named: FunctionName, target: Target, payload: bytes, *, limit: int = SIZE_LIMIT
) -> Result:
    """Put an event into the queue; answered once it is durable.

    payload: JSON. limit: its greatest size in bytes.
    Raises AwsError RequestEntityTooLargeException, ResourceConflictException while the function is being created.
    """
    if len(payload) > limit:
        text = f"{len(payload)} byte payload is too large for the Event invocation type (limit {limit} bytes)"
        raise AwsError("RequestEntityTooLargeException", text, status=413)
    require_active(target)
    trace = entered(call.trace_header, named.arn) if call.trace_header else new_trace(service.clock, target)
    now_ms = service.now_ms()
    await service.events.accept(
        Event(
            id=call.request_id,
            function_arn=named.arn,
            qualifier=named.qualifier or "",
            payload=payload.decode(),
            accepted_at_ms=now_ms,
            ready_at_ms=now_ms,
            trace_header=trace,
        )
    )
    return Result({"StatusCode": 202}, {"X-Amzn-Trace-Id": trace, "x-amzn-Remapped-Content-Length": "0"})


class FunctionTarget:
    """Functions, to whoever hands messages to ARNs: each message is an event; see `lambent.delivery.Target`.

    Whether the function's policy lets the source call it is not asked.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def deliver(self, tx: Tx, arn: str, message: Message) -> None:
        """Put the message's body into the queue as an event; Undeliverable where there is no such function."""
        named = _named(arn)
        if named is None or not exists(tx, named):
            raise Undeliverable("ResourceNotFoundException", f"Function not found: {arn}")
        try:
            payload = checked_event(message.body.encode())
        except AwsError as refusal:
            raise Undeliverable(refusal.code, str(refusal.message)) from None
        if len(payload) > SIZE_LIMIT:
            text = f"{len(payload)} byte payload is too large for the Event invocation type (limit {SIZE_LIMIT} bytes)"
            raise Undeliverable("RequestEntityTooLargeException", text)
        now_ms = int(self._clock.time() * 1000)
        events.put(
            tx,
            Event(
                id=str(uuid.uuid4()),
                function_arn=named.arn,
                qualifier=named.qualifier or "",
                payload=payload.decode(),
                accepted_at_ms=now_ms,
                ready_at_ms=now_ms,
                trace_header=entered(message.trace_header or "", named.arn),
                source=message.source_service or "unknown",
            ),
        )
        tx.signal(TOPIC)


def _named(arn: str) -> FunctionName | None:
    """The function, version or alias in an ARN; None for what is none."""
    parts = arn.split(":")
    if len(parts) not in {7, 8} or parts[2] != "lambda" or parts[5] != "function":
        return None
    return FunctionName(parts[4], parts[3], parts[6], parts[7] if len(parts) == 8 else None)
