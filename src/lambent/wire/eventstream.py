"""The binary framing of AWS event streams (`application/vnd.amazon.eventstream`), as a server sends it.

A message is a prelude (total length, headers' length, CRC-32 of both), typed headers, a payload and a CRC-32 of all
that came before. Which headers make an event, an exception or an error is decided here; what stands in the payload is
the protocol codec's matter. May import nothing of Lambent; holds no state.
"""

from __future__ import annotations

from datetime import UTC, datetime
from struct import Struct
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Mapping

CONTENT_TYPE = "application/vnd.amazon.eventstream"

MAX_HEADERS_BYTES = 131_072
"""All headers of a message together."""
MAX_PAYLOAD_BYTES = 25_165_824
"""The payload of a message: what AWS's own decoders accept."""

_MAX_NAME_BYTES = 255
_MAX_VALUE_BYTES = 32_767
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_PRELUDE = Struct("!II")
_CRC = Struct("!I")
_BYTE = Struct("!Bb")
_SHORT = Struct("!Bh")
_INT = Struct("!Bi")
_LONG = Struct("!Bq")
_SIZED = Struct("!BH")
_FRAME_BYTES = 16


class Byte(NamedTuple):
    """A header of eight bits, which a plain int never becomes."""

    value: int


class Short(NamedTuple):
    """A header of sixteen bits, which a plain int never becomes."""

    value: int


class Long(NamedTuple):
    """A header of 64 bits, even where the number would fit into 32."""

    value: int


HeaderValue = str | bytes | bool | int | datetime | UUID | Byte | Short | Long
"""A plain int is sent in 32 bits, or in 64 where it does not fit; a datetime must know its zone."""


def encode(headers: Mapping[str, HeaderValue], payload: bytes) -> bytes:
    """One message.

    Raises ValueError where a name, a value, the headers or the payload exceed what the format or AWS's decoders allow.
    """
    head = b"".join([_header(name, value) for name, value in headers.items()])
    if len(head) > MAX_HEADERS_BYTES:
        raise ValueError(f"the headers have {len(head)} bytes, over {MAX_HEADERS_BYTES}")
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise ValueError(f"the payload has {len(payload)} bytes, over {MAX_PAYLOAD_BYTES}")
    prelude = _PRELUDE.pack(_FRAME_BYTES + len(head) + len(payload), len(head))
    front = b"".join((prelude, _CRC.pack(crc32(prelude)), head))
    return b"".join((front, payload, _CRC.pack(crc32(payload, crc32(front)))))


def event(event_type: str, payload: bytes, content_type: str) -> bytes:
    """A message of the modelled event `event_type`, the name of the union's member."""
    headers = {":event-type": event_type, ":content-type": content_type, ":message-type": "event"}
    return encode(headers, payload)


def exception(exception_type: str, payload: bytes, content_type: str) -> bytes:
    """A message of the modelled exception `exception_type`, the name of the union's member. It ends the stream."""
    headers = {":exception-type": exception_type, ":content-type": content_type, ":message-type": "exception"}
    return encode(headers, payload)


def error(code: str, message: str) -> bytes:
    """A message of an error that the model does not know. It ends the stream."""
    return encode({":error-code": code, ":error-message": message, ":message-type": "error"}, b"")


def _header(name: str, value: HeaderValue) -> bytes:
    raw = name.encode()
    if not 0 < len(raw) <= _MAX_NAME_BYTES:
        raise ValueError(f"a header's name has 1 to {_MAX_NAME_BYTES} bytes, not {len(raw)}")
    return bytes((len(raw),)) + raw + _value(name, value)


def _value(name: str, value: HeaderValue) -> bytes:
    match value:
        case str():
            return _sized(name, 7, value.encode())
        case bool():
            return b"\x00" if value else b"\x01"
        case int():
            fits = -(2**31) <= value < 2**31
            return _number(name, _INT if fits else _LONG, 4 if fits else 5, value)
        case bytes():
            return _sized(name, 6, value)
        case datetime():
            return _number(name, _LONG, 8, _millis(value))
        case UUID():
            return b"\x09" + value.bytes
        case Byte(number):
            return _number(name, _BYTE, 2, number)
        case Short(number):
            return _number(name, _SHORT, 3, number)
        case Long(number):
            return _number(name, _LONG, 5, number)


def _sized(name: str, kind: int, raw: bytes) -> bytes:
    if len(raw) > _MAX_VALUE_BYTES:
        raise ValueError(f"the header {name} has {len(raw)} bytes, over {_MAX_VALUE_BYTES}")
    return _SIZED.pack(kind, len(raw)) + raw


def _number(name: str, form: Struct, kind: int, number: int) -> bytes:
    bits = 8 * (form.size - 1)
    if not -(1 << bits - 1) <= number < 1 << bits - 1:
        raise ValueError(f"the header {name} does not fit into {bits} bits: {number}")
    return form.pack(kind, number)


def _millis(moment: datetime) -> int:
    """Whole milliseconds since 1970, in integers so that no float rounds them."""
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000
