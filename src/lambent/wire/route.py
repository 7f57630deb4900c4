"""Which service and which operation a request is for, and in which protocol it speaks.

Looked at in this order: a Smithy RPC path, the target header, a query action, then method and path of a REST service.
The service comes from the credential scope, else from the host, the target's or action's version, or the path. What
belongs to nobody else belongs to S3, whose paths can be anything. May import `errors` and `wire`.

A query action may stand in the body: `find_head` then leaves the operation open, and `find_action` completes the route.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qs

from lambent.errors import AwsError
from lambent.wire.hosts import parse_host
from lambent.wire.model import UnknownService, load_service, match_uri

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore.model import OperationModel

    from lambent.wire.hosts import Host
    from lambent.wire.model import ServiceModel

_BY_SIGNING_NAME = {
    "apigateway": ("apigateway", "apigatewayv2"),
    "dynamodb": ("dynamodb", "dynamodbstreams"),
    "monitoring": ("cloudwatch",),
    "states": ("stepfunctions",),
}
"""Signing names that are not botocore's names, or stand for more than one service."""
_BY_TARGET = {
    "AWSEvents": "events",
    "AmazonSQS": "sqs",
    "DynamoDBStreams_20120810": "dynamodbstreams",
    "DynamoDB_20120810": "dynamodb",
    "GraniteServiceVersion20100801": "cloudwatch",
    "Kinesis_20131202": "kinesis",
    "Logs_20140328": "logs",
}
_BY_VERSION = {
    "2010-03-31": "sns",
    "2010-05-08": "iam",
    "2011-06-15": "sts",
    "2012-11-05": "sqs",
    "2010-08-01": "cloudwatch",
}
_BY_PATH = ("lambda", "apigatewayv2", "apigateway")
"""REST services whose paths tell them from S3, for requests that nobody signed."""
_FORM = "application/x-www-form-urlencoded"
_QUERY_PATH = re.compile(r"/|/(?:queue/)?\d{12}/[\w.-]+/?", re.ASCII)
"""Where query services are asked: at the root, SQS also at a queue's own URL."""
_CACHED_LENGTH = 512


class Head(NamedTuple):
    """A request without its body.

    path, query: raw, still percent-encoded. headers: names in lower case. signing_name: the credential scope's service.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    host: str
    signing_name: str | None = None


class Route(NamedTuple):
    """Where a request goes.

    operation: None while only the body can tell. labels: the parts of the path that the operation names, raw.
    path: as the operation's template has it: a virtual-hosted bucket has moved into it.
    """

    service: ServiceModel
    protocol: str
    operation: OperationModel | None
    labels: Mapping[str, str]
    path: str


class NoRoute(Exception):  # noqa: N818  an answer, not an accident
    """Nothing answers to this; the refusal, and how its sender would read it."""

    def __init__(self, refusal: AwsError, service: ServiceModel, protocol: str) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal
        self.service = service
        self.protocol = protocol


def find_route(head: Head, body: bytes) -> Route:
    """The whole route of a request whose body is there. Raises NoRoute."""
    route = find_head(head)
    return route if route.operation is not None else find_action(route, head, body)


def find_head(head: Head) -> Route:
    """The route as far as the head tells it. Raises NoRoute."""
    headers = head.headers
    if "smithy-protocol" in headers and head.path.startswith("/service/"):
        return _smithy(head)
    if "x-amz-target" in headers:
        return _target(head)
    if headers.get("content-type", "").startswith(_FORM) or _has_action(head.query):
        route = _query(head)
        if route is not None:
            return route
    return _rest(head)


def find_action(route: Route, head: Head, body: bytes) -> Route:
    """Complete the route of a query request from its body. Raises NoRoute."""
    if (version := _parameter("Version", head.query, body)) in _BY_VERSION and _named(head) is None:
        route = route._replace(service=load_service(_BY_VERSION[str(version)]))
    action = _parameter("Action", head.query, body)
    if action is None:
        text = "The request must contain the parameter Action"
        raise NoRoute(AwsError("MissingAction", text, status=400), route.service, route.protocol)
    operation = route.service.operation(action)
    if operation is None:
        text = f"The action {action} is not valid for this web service."
        raise NoRoute(AwsError("InvalidAction", text, status=400), route.service, route.protocol)
    return route._replace(operation=operation)


# --- remote procedure calls --------------------------------------------------------------------------------------


def _smithy(head: Head) -> Route:
    parts = head.path.split("/")
    prefix, name = (parts[2], parts[4]) if len(parts) == 5 and parts[3] == "operation" else ("", "")
    service = _service_of_target(prefix, head)
    return Route(service, "rpc-v2-cbor", _known(service, name, "rpc-v2-cbor"), {}, head.path)


def _target(head: Head) -> Route:
    prefix, _, name = head.headers["x-amz-target"].rpartition(".")
    service = _service_of_target(prefix, head)
    protocol = next((one for one in service.protocols if one.startswith("json-")), service.protocols[0])
    if head.headers.get("content-type", "").startswith("application/x-amz-cbor-1.1"):
        protocol = "cbor-1.1"
    return Route(service, protocol, _known(service, name, protocol), {}, head.path)


def _service_of_target(prefix: str, head: Head) -> ServiceModel:
    if prefix in _BY_TARGET:
        return load_service(_BY_TARGET[prefix])
    for service in _signed_for(head):
        if prefix in {service.target_prefix, service.name}:
            return service
    raise _unknown_service(prefix)


def _known(service: ServiceModel, name: str, protocol: str) -> OperationModel:
    operation = service.operation(name)
    if operation is None:
        raise NoRoute(AwsError("UnknownOperationException", None, status=400), service, protocol)
    return operation


# --- query -------------------------------------------------------------------------------------------------------


def _has_action(query: str) -> bool:
    return query.startswith("Action=") or "&Action=" in query


def _query(head: Head) -> Route | None:
    """None where a service that does not speak query is asked: a form can be an object of S3, or the body of a call."""
    service = _named(head)
    if service is None and _QUERY_PATH.fullmatch(head.path):
        # Whose version the body names is not known yet; a queue's URL is SQS' own.
        service = load_service("sqs")
    if service is None or "query" not in service.protocols:
        return None
    return Route(service, "query", None, {}, head.path)


def _parameter(name: str, query: str, body: bytes) -> str | None:
    for text in (query, body.decode("latin-1") if f"{name}=".encode() in body else ""):
        if f"{name}=" in text and (values := parse_qs(text, keep_blank_values=True).get(name)):
            return values[0]
    return None


# --- REST --------------------------------------------------------------------------------------------------------


def _rest(head: Head) -> Route:
    host = parse_host(head.host)
    if head.signing_name is None and host.service in {"lambda-url", "execute-api"}:
        raise _no_such_endpoint(host)
    for service in _candidates(head, host):
        if not service.is_rest:
            if "query" in service.protocols:
                return Route(service, "query", None, {}, head.path)
            raise NoRoute(AwsError("UnknownOperationException", None, status=404), service, service.protocols[0])
        path = _s3_path(head.path, host) if service.name == "s3" else head.path
        found = _matched(service, head, path)
        if found is not None:
            return Route(service, service.protocols[0], found[0], found[1], path)
    service = next(iter(_candidates(head, host)))
    if service.name == "s3":
        text = "The specified method is not allowed against this resource."
        raise NoRoute(AwsError("MethodNotAllowed", text, status=405), service, service.protocols[0])
    raise NoRoute(AwsError("UnknownOperationException", None, status=404), service, service.protocols[0])


def _candidates(head: Head, host: Host) -> tuple[ServiceModel, ...]:
    if signed := _signed_for(head):
        return signed
    if head.signing_name is not None:
        raise _unknown_service(head.signing_name)
    if host.service is not None:
        return (load_service(host.service),)
    return (*map(load_service, _BY_PATH), load_service("s3"))


def _matched(service: ServiceModel, head: Head, path: str) -> tuple[OperationModel, Mapping[str, str]] | None:
    if service.name == "s3" or len(path) + len(head.query) > _CACHED_LENGTH:
        return match_uri(service, head.method, path, head.query, head.headers)
    return _remembered(service.name, head.method, path, head.query)


@lru_cache(4096)
def _remembered(name: str, method: str, path: str, query: str) -> tuple[OperationModel, Mapping[str, str]] | None:
    """The same few addresses come over and over. Only S3 needs headers to tell its operations apart."""
    return match_uri(load_service(name), method, path, query, {})


def _s3_path(path: str, host: Host) -> str:
    """A virtual-hosted bucket goes to the front of the path; `bucket.localhost` is one, too."""
    return path if host.name is None else f"/{host.name}{path}"


# --- services ----------------------------------------------------------------------------------------------------


def _signed_for(head: Head) -> tuple[ServiceModel, ...]:
    """The services that the signature can mean; none where it names none that is known."""
    if head.signing_name is None:
        return ()
    return _services(head.signing_name)


@lru_cache(256)
def _services(signing_name: str) -> tuple[ServiceModel, ...]:
    try:
        return tuple(load_service(name) for name in _BY_SIGNING_NAME.get(signing_name, (signing_name,)))
    except UnknownService:
        return ()


def _named(head: Head) -> ServiceModel | None:
    """The service that signature or host name."""
    if signed := _signed_for(head):
        return signed[0]
    host = parse_host(head.host).service
    return None if host is None or host in {"lambda-url", "execute-api"} else load_service(host)


def _unknown_service(name: str) -> NoRoute:
    text = f"Lambent does not know the service {name[:128]!r}"
    return NoRoute(AwsError("UnknownService", text, status=400), load_service("lambda"), "rest-json")


def _no_such_endpoint(host: Host) -> NoRoute:
    """What AWS answers for a function URL or an API that is not there."""
    if host.service == "lambda-url":
        refusal = AwsError("AccessDeniedException", None, status=403)
        return NoRoute(refusal, load_service("lambda"), "rest-json")
    refusal = AwsError("ForbiddenException", "Forbidden", status=403)
    return NoRoute(refusal, load_service("apigateway"), "rest-json")
