"""Invoke: the call of a function, synchronous or not, and its dry run."""

from __future__ import annotations

import base64
import binascii
import contextlib
from typing import TYPE_CHECKING, Any

import orjson

from lambent.call import Result
from lambent.errors import AwsError
from lambent.invoke.payload import checked_event
from lambent.runtime.spec import Invocation
from lambent.services.lambda_.asynchronous import accept
from lambent.services.lambda_.callee import callee
from lambent.services.lambda_.refusals import not_built
from lambent.services.lambda_.trace import new_trace

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.lambda_.context import Lambda

_CLIENT_CONTEXT_LIMIT = 3583
_JSON = "application/json"
_NOT_BUILT = {"TenantId": "calls of tenants", "DurableExecutionName": "durable executions"}
"""Parameters of the model, and what they ask for."""


async def invoke(service: Lambda, call: Call, params: Params) -> Output | Result:
    """Run a function and answer with what it returned, or with its error, which is a success of the call.

    With InvocationType Event it is put into the queue and run behind; LogType and ClientContext are ignored then.

    Raises AwsError ResourceNotFoundException, InvalidRequestContentException, TooManyRequestsException,
    AccessDeniedException, ResourceConflictException while the function is being created.
    """
    for name, what in _NOT_BUILT.items():
        if params.get(name) is not None:
            raise not_built(f"{what} ({name})")
    named = await callee(service, call, params)
    where = (named.account, named.region, named.name, named.qualifier)
    target = service.directory.cached(*where) or await service.directory.find(*where)
    event = checked_event(params.get("Payload"))
    kind = params.get("InvocationType") or "RequestResponse"
    if kind == "DryRun":
        return {"StatusCode": 204}
    if kind == "Event":
        return await accept(service, call, named, target, event)
    trace = call.trace_header or new_trace(service.clock, target)
    wants_tail = params.get("LogType") == "Tail"
    outcome = await service.invoker.run(
        target,
        Invocation(
            request_id=call.request_id,
            payload=event,
            invoked_arn=named.qualified_arn,
            client_context=client_context(params.get("ClientContext")),
            identity=None,
            trace_header=trace,
            wants_tail=wants_tail,
        ),
        named.qualifier,
    )
    output: dict[str, Any] = {
        "StatusCode": 200,
        "ExecutedVersion": target.spec.version,
        "Payload": outcome.payload,
    }
    if outcome.error:
        output["FunctionError"] = "Unhandled"
    if wants_tail:
        output["LogResult"] = base64.b64encode(outcome.log_tail).decode()
    headers = {
        "Content-Type": outcome.content_type or _JSON,
        "X-Amzn-Trace-Id": trace,
        "x-amzn-Remapped-Content-Length": "0",
    }
    return Result(output, headers)


def client_context(encoded: str | None) -> bytes | None:
    """The JSON that a client sends about itself, decoded. Raises AwsError InvalidRequestContentException."""
    if not encoded:
        return None
    decoded, content = b"", None
    with contextlib.suppress(binascii.Error, ValueError):
        decoded = base64.b64decode(encoded, validate=True)
        content = orjson.loads(decoded)
    if not isinstance(content, dict) or len(encoded) > _CLIENT_CONTEXT_LIMIT:
        raise AwsError(
            "InvalidRequestContentException",
            "Client context must be a valid Base64-encoded JSON object.",
            fields={"Type": "User"},
        )
    return decoded
