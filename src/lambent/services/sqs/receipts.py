"""Receipt handles: which message was received, and which of its receives it was.

Opaque to clients. A sum over the whole tells handles from whatever else is sent in their place.
"""

from __future__ import annotations

import base64
import binascii
import struct
import zlib
from typing import NamedTuple

from lambent.services.sqs.refusals import garbage, missing

_FORM = struct.Struct(">3sQQQI4sI")
_MARK = b"\x01\x01\x01"
"""Handles begin with `AQEB`, as AWS's do."""
_SUM_BYTES = 4


class Receipt(NamedTuple):
    """What a handle tells."""

    handle: str
    queue: int
    lot: int
    row: int
    receive_count: int
    start: str
    """How the message's id begins, since rows of another database have the same numbers."""


def handle_of(queue: int, lot: int, row: int, receive_count: int, message_id: str) -> str:
    """The handle of one receive of a message."""
    told = _FORM.pack(_MARK, queue, lot, row, receive_count, bytes.fromhex(message_id[:8]), 0)[:-_SUM_BYTES]
    return base64.b64encode(told + zlib.crc32(told).to_bytes(_SUM_BYTES, "big")).decode()


def receipt_of(handle: str | None) -> Receipt:
    """What a handle tells. Raises AwsError MissingParameter, ReceiptHandleIsInvalid."""
    if not handle:
        raise missing("ReceiptHandle")
    try:
        data = base64.b64decode(handle, validate=True)
        mark, queue, lot, row, count, start, check = _FORM.unpack(data)
    except (binascii.Error, ValueError, struct.error):
        raise garbage(handle) from None
    if mark != _MARK or zlib.crc32(data[:-_SUM_BYTES]) != check or max(queue, lot, row) >= 2**63:
        raise garbage(handle)
    return Receipt(handle, queue, lot, row, count, start.hex())
