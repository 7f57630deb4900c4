"""The ASGI application that AWS clients talk to.

Every request takes the same small steps: who signed it, where it goes, its body, its parameters, its operation, its
answer. What any of them raises becomes an answer in the protocol that the client speaks, here and nowhere else. A
client that leaves before its request is whole asked for nothing; one that leaves later is not waited for, and what it
asked for goes on. What has a host of its own, such as a function URL, goes to its edge as it came. May import `call`,
`edge`, `errors`, `access_keys`, `clock` and `wire`.
"""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncGenerator
from email.utils import formatdate
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from lambent.access_keys import account_of
from lambent.call import Call, Result
from lambent.edge import EdgeRequest, Signer
from lambent.errors import AwsError, Unavailable
from lambent.wire.auth import Credential, MalformedSignature, read_credential
from lambent.wire.body import decode_body
from lambent.wire.codec import codec_for
from lambent.wire.edges import Edges
from lambent.wire.message import WireRequest, WireResponse
from lambent.wire.origins import is_of_this_machine
from lambent.wire.reading import Disconnected, read_body, read_headers, too_large
from lambent.wire.responses import error_writer_for
from lambent.wire.route import Head, NoRoute, Route, find_action, find_head
from lambent.wire.validate import validator_for

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from botocore.model import OperationModel

    from lambent.call import Handler, Output, Service
    from lambent.clock import Clock
    from lambent.edge import Edge
    from lambent.wire.edges import Visit
    from lambent.wire.model import ServiceModel
    from lambent.wire.reading import Receive

    Send = Callable[[Mapping[str, Any]], Awaitable[None]]
    App = Callable[[Mapping[str, Any], Receive, Send], Awaitable[None]]

_log = logging.getLogger(__name__)
_OURS = "/_lambent/"
_SOMETHING = "An error occurred and the request cannot be processed."
_FOREIGN_PAGE = "Lambent answers web pages of this machine only"
_BODY_LIMIT = 1_048_576
"""Of operations that are not built, whose body is read only to be thrown away."""


class Gateway:
    """Serves AWS's APIs, and Lambent's own pages under `/_lambent/`."""

    def __init__(
        self,
        services: Iterable[Service],
        *,
        admin: App,
        account: str,
        region: str,
        clock: Clock,
        edges: Mapping[str, Edge] = MappingProxyType({}),
    ) -> None:
        """account, region: of requests that name none. edges: by the kind of their hosts, e.g. `lambda-url`."""
        self._edges = Edges(edges)
        self._services = {service.name: service for service in services}
        self._admin = admin
        self._account = account
        self._region = region
        self._clock = clock
        self._endpoints: dict[tuple[str, str, str], _Endpoint] = {}
        self._request_ids = RequestIds()
        self._date = (0, b"")

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one HTTP request."""
        headers = read_headers(scope["headers"])
        visit = self._edges.find(headers.get("host", ""), scope["raw_path"])
        if visit is None and scope["path"].startswith(_OURS):
            await self._admin(scope, receive, send)
            return
        try:
            if visit is None:
                response = await self._answer(scope, headers, receive)
            else:
                response = await self._visit(visit, scope, headers, receive)
        except Disconnected:
            return
        await self._send(response, send)

    async def _answer(self, scope: Mapping[str, Any], headers: Mapping[str, str], receive: Receive) -> WireResponse:
        request_id = self._request_ids.next()
        head, credential = _read_head(scope, headers)
        try:
            route = _found(head, credential)
        except NoRoute as none:
            await read_body(receive, 0, framed=False)
            return _no_route(none, request_id)
        framed = "content-encoding" in headers
        if route.operation is None:
            body = await read_body(receive, self._limit_of(route.service), framed=framed)
            try:
                route = self._completed(route, head, body)
            except NoRoute as none:
                return _no_route(none, request_id)
            endpoint = self._endpoint(route)
        else:
            endpoint = self._endpoint(route)
            body = await read_body(receive, endpoint.limit, framed=framed)
        try:
            if body is None:
                raise too_large(endpoint.said, endpoint.limit)  # noqa: TRY301  answered as the operation's own errors are
            call = self._call(scope, head, credential, endpoint, request_id)
            return await endpoint.serve(call, head, route, body)
        except AwsError as refusal:
            return endpoint.refuse(refusal, request_id)
        except Unavailable as problem:
            if not problem.expected:
                _log.exception("%s.%s failed, request %s", endpoint.service.name, endpoint.name, request_id)
            return endpoint.refuse(endpoint.fault(str(problem)), request_id)
        except Exception:  # noqa: BLE001  the boundary of a request: whatever it is, the client gets an answer
            _log.exception("%s.%s failed, request %s", endpoint.service.name, endpoint.name, request_id)
            return endpoint.refuse(endpoint.fault(_SOMETHING), request_id)

    async def _visit(
        self, visit: Visit, scope: Mapping[str, Any], headers: Mapping[str, str], receive: Receive
    ) -> WireResponse:
        """The answer of an edge."""
        request_id = self._request_ids.next()
        body = await read_body(receive, visit.edge.body_limit, framed=False)
        client = scope["client"]
        request = EdgeRequest(
            id=visit.id,
            region=visit.region,
            method=scope["method"],
            path=visit.path,
            query=scope["query_string"].decode("latin-1"),
            headers=scope["headers"],
            body=body,
            scheme=scope["scheme"],
            protocol=f"HTTP/{scope['http_version']}",
            host=visit.host,
            source_ip=client[0] if client else "",
            request_id=request_id,
            signer=self._signer(scope, headers),
        )
        try:
            answer = await visit.edge.serve(request)
        except Exception:  # noqa: BLE001  the boundary of a request: whatever it is, the client gets an answer
            _log.exception("%s %s%s failed, request %s", request.method, visit.host, visit.path, request_id)
            plain = [(b"content-type", b"text/plain"), (b"x-amzn-requestid", request_id.encode())]
            return WireResponse(500, plain, b"Internal Server Error")
        return WireResponse(answer.status, answer.headers, answer.body)

    def _signer(self, scope: Mapping[str, Any], headers: Mapping[str, str]) -> Signer | None:
        _, credential = _read_head(scope, headers)
        if not isinstance(credential, Credential):
            return None
        return Signer(self._account_of(credential.access_key), credential.access_key)

    def _account_of(self, access_key: str) -> str:
        if len(access_key) == 12 and access_key.isdecimal():
            return access_key
        return account_of(access_key) or self._account

    def _completed(self, route: Route, head: Head, body: bytes | None) -> Route:
        """The route of a query request, whose body tells the action. Raises NoRoute."""
        if body is None:
            limit = self._limit_of(route.service)
            raise NoRoute(too_large("requested", limit), route.service, route.protocol)
        return find_action(route, head, body)

    def _call(
        self,
        scope: Mapping[str, Any],
        head: Head,
        credential: Credential | MalformedSignature | None,
        endpoint: _Endpoint,
        request_id: str,
    ) -> Call:
        account, region, access_key = self._account, self._region, None
        if isinstance(credential, Credential):
            access_key = credential.access_key
            region = credential.region or region
            account = self._account_of(access_key)
        client = scope["client"]
        return Call(
            account=account,
            region=region,
            request_id=request_id,
            service=endpoint.service.name,
            operation=endpoint.name,
            access_key=access_key,
            endpoint=f"{scope['scheme']}://{head.host}",
            source_ip=client[0] if client else "",
            user_agent=head.headers.get("user-agent", ""),
            trace_header=head.headers.get("x-amzn-trace-id"),
        )

    def _limit_of(self, service: ServiceModel) -> int:
        """The largest body that any operation of a service takes."""
        built = self._services.get(service.name)
        return _BODY_LIMIT if built is None else max(built.body_limits.values(), default=_BODY_LIMIT)

    def _endpoint(self, route: Route) -> _Endpoint:
        operation = route.operation
        if operation is None:
            raise AssertionError("a route without an operation was not completed")
        key = (route.service.name, operation.name, route.protocol)
        endpoint = self._endpoints.get(key)
        if endpoint is None:
            endpoint = _Endpoint(route.service, operation, route.protocol, self._services.get(route.service.name))
            self._endpoints[key] = endpoint
        return endpoint

    async def _send(self, response: WireResponse, send: Send) -> None:
        body = response.body
        headers = [*response.headers, (b"date", self._date_header())]
        if isinstance(body, bytes):
            # An answer to HEAD has no body, but tells the length of what it leaves out.
            if body or (response.status != 204 and all(name != b"content-length" for name, _ in headers)):
                headers.append((b"content-length", b"%d" % len(body)))
            await send({"type": "http.response.start", "status": response.status, "headers": headers})
            await send({"type": "http.response.body", "body": body})
            return
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        try:
            async for part in body:
                await send({"type": "http.response.body", "body": part, "more_body": True})
        finally:
            if isinstance(body, AsyncGenerator):
                await body.aclose()
        await send({"type": "http.response.body", "body": b""})

    def _date_header(self) -> bytes:
        now = int(self._clock.time())
        if self._date[0] != now:
            self._date = (now, formatdate(now, usegmt=True).encode())
        return self._date[1]


def _read_head(
    scope: Mapping[str, Any], headers: Mapping[str, str]
) -> tuple[Head, Credential | MalformedSignature | None]:
    """A request without its body, and what its signature says, well-formed or not."""
    query = scope["query_string"].decode("latin-1")
    credential: Credential | MalformedSignature | None
    try:
        credential = read_credential(headers, query)
    except MalformedSignature as problem:
        credential = problem
    signing_name = credential.service if isinstance(credential, Credential) else None
    path = scope["raw_path"].decode("latin-1")
    return Head(scope["method"], path, query, headers, headers.get("host", ""), signing_name), credential


def _found(head: Head, credential: Credential | MalformedSignature | None) -> Route:
    """Where a request goes, as far as its head tells.

    Raises NoRoute, for a malformed signature and for what a web page of another machine sends as well.
    """
    route = find_head(head)
    if isinstance(credential, MalformedSignature):
        raise NoRoute(credential.refusal(route.protocol), route.service, route.protocol)
    # Buckets have rules of their own for pages.
    if route.service.name != "s3" and not is_of_this_machine(head.headers.get("origin")):
        raise NoRoute(AwsError("AccessDeniedException", _FOREIGN_PAGE, status=403), route.service, route.protocol)
    return route


def _no_route(none: NoRoute, request_id: str) -> WireResponse:
    return error_writer_for(none.service, None, none.protocol)(none.refusal, request_id)


class _Endpoint:
    """One operation in one protocol: all that is known before a request comes. A missing handler is refused."""

    def __init__(self, model: ServiceModel, operation: OperationModel, protocol: str, service: Service | None) -> None:
        self.service = model
        self.name = operation.name
        self._operation = operation
        self._protocol = protocol
        self._table = service
        self._handler: Handler | None = service.operations.get(self.name) if service is not None else None
        limits: Mapping[str, int] = service.body_limits if service is not None else {}
        self.limit = limits.get(self.name, limits.get("", _BODY_LIMIT))
        self.said = service.action_names.get(self.name, self.name) if service is not None else self.name
        self.refuse = error_writer_for(model, operation, protocol)

    @cached_property
    def _codec(self) -> Any:
        return codec_for(self.service, self._operation, self._protocol)

    @cached_property
    def _validate(self) -> Callable[[Mapping[str, Any]], None]:
        return validator_for(self.service.name, self.name)

    async def serve(self, call: Call, head: Head, route: Route, body: bytes) -> WireResponse:
        """Run the operation. Raises AwsError, and whatever a bug raises."""
        if self._handler is None:
            text = f"Lambent does not implement {self.service.name}.{self.name}"
            raise AwsError("NotImplementedException", text, status=501)
        data = decode_body(head.headers, body, service=self.service.name, operation=self.said, limit=self.limit).data
        request = WireRequest(head.method, route.path, head.query, head.headers, data, route.labels)
        params = self._codec.parse(request)
        self._validate(params)
        answer = await self._handler(call, params)
        if not isinstance(answer, Result):
            return self._written(answer, call.request_id)
        return with_headers(self._written(answer.output, call.request_id), answer.headers)

    def fault(self, text: str) -> AwsError:
        """What clients see of a bug, or of a machine that fails: that they may try again."""
        code = self._table.fault_code if self._table is not None else "InternalFailure"
        return AwsError(code, text, status=500, fields={"Type": "Service"} if self.service.name == "lambda" else None)

    def _written(self, output: Output, request_id: str) -> WireResponse:
        response: WireResponse = self._codec.write(output, request_id)
        return response


def with_headers(response: WireResponse, headers: Mapping[str, str]) -> WireResponse:
    """The response with headers that no model names; one that is there already is replaced."""
    more = {_encoded(name): value.encode("latin-1") for name, value in headers.items()}
    kept = [header for header in response.headers if header[0] not in more]
    return WireResponse(response.status, [*kept, *more.items()], response.body)


@lru_cache(256)
def _encoded(name: str) -> bytes:
    return name.lower().encode("latin-1")


class RequestIds:
    """Random UUIDs of version 4, as AWS's request ids are; nobody can tell the next from those before."""

    def __init__(self) -> None:
        self._digits = ""

    def next(self) -> str:
        """One that was never given before. Randomness is drawn for a hundred of them at once."""
        if not self._digits:
            self._digits = os.urandom(1600).hex()
        digits, self._digits = self._digits[:32], self._digits[32:]
        variant = "89ab"[int(digits[16], 16) & 3]
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"
