"""Function URLs as HTTP sees them: a request becomes a call, and what the function returned becomes the response.

A port to the gateway (`lambent.edge.Edge`). Nothing of a call touches the database or the disk once URL and function
are in memory, except that a signature's maker is looked up.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from lambent.edge import EdgeRequest, EdgeResponse, Signer
from lambent.errors import AwsError
from lambent.invoke.streaming import ResponseStream
from lambent.runtime.spec import Invocation
from lambent.services.lambda_.record import LATEST, FunctionKey
from lambent.services.lambda_.trace import new_trace
from lambent.services.lambda_.urls import cors
from lambent.services.lambda_.urls.answer import answer_of, failed, refused
from lambent.services.lambda_.urls.event import Caller, event_of
from lambent.services.lambda_.urls.permission import lets_call
from lambent.services.lambda_.urls.record import AWS_IAM, RESPONSE_STREAM
from lambent.services.lambda_.urls.streamed import response_of

if TYPE_CHECKING:
    from lambent.invoke.target import Target
    from lambent.services.lambda_.context import Lambda
    from lambent.services.lambda_.urls.record import FunctionUrl

_log = logging.getLogger(__name__)
_LIMIT = 6_291_456
"""Of an event, as for Invoke, and so of a body as well."""

Identify = Callable[[Signer, str], Awaitable[Caller]]
"""Who is behind a signature in a region; raises AwsError for credentials that are over or switched off."""


class FunctionUrls:
    """Serves every function URL of this server."""

    body_limit = _LIMIT

    def __init__(self, service: Lambda, identify: Identify) -> None:
        self._service = service
        self._identify = identify

    async def serve(self, request: EdgeRequest) -> EdgeResponse:
        """Answer a request, with the headers that go with every answer."""
        response = await self._serve(request)
        headers = [*response.headers, (b"x-amzn-requestid", request.request_id.encode())]
        return replace(response, headers=headers)

    async def _serve(self, request: EdgeRequest) -> EdgeResponse:
        url = await self._service.urls.find(request.id)
        if url is None or request.region not in {None, url.region}:
            return refused(_no_such_url())
        if url.cors is not None and cors.preflight(url.cors, request.method, request.headers):
            return cors.preflight_answer(url.cors, request.headers)
        try:
            response = await self._call(url, request)
        except AwsError as refusal:
            response = _refusal(url, refusal)
        return cors.applied(url.cors, request.headers, response)

    async def _call(self, url: FunctionUrl, request: EdgeRequest) -> EdgeResponse:
        """Run the function. Raises AwsError."""
        caller = await self._authorized(url, request.signer) if url.auth_type == AWS_IAM else None
        target = await self._target(url)
        sent = next((value.decode("latin-1") for name, value in request.headers if name == b"x-amzn-trace-id"), None)
        trace = sent or new_trace(self._service.clock, target)
        invocation = Invocation(
            request_id=request.request_id,
            payload=self._event(request, caller, trace),
            invoked_arn=url.arn,
            trace_header=trace,
            wants_tail=False,
        )
        if url.invoke_mode == RESPONSE_STREAM:
            stream = ResponseStream()
            await stream.start(self._service.invoker.start(target, invocation._replace(receiver=stream), url.alias))
            response = await response_of(stream)
        else:
            outcome = await self._service.invoker.run(target, invocation, url.alias)
            response = failed() if outcome.error else answer_of(outcome.payload)
        return replace(response, headers=[*response.headers, (b"x-amzn-trace-id", trace.encode("latin-1"))])

    async def _authorized(self, url: FunctionUrl, signer: Signer | None) -> Caller:
        """Who signed, if that account may call. Raises AwsError."""
        if signer is None:
            raise _forbidden()
        try:
            caller = await self._identify(signer, url.region)
        except AwsError as problem:
            raise _forbidden() from problem
        if caller.account != url.account:
            key = FunctionKey(url.account, url.region, url.name, url.alias or LATEST)
            if not lets_call(await self._service.directory.policy(key), url, caller.account):
                raise _forbidden()
        return caller

    async def _target(self, url: FunctionUrl) -> Target:
        where = (url.account, url.region, url.name, url.alias)
        return self._service.directory.cached(*where) or await self._service.directory.find(*where)

    def _event(self, request: EdgeRequest, caller: Caller | None, trace: str) -> bytes:
        if request.body is not None:
            event = event_of(request, request.body, caller=caller, now_ms=self._service.now_ms(), trace=trace)
            if len(event) <= _LIMIT:
                return event
        text = f"Request must be smaller than {_LIMIT} bytes for the InvokeFunction operation"
        raise AwsError("RequestEntityTooLargeException", text, status=413)


def _refusal(url: FunctionUrl, refusal: AwsError) -> EdgeResponse:
    """What callers are told of a call that did not come about: what they can do something about."""
    if refusal.code == "ResourceNotFoundException":
        # Deleted at this moment: like a URL that never was.
        return refused(_no_such_url())
    if refusal.code == "TooManyRequestsException":
        return refused(AwsError(refusal.code, refusal.message, status=429, fields=refusal.fields))
    if refusal.status in {403, 413, 501}:
        return refused(refusal)
    _log.warning("the URL of %s could not call it: %s", url.arn, refusal)
    return failed()


def _no_such_url() -> AwsError:
    return AwsError("AccessDeniedException", None, status=403)


def _forbidden() -> AwsError:
    return AwsError(
        "AccessDeniedException",
        "Forbidden. For troubleshooting Function URL authorization issues, see: "
        "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html",
        status=403,
    )
