"""Answers as the gateway gets them from writers, taken apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambent.errors import AwsError
from lambent.wire.model import load_service
from lambent.wire.responses import error_writer_for, writer_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambent.wire.message import WireResponse

REQUEST_ID = "2d5f5cf1-3a0e-4c6a-9d55-0f9a2c1b7e10"


class Written:
    """A response whose body is bytes, with its headers by name."""

    def __init__(self, response: WireResponse) -> None:
        assert isinstance(response.body, bytes)
        self.status = response.status
        self.body = response.body
        self.headers = {name.decode(): value.decode("latin-1") for name, value in response.headers}
        assert len(self.headers) == len(response.headers), "no header comes twice"


def response_of(service: str, operation: str, output: Mapping[str, Any], protocol: str | None = None) -> WireResponse:
    """The response to an operation; protocol: None for the service's own."""
    model = load_service(service)
    known = model.operation(operation)
    assert known is not None
    return writer_for(model, known, protocol or model.protocols[0])(output, REQUEST_ID)


def written(service: str, operation: str, output: Mapping[str, Any], protocol: str | None = None) -> Written:
    """The same, taken apart."""
    return Written(response_of(service, operation, output, protocol))


def refused(
    service: str,
    operation: str | None,
    code: str,
    message: str | None = "no",
    *,
    protocol: str | None = None,
    **more: Any,
) -> Written:
    """An error, taken apart. more: further arguments of AwsError."""
    model = load_service(service)
    known = None if operation is None else model.operation(operation)
    writer = error_writer_for(model, known, protocol or model.protocols[0])
    return Written(writer(AwsError(code, message, **more), REQUEST_ID))
