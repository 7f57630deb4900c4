"""Both sides of the wire for one operation in one protocol. May import `wire.requests` and `wire.responses`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from lambent.wire.requests import parser_for
from lambent.wire.responses import error_writer_for, writer_for

if TYPE_CHECKING:
    from botocore.model import OperationModel

    from lambent.wire.model import ServiceModel
    from lambent.wire.requests import Parser
    from lambent.wire.responses import ErrorWriter, Writer


@dataclass(frozen=True, slots=True)
class Codec:
    """Requests to parameters, outputs and errors to responses."""

    parse: Parser
    write: Writer
    write_error: ErrorWriter


@cache
def codec_for(service: ServiceModel, operation: OperationModel, protocol: str) -> Codec:
    """The codec of an operation in a protocol as `ServiceModel.protocols` names it; made once.

    Raises LookupError for a protocol that is not spoken here.
    """
    return Codec(
        parser_for(service, operation, protocol),
        writer_for(service, operation, protocol),
        error_writer_for(service, operation, protocol),
    )
