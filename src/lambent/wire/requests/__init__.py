"""The request side of the wire: bytes to the parameters that botocore's shapes name.

A parser is compiled once per operation and protocol, from shapes to closures, so that a request costs a few look-ups.
Whatever the bytes are, a parser returns parameters or raises AwsError; depth and number of what it builds are bounded.
May import `errors`, `call` and `wire`.

Invariants: a member that is absent, or null where null means absent, is not in the parameters; unknown members are
ignored; integers fit into the bits of their shape; times are aware and in UTC. What the model demands besides is
checked later, by `wire.validate`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from lambent.call import Params
from lambent.wire.message import WireRequest
from lambent.wire.requests.cbor_body import cbor_parser
from lambent.wire.requests.json_body import json_parser
from lambent.wire.requests.query import query_parser
from lambent.wire.requests.rest import rest_parser

if TYPE_CHECKING:
    from botocore.model import OperationModel

    from lambent.wire.model import ServiceModel

Parser = Callable[[WireRequest], Params]
"""From a request to the parameters of its operation. Raises AwsError, and nothing else."""


@cache
def parser_for(service: ServiceModel, operation: OperationModel, protocol: str) -> Parser:
    """The parser of an operation's requests in a protocol as `ServiceModel.protocols` names it; made once.

    The parser raises AwsError for what is not in the form of the shape at all: SerializationException in JSON and CBOR,
    MalformedInput and MalformedQueryString in query, MalformedXML, InvalidArgument and InvalidURI in S3's XML.
    Raises LookupError for a protocol that is not spoken here.
    """
    match protocol:
        case "json-1.0" | "json-1.1":
            return json_parser(service, operation)
        case "cbor-1.1" | "rpc-v2-cbor":
            return cbor_parser(service, operation, protocol)
        case "query":
            return query_parser(service, operation)
        case "rest-json" | "rest-xml":
            return rest_parser(service, operation, protocol)
        case _:
            raise LookupError(f"{protocol} is not spoken here")
