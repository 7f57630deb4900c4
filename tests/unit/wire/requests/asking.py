"""Requests as the gateway hands them to parsers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import pytest

from lambent.errors import AwsError
from lambent.wire.message import WireRequest
from lambent.wire.model import load_service
from lambent.wire.requests import parser_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambent.call import Params


def parsed(
    service: str,
    operation: str,
    body: bytes | str | dict[str, object] = b"",
    *,
    protocol: str | None = None,
    labels: Mapping[str, str] | None = None,
    query: str = "",
    headers: Mapping[str, str] | None = None,
    path: str = "/",
) -> Params:
    """The parameters of a request; protocol: None for the service's own. A dict is sent as JSON."""
    model = load_service(service)
    known = model.operation(operation)
    assert known is not None
    if isinstance(body, dict):
        body = orjson.dumps(body)
    if isinstance(body, str):
        body = body.encode()
    request = WireRequest("POST", path, query, headers or {}, body, labels or {})
    return parser_for(model, known, protocol or model.protocols[0])(request)


def refusal(
    service: str,
    operation: str,
    body: bytes | str | dict[str, object] = b"",
    *,
    protocol: str | None = None,
    labels: Mapping[str, str] | None = None,
    query: str = "",
    headers: Mapping[str, str] | None = None,
) -> tuple[str, str | None]:
    """Code and message of the error that a request is refused with."""
    with pytest.raises(AwsError) as caught:
        parsed(service, operation, body, protocol=protocol, labels=labels, query=query, headers=headers)
    return caught.value.code, caught.value.message
