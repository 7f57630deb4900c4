"""Ids of events, and the tokens by which a client goes on with a list.

An event's id is 56 digits, its time first, as on AWS: it says where the event stands, so that a page begins behind an
event whatever came or went meanwhile. Tokens of lists of names are the name behind which a page begins.
"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, NamedTuple

import orjson

from lambent.services.logs.record import Position
from lambent.services.logs.refusals import invalid_token

if TYPE_CHECKING:
    from typing import Any

_TIME_SHIFT = 144
_CHUNK_SHIFT = 64
_CHUNK_MASK = (1 << _TIME_SHIFT - _CHUNK_SHIFT) - 1
_LINE_MASK = (1 << _CHUNK_SHIFT) - 1
_MOST = 10**56
_EVENTS = re.compile(r"([fb])/(\d{56})/s")


class Cursor(NamedTuple):
    """Where a page of events begins, itself excluded, and in which direction it goes."""

    position: Position
    descending: bool


def event_id(position: Position) -> str:
    """56 digits, in the order of events."""
    return f"{_number(position):056d}"


def sequence_token(stream_id: int, now_ms: int) -> str:
    """What a stream shows as its sequence token once something was written: AWS gives one still, and ignores it."""
    return f"{(stream_id << 64) + now_ms:056d}"


def forward(position: Position) -> str:
    """GetLogEvents' token for what comes behind an event."""
    return f"f/{event_id(position)}/s"


def backward(position: Position) -> str:
    """GetLogEvents' token for what comes before an event."""
    return f"b/{event_id(position)}/s"


def read(token: str) -> Cursor:
    """A token of `forward` or `backward`. Raises AwsError InvalidParameterException."""
    found = _EVENTS.fullmatch(token)
    if found is None:
        raise invalid_token()
    number = int(found[2])
    position = Position(number >> _TIME_SHIFT, number >> _CHUNK_SHIFT & _CHUNK_MASK, number & _LINE_MASK)
    return Cursor(position, descending=found[1] == "b")


def pack(value: Any) -> str:
    """Something of JSON as a token that tells nothing at first sight."""
    return base64.urlsafe_b64encode(orjson.dumps(value)).decode()


def unpack(token: str, form: type) -> Any:
    """What `pack` was given, which must be of this type. Raises AwsError InvalidParameterException."""
    try:
        value = orjson.loads(base64.b64decode(token, altchars="-_", validate=True))
    except ValueError:
        raise invalid_token() from None
    if type(value) is not form:
        raise invalid_token()
    return value


def _number(position: Position) -> int:
    number = (position.ms << _TIME_SHIFT) + (position.chunk << _CHUNK_SHIFT) + position.line
    return min(max(number, 0), _MOST - 1)
