"""The response side of the wire: an output or an error becomes bytes, in the protocol that the client speaks.

Writers are closures, compiled once per operation and protocol from botocore's shapes and kept. May import `call`,
`errors` and `wire`. What AWS does and its models do not say stands as data in `recorded`.

Headers are without `content-length` and `date`, which the server adds; the one exception are answers whose length the
server cannot know (`rest`).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from lambent.wire.responses.formats import (
    cbor_format,
    json_format,
    legacy_cbor_format,
    query_format,
    xml_format,
)
from lambent.wire.responses.headers import request_id, s3_request_id
from lambent.wire.responses.refusals import rest_json_refusals, rpc_refusals, s3_refusals, xml_refusals
from lambent.wire.responses.rest import rest_writer
from lambent.wire.responses.rpc import query_writer, rpc_writer

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.model import OperationModel

    from lambent.call import Output
    from lambent.errors import AwsError
    from lambent.wire.message import WireResponse
    from lambent.wire.model import ServiceModel
    from lambent.wire.responses.formats import PlainFormat
    from lambent.wire.responses.headers import Headers

    Writer = Callable[[Output, str], WireResponse]
    ErrorWriter = Callable[[AwsError, str], WireResponse]

__all__ = ["error_writer_for", "writer_for"]

_SMITHY_RPC: Headers = [(b"smithy-protocol", b"rpc-v2-cbor")]


@cache
def writer_for(service: ServiceModel, operation: OperationModel, protocol: str) -> Writer:
    """From an operation's output and a request id to the answer.

    protocol: as `ServiceModel.protocols` names it. Raises LookupError for one that is not spoken here.
    """
    match protocol:
        case "rest-json":
            return rest_writer(service, operation, json_format(service, "application/json"), request_id)
        case "rest-xml":
            identify = s3_request_id if service.name == "s3" else request_id
            return rest_writer(service, operation, xml_format(service), identify)
        case "query":
            wrapped = "awsQueryCompatible" in service.botocore.metadata
            return query_writer(operation, query_format(service), wrapped=wrapped)
        case _:
            format_, headers = _rpc(service, protocol)
            return rpc_writer(service, operation, format_, headers)


@cache
def error_writer_for(service: ServiceModel, operation: OperationModel | None, protocol: str) -> ErrorWriter:
    """From an error and a request id to the answer.

    operation: None where the request named none that exists.
    protocol: as `ServiceModel.protocols` names it. Raises LookupError for one that is not spoken here.
    """
    match protocol:
        case "rest-json":
            return rest_json_refusals(service, operation, json_format(service, "application/json"))
        case "rest-xml" if service.name == "s3":
            return s3_refusals(service, operation, xml_format(service))
        case "rest-xml":
            return xml_refusals(service, operation, xml_format(service))
        case "query":
            return xml_refusals(service, operation, query_format(service))
        case _:
            format_, headers = _rpc(service, protocol)
            return rpc_refusals(service, operation, format_, headers)


def _rpc(service: ServiceModel, protocol: str) -> tuple[PlainFormat, Headers]:
    """The format of a protocol that is not REST, and the headers that each of its answers has."""
    match protocol:
        case "json-1.0" | "json-1.1":
            return json_format(service, f"application/x-amz-{protocol}"), []
        case "rpc-v2-cbor":
            return cbor_format(service, "application/cbor"), _SMITHY_RPC
        case "cbor-1.1":
            return legacy_cbor_format(service, "application/x-amz-cbor-1.1"), []
        case _:
            raise LookupError(f"{service.name} is not spoken over {protocol}")
