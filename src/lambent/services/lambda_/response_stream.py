"""InvokeWithResponseStream: a call whose response is an event stream, sent while the function makes it."""

from __future__ import annotations

import base64
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from lambent.call import Result
from lambent.invoke.payload import checked_event
from lambent.invoke.streaming import ResponseStream
from lambent.runtime.spec import Invocation
from lambent.services.lambda_.callee import callee
from lambent.services.lambda_.invoke import client_context
from lambent.services.lambda_.refusals import not_built
from lambent.services.lambda_.trace import new_trace

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from lambent.call import Call, Params
    from lambent.services.lambda_.context import Lambda

_JSON = "application/json"


async def invoke_with_response_stream(service: Lambda, call: Call, params: Params) -> Result:
    """Run a function and answer as soon as its response begins. InvocationType is ignored, as on AWS.

    A function that returns its response whole gives one piece. Raises what `invoke` raises.
    """
    if params.get("TenantId") is not None:
        raise not_built("calls of tenants (TenantId)")
    named = await callee(service, call, params)
    where = (named.account, named.region, named.name, named.qualifier)
    target = service.directory.cached(*where) or await service.directory.find(*where)
    trace = call.trace_header or new_trace(service.clock, target)
    wants_tail = params.get("LogType") == "Tail"
    stream = ResponseStream()
    invocation = Invocation(
        request_id=call.request_id,
        payload=checked_event(params.get("Payload")),
        invoked_arn=named.qualified_arn,
        client_context=client_context(params.get("ClientContext")),
        trace_header=trace,
        wants_tail=wants_tail,
        receiver=stream,
    )
    await stream.start(service.invoker.start(target, invocation, named.qualifier))
    output: dict[str, Any] = {
        "StatusCode": 200,
        "ExecutedVersion": target.spec.version,
        "ResponseStreamContentType": stream.content_type or _JSON,
        "EventStream": _events(stream, wants_tail=wants_tail),
    }
    return Result(output, {"X-Amzn-Trace-Id": trace})


async def _events(stream: ResponseStream, *, wants_tail: bool) -> AsyncIterator[dict[str, Any]]:
    """PayloadChunk as often as there is something, then InvokeComplete."""
    async with aclosing(stream.pieces()) as pieces:
        async for piece in pieces:
            yield {"PayloadChunk": {"Payload": piece}}
    outcome = stream.outcome
    complete: dict[str, Any] = {}
    if outcome.error:
        complete["ErrorCode"] = "Unhandled"
        complete["ErrorDetails"] = outcome.payload.decode("utf-8", "replace")
    elif stream.content_type is None and outcome.payload:
        yield {"PayloadChunk": {"Payload": outcome.payload}}
    if wants_tail:
        complete["LogResult"] = base64.b64encode(outcome.log_tail).decode()
    yield {"InvokeComplete": complete}
