"""Cross-origin requests to a function URL: preflights are answered here, configured headers win over the function's.

Pure. Settings are the members of AWS's shape Cors. Source: Lambda developer guide, "Cross-origin resource sharing
(CORS)" of function URLs; the Fetch standard, where the guide leaves a choice.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lambent.edge import EdgeResponse
from lambent.services.lambda_.refusals import invalid_parameter

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Headers = list[tuple[bytes, bytes]]

_OURS = b"access-control-"


def check(cors: Mapping[str, Any]) -> None:
    """Refuse what could not stand in a header. Raises AwsError InvalidParameterValueException."""
    for name, values in cors.items():
        for value in values if isinstance(values, list) else ():
            if not (value.isascii() and value.isprintable()):
                raise invalid_parameter(f"Value {value!r} at 'cors.{name}' cannot stand in an HTTP header.")


def preflight(cors: Mapping[str, Any] | None, method: str, headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether a request asks only whether another may be sent. Without settings it is the function that is asked."""
    names = {name for name, _ in headers}
    return cors is not None and method == "OPTIONS" and b"origin" in names and b"access-control-request-method" in names


def preflight_answer(cors: Mapping[str, Any], headers: Iterable[tuple[bytes, bytes]]) -> EdgeResponse:
    """What a browser may send; nothing is said to an origin that may send nothing."""
    asked = dict(headers)
    told = _told(cors, asked[b"origin"])
    if not told:
        return EdgeResponse(200, [], b"")
    for setting, name, wanted in (
        ("AllowMethods", b"access-control-allow-methods", b"access-control-request-method"),
        ("AllowHeaders", b"access-control-allow-headers", b"access-control-request-headers"),
    ):
        values = list(cors.get(setting) or ())
        if not values:
            continue
        everything = "*" in values
        # To a browser that sends credentials `*` is a name like others: what it asks for is said back.
        if everything and cors.get("AllowCredentials"):
            told.append((name, asked.get(wanted, b"*")))
        else:
            told.append((name, b"*" if everything else ",".join(values).encode()))
    if cors.get("MaxAge") is not None:
        told.append((b"access-control-max-age", str(cors["MaxAge"]).encode()))
    return EdgeResponse(200, told, b"")


def applied(
    cors: Mapping[str, Any] | None, headers: Iterable[tuple[bytes, bytes]], response: EdgeResponse
) -> EdgeResponse:
    """The response with the configured headers in the place of all that the function said about origins."""
    if cors is None:
        return response
    kept = [header for header in response.headers if not header[0].startswith(_OURS)]
    origin = dict(headers).get(b"origin")
    told = [] if origin is None else _told(cors, origin)
    if told and cors.get("ExposeHeaders"):
        told.append((b"access-control-expose-headers", ",".join(cors["ExposeHeaders"]).encode()))
    return replace(response, headers=[*kept, *told])


def _told(cors: Mapping[str, Any], origin: bytes) -> Headers:
    """What concerns the origin; empty where it is none of those that may call."""
    allowed = list(cors.get("AllowOrigins") or ())
    credentials = bool(cors.get("AllowCredentials"))
    if not any(_matches(one, origin.decode("latin-1")) for one in allowed):
        return []
    # `*` does not go with credentials: the origin itself is named then.
    everybody = "*" in allowed and not credentials
    told = [(b"access-control-allow-origin", b"*" if everybody else origin)]
    if credentials:
        told.append((b"access-control-allow-credentials", b"true"))
    if not everybody:
        told.append((b"vary", b"Origin"))
    return told


def _matches(allowed: str, origin: str) -> bool:
    """Whether an origin is the allowed one; one `*` in it stands for anything, as in `https://*`."""
    before, star, behind = allowed.lower().partition("*")
    origin = origin.lower()
    if not star:
        return origin == before
    long_enough = len(origin) >= len(before) + len(behind)
    return long_enough and origin.startswith(before) and origin.endswith(behind)
