"""Response headers: from members that a model puts there to bytes that no client can be misled with.

A value's control characters become spaces, so that none ends a line. Text outside of latin-1 is sent in UTF-8; what a
client sent in a header came in as latin-1 and goes out as the same bytes. May import `wire.responses` (`elements`,
`timestamps`).
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from hashlib import sha512
from typing import TYPE_CHECKING, Any

import orjson
from botocore.utils import is_json_value_header

from lambent.wire.responses.elements import number_text
from lambent.wire.responses.timestamps import epoch_seconds, http_date, iso_8601

if TYPE_CHECKING:
    from collections.abc import Container
    from datetime import datetime

    from botocore.model import Shape

Headers = list[tuple[bytes, bytes]]
HeaderWriter = Callable[[Mapping[str, Any], Headers], None]
Identify = Callable[[str], Headers]

CONTENT_TYPE = b"content-type"

_PRINTABLE = bytes(32 if (code < 32 and code != 9) or code == 127 else code for code in range(256))
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")


def header_text(text: str) -> bytes:
    """Text as the value of a header."""
    try:
        raw = text.encode("latin-1")
    except UnicodeEncodeError:
        raw = text.encode("utf-8", "replace")
    return raw.translate(_PRINTABLE)


def request_id(value: str) -> Headers:
    """The headers, in a new list, that every service but S3 begins with."""
    return [(b"x-amzn-requestid", value.encode())]


def s3_request_id(value: str) -> Headers:
    """The headers, in a new list, that S3 begins with."""
    return [(b"x-amz-request-id", value.encode()), (b"x-amz-id-2", host_id(value).encode())]


def host_id(value: str) -> str:
    """What S3 calls the host: 76 characters, always the same for a request."""
    return b64encode(sha512(value.encode()).digest()[:57]).decode()


def header_writer(shape: Shape, without: Container[str] = ()) -> HeaderWriter:
    """What appends the headers of an output or error.

    without: names of headers, in lower case, that are not written.
    """
    single: list[tuple[str, bytes, Callable[[Any], bytes]]] = []
    prefixed: list[tuple[str, str]] = []
    for member, inner in shape.members.items():
        name = inner.serialization.get("name", member).lower()
        match inner.serialization.get("location"):
            case "header" if name not in without:
                single.append((member, name.encode(), _encoder(inner)))
            case "headers":
                prefixed.append((member, inner.serialization.get("name", "").lower()))

    def write(output: Mapping[str, Any], headers: Headers) -> None:
        get = output.get
        for member, name, encode in single:
            if (value := get(member)) is not None:
                headers.append((name, encode(value)))
        for member, prefix in prefixed:
            if values := get(member):
                _append_prefixed(prefix, values, headers)

    return write


def _append_prefixed(prefix: str, values: Mapping[str, str], headers: Headers) -> None:
    """One header for each entry; a key that is no token cannot be a header's name, and AWS leaves it out as well."""
    headers.extend(
        (f"{prefix}{key.lower()}".encode(), header_text(value))
        for key, value in values.items()
        if _TOKEN.fullmatch(key) and value is not None
    )


def _encoder(shape: Shape) -> Callable[[Any], bytes]:
    if is_json_value_header(shape):
        return lambda value: b64encode(orjson.dumps(value))
    text = _text(shape)
    return header_text if text is None else lambda value: header_text(text(value))


def _text(shape: Shape) -> Callable[[Any], str] | None:
    """From a value to the text of a header; None where it is its own."""
    match shape.type_name:
        case "timestamp":
            return _moment(shape.serialization.get("timestampFormat"))
        case "boolean":
            return lambda value: "true" if value else "false"
        case "integer" | "long":
            return str
        case "float" | "double":
            return number_text
        case "blob":
            return lambda value: b64encode(value).decode()
        case "list":
            return _listed(shape.member)
        case _:
            return None


def _moment(named: str | None) -> Callable[[datetime | str], str]:
    write: Callable[[datetime], str]
    match named:
        case "iso8601":
            write = iso_8601
        case "unixTimestamp":
            write = _epoch_text
        case _:
            write = http_date
    # S3 keeps an `Expires` that is no date, and sends it as it came.
    return lambda value: value if isinstance(value, str) else write(value)


def _epoch_text(moment: datetime) -> str:
    return str(epoch_seconds(moment))


def _listed(shape: Shape) -> Callable[[Any], str]:
    text = _text(shape) or _quoted
    return lambda value: ", ".join([text(element) for element in value if element is not None])


def _quoted(text: str) -> str:
    """An element of a list; in quotes where it would else be taken for several."""
    if "," not in text and '"' not in text:
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
