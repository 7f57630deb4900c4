"""From an HTTP request to the event of a function URL: API Gateway's payload format 2.0. Pure.

Source: Lambda developer guide, "Invoking Lambda function URLs", and captured events.
"""

from __future__ import annotations

import base64
import time
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lambent.edge import EdgeRequest

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NOT_SHOWN = frozenset(
    "connection cookie expect keep-alive proxy-connection te trailer transfer-encoding upgrade".split(" ")
)
"""Headers that concern the connection alone, and cookies, which have a place of their own."""
_TEXTS = frozenset(("application/graphql", "application/javascript", "application/json", "application/xml"))
_DEFAULT_PORTS = {"http": "80", "https": "443"}


class Caller(NamedTuple):
    """Who signed a request."""

    account: str
    access_key: str
    user_id: str
    arn: str


def event_of(request: EdgeRequest, body: bytes, *, caller: Caller | None, now_ms: int, trace: str) -> bytes:
    """The event of a request, JSON.

    caller: None where nobody had to sign. trace: the header `X-Amzn-Trace-Id` of the call.
    """
    headers = _headers(request.headers)
    cookies = [one.strip() for value in headers.pop("cookie", ()) for one in value.split(";") if one.strip()]
    shown = {name: ",".join(values) for name, values in headers.items() if name not in _NOT_SHOWN}
    shown.update(_added(request, shown, trace))
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": request.path,
        "rawQueryString": request.query,
    }
    if cookies:
        event["cookies"] = cookies
    event["headers"] = shown
    if parameters := _parameters(request.query):
        event["queryStringParameters"] = parameters
    event["requestContext"] = _context(request, shown.get("user-agent"), caller, now_ms)
    text = _text(body, shown)
    if body:
        event["body"] = base64.b64encode(body).decode() if text is None else text
    event["isBase64Encoded"] = bool(body) and text is None
    return orjson.dumps(event)


def _headers(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, list[str]]:
    headers: dict[str, list[str]] = {}
    for name, value in raw:
        headers.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1").strip())
    return headers


def _added(request: EdgeRequest, headers: dict[str, str], trace: str) -> dict[str, str]:
    """What Lambda tells of the way that a request took. Whom a proxy before us named comes first."""
    hops = [hop for hop in (headers.get("x-forwarded-for"), request.source_ip) if hop]
    port = urlsplit(f"//{request.host}").netloc.rpartition(":")[2]
    return {
        "x-amzn-trace-id": trace.partition(";")[0],
        "x-forwarded-for": ", ".join(hops),
        "x-forwarded-port": port if port.isdecimal() else _DEFAULT_PORTS.get(request.scheme, ""),
        "x-forwarded-proto": request.scheme,
    }


def _parameters(query: str) -> dict[str, str]:
    parameters: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        parameters[name] = f"{parameters[name]},{value}" if name in parameters else value
    return parameters


def _context(request: EdgeRequest, user_agent: str | None, caller: Caller | None, now_ms: int) -> dict[str, Any]:
    context: dict[str, Any] = {"accountId": "anonymous" if caller is None else caller.account, "apiId": request.id}
    if caller is not None:
        context["authorizer"] = {
            "iam": {
                "accessKey": caller.access_key,
                "accountId": caller.account,
                "callerId": caller.user_id,
                "cognitoIdentity": None,
                "principalOrgId": None,
                "userArn": caller.arn,
                "userId": caller.user_id,
            }
        }
    http = {
        "method": request.method,
        "path": request.path,
        "protocol": request.protocol,
        "sourceIp": request.source_ip,
    }
    if user_agent is not None:
        http["userAgent"] = user_agent
    return {
        **context,
        "domainName": _domain(request.host),
        "domainPrefix": request.id,
        "http": http,
        "requestId": request.request_id,
        "routeKey": "$default",
        "stage": "$default",
        "time": _time(now_ms),
        "timeEpoch": now_ms,
    }


def _domain(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdecimal() else host


def _time(epoch_ms: int) -> str:
    """`12/Mar/2020:19:03:58 +0000`, in whatever language the server runs."""
    at = time.gmtime(epoch_ms // 1000)
    clock = f"{at.tm_hour:02d}:{at.tm_min:02d}:{at.tm_sec:02d}"
    return f"{at.tm_mday:02d}/{_MONTHS[at.tm_mon - 1]}/{at.tm_year:04d}:{clock} +0000"


def _text(body: bytes, headers: dict[str, str]) -> str | None:
    """The body as text; None where the function gets it in base64: what is not said to be text, or is none."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    texts = kind in _TEXTS or kind.startswith("text/") or kind.endswith(("+json", "+xml"))
    if not texts or "content-encoding" in headers:
        return None
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return None
