"""From the body as it came over the wire to the body that was meant.

Undoes aws-chunked framing and gzip, and checks every checksum that the client sent, so that what an operation is given
is what the client had. Chunk signatures are not looked at; everything else that is malformed is refused in S3's words,
as only S3's clients send it. A body without any of that costs a few look-ups. May import `errors` and
`wire.checksums`; holds no state.

The order is AWS's: framing, then the checksums of what was transmitted, then gzip, which S3 stores and does not undo.
"""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from lambent.errors import AwsError
from lambent.wire.checksums import ALGORITHMS, decoded

if TYPE_CHECKING:
    from collections.abc import Mapping

_NO_CHECKSUMS: Mapping[str, str] = MappingProxyType({})

_UNSIGNED = "UNSIGNED-PAYLOAD"
_CHUNKED = (
    "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
    "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD",
    "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER",
)
"""What x-amz-content-sha256 says of a body in aws-chunked framing."""
_SHA256_HEX = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)
_CHUNK_SIZE = re.compile(rb"([0-9a-fA-F]{1,16})(?:;|\Z)")
_LENGTH = re.compile(r"[0-9]{1,18}", re.ASCII)
_CHUNK_HEAD_LIMIT = 1024
_TRAILERS_LIMIT = 8192
_TRAILER_PREFIX = "x-amz-"
_TRAILER_SIGNATURE = "x-amz-trailer-signature"
_SMALLEST_CHUNK = 8192

_OF_THE_OBJECT = frozenset(("CompleteMultipartUpload",))
"""Operations whose checksum headers speak of an object that is not in their body."""


class DecodedBody(NamedTuple):
    """A body as an operation is given it.

    checksums: those that the client sent and that held, by algorithm (`crc32`), in base64 as sent.
    """

    data: bytes
    checksums: Mapping[str, str]


def decode_body(headers: Mapping[str, str], body: bytes, *, service: str, operation: str, limit: int) -> DecodedBody:
    """Undo what the headers say was done to the body, and check it.

    headers: names in lower case.
    service: botocore's name; S3 keeps gzip as it is and checks more than others do.
    operation: the operation's name.
    limit: most bytes of the decoded body; the transmitted one is bounded before it is read.
    Raises AwsError: IncompleteBody, MissingContentLength, InvalidChunkSizeError, MalformedTrailerError, BadDigest,
    InvalidDigest, InvalidRequest, XAmzContentSHA256Mismatch (InvalidSignatureException outside S3),
    InvalidArgument, SerializationException for broken gzip, RequestEntityTooLargeException over the limit.
    """
    if (
        "content-encoding" in headers
        or "x-amz-content-sha256" in headers
        or "content-md5" in headers
        or "x-amz-checksum-crc32" in headers
        or "x-amz-checksum-crc64nvme" in headers
        or "x-amz-checksum-crc32c" in headers
        or "x-amz-checksum-sha256" in headers
        or "x-amz-checksum-sha1" in headers
        or "x-amz-sdk-checksum-algorithm" in headers
    ):
        return _decode(headers, body, service, operation, limit)
    return DecodedBody(body, _NO_CHECKSUMS)


def _decode(headers: Mapping[str, str], body: bytes, service: str, operation: str, limit: int) -> DecodedBody:
    encodings = [token.strip().lower() for token in headers.get("content-encoding", "").split(",")]
    content_sha256 = headers.get("x-amz-content-sha256", "")
    trailers = _NO_CHECKSUMS
    if content_sha256 in _CHUNKED or ("aws-chunked" in encodings and not content_sha256):
        trailers_may_come = not content_sha256.endswith("-PAYLOAD")
        length = _decoded_length(headers, operation, limit)
        body, trailers = _unchunk(body, length, trailers_may_come=trailers_may_come)
        if trailers_may_come:
            _check_trailer_names(headers, trailers)
    elif _SHA256_HEX.fullmatch(content_sha256):
        _check_content_sha256(content_sha256, body, service)
    elif service == "s3" and "x-amz-content-sha256" in headers and content_sha256 != _UNSIGNED:
        raise _unknown_content_sha256(content_sha256)
    _check_md5(headers.get("content-md5"), body)
    checksums = _check_checksums(headers, trailers, body, service, operation)
    if service != "s3" and "gzip" in encodings:
        body = _gunzip(body, operation, limit)
    return DecodedBody(body, checksums)


# --- aws-chunked -------------------------------------------------------------------------------------------------


def _decoded_length(headers: Mapping[str, str], operation: str, limit: int) -> int:
    text = headers.get("x-amz-decoded-content-length", "")
    if not _LENGTH.fullmatch(text):
        raise AwsError("MissingContentLength", "You must provide the Content-Length HTTP header.", status=411)
    length = int(text)
    if length > limit:
        raise _too_large(operation, limit)
    return length


def _unchunk(body: bytes, length: int, *, trailers_may_come: bool) -> tuple[bytes, Mapping[str, str]]:
    """The data of all chunks, `length` bytes, and the trailers by lower-case name."""
    view = memoryview(body)
    parts: list[memoryview] = []
    position = total = 0
    before = _SMALLEST_CHUNK
    while True:
        end = body.find(b"\r\n", position, position + _CHUNK_HEAD_LIMIT)
        if end < 0 or not (size_text := _CHUNK_SIZE.match(body, position, end)):
            raise _incomplete()
        size = int(size_text[1], 16)
        position = end + 2
        if size == 0:
            break
        if before < _SMALLEST_CHUNK:
            raise _chunk_too_small(len(parts), before)
        total += size
        before = size
        if total > length or body[position + size : position + size + 2] != b"\r\n":
            raise _incomplete()
        parts.append(view[position : position + size])
        position += size + 2
    if total != length:
        raise _incomplete()
    if len(body) - position > _TRAILERS_LIMIT:
        raise _malformed_trailer()
    return b"".join(parts), _trailers(body[position:], trailers_may_come=trailers_may_come)


def _trailers(tail: bytes, *, trailers_may_come: bool) -> Mapping[str, str]:
    """What follows the last chunk's head: lines of `name:value`, then an empty one. Some clients end theirs with LF."""
    if tail == b"\r\n":
        return _NO_CHECKSUMS
    if not tail.endswith(b"\r\n"):
        raise _incomplete()
    if not trailers_may_come:
        raise _malformed_trailer()
    found: dict[str, str] = {}
    for line in tail.decode("latin-1").rstrip("\r\n").split("\n"):
        name, colon, value = line.partition(":")
        name = name.strip().lower()
        if not colon or not name.startswith(_TRAILER_PREFIX) or name in found:
            raise _malformed_trailer()
        found[name] = value.strip()
    found.pop(_TRAILER_SIGNATURE, None)
    return found


def _check_trailer_names(headers: Mapping[str, str], trailers: Mapping[str, str]) -> None:
    """Every announced trailer came, unless a header carries its value already, and no other did."""
    announced = {name.strip().lower() for name in headers.get("x-amz-trailer", "").split(",")} - {""}
    if any(name not in announced for name in trailers):
        raise _malformed_trailer()
    if any(name not in trailers and name not in headers for name in announced):
        raise _malformed_trailer()


# --- checksums ---------------------------------------------------------------------------------------------------


def _check_content_sha256(sent: str, body: bytes, service: str) -> None:
    computed = hashlib.sha256(body).hexdigest()
    if computed == sent.lower():
        return
    if service == "s3":
        raise AwsError(
            "XAmzContentSHA256Mismatch",
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
            status=400,
            fields={"ClientComputedContentSHA256": sent, "S3ComputedContentSHA256": computed},
        )
    raise AwsError(
        "InvalidSignatureException",
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access "
        "Key and signing method. Consult the service documentation for details.",
        status=403,
    )


def _check_md5(sent: str | None, body: bytes) -> None:
    if sent is None:
        return
    expected = decoded(sent.strip(), 16)
    if expected is None:
        raise AwsError(
            "InvalidDigest", "The Content-MD5 you specified was invalid.", status=400, fields={"Content-MD5": sent}
        )
    computed = hashlib.md5(body, usedforsecurity=False).digest()
    if computed != expected:
        raise AwsError(
            "BadDigest",
            "The Content-MD5 you specified did not match what we received.",
            status=400,
            fields={"ExpectedDigest": expected.hex(), "CalculatedDigest": base64.b64encode(computed).decode()},
        )


def _check_checksums(
    headers: Mapping[str, str], trailers: Mapping[str, str], body: bytes, service: str, operation: str
) -> Mapping[str, str]:
    """The checksums that were sent, all of which hold."""
    if operation in _OF_THE_OBJECT:
        return _NO_CHECKSUMS
    sent = {
        name: trailers[algorithm.header] if algorithm.header in trailers else headers[algorithm.header]
        for name, algorithm in ALGORITHMS.items()
        if algorithm.header in trailers or algorithm.header in headers
    }
    if len(sent) > 1:
        raise _invalid_request("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
    if not sent:
        if service == "s3" and headers.get("x-amz-sdk-checksum-algorithm"):
            raise _invalid_request(
                "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer "
                "headers were found."
            )
        return _NO_CHECKSUMS
    for name, text in sent.items():
        algorithm = ALGORITHMS[name]
        expected = decoded(text, algorithm.size)
        if expected is None:
            where = "trailing header" if algorithm.header in trailers else "header"
            raise _invalid_request(f"Value for {algorithm.header} {where} is invalid.")
        if algorithm.digest(body) != expected:
            raise AwsError(
                "BadDigest", f"The {algorithm.said} you specified did not match the calculated checksum.", status=400
            )
    return sent


# --- gzip --------------------------------------------------------------------------------------------------------


def _gunzip(body: bytes, operation: str, limit: int) -> bytes:
    """The one member of a gzip file; never more than a byte over the limit is held."""
    stream = zlib.decompressobj(wbits=31)
    try:
        data = stream.decompress(body, limit + 1)
    except zlib.error as broken:
        raise _not_gzip() from broken
    if len(data) > limit:
        raise _too_large(operation, limit)
    if not stream.eof or stream.unused_data:
        raise _not_gzip()
    return data


# --- refusals ----------------------------------------------------------------------------------------------------


def _incomplete() -> AwsError:
    return AwsError("IncompleteBody", "The request body terminated unexpectedly", status=400)


def _malformed_trailer() -> AwsError:
    return AwsError(
        "MalformedTrailerError",
        "The request contained trailing data that was not well-formed or did not conform to our published schema.",
        status=400,
    )


def _chunk_too_small(number: int, size: int) -> AwsError:
    return AwsError(
        "InvalidChunkSizeError",
        f"Only the last chunk is allowed to have a size less than {_SMALLEST_CHUNK} bytes",
        status=403,
        fields={"Chunk": str(number), "BadChunkSize": str(size)},
    )


def _unknown_content_sha256(sent: str) -> AwsError:
    return AwsError(
        "InvalidArgument",
        f"x-amz-content-sha256 must be {_UNSIGNED}, {', '.join(_CHUNKED)} or a valid sha256 value.",
        status=400,
        fields={"ArgumentName": "x-amz-content-sha256", "ArgumentValue": sent},
    )


def _invalid_request(text: str) -> AwsError:
    return AwsError("InvalidRequest", text, status=400)


def _not_gzip() -> AwsError:
    return AwsError("SerializationException", "The request body is not valid gzip.", status=400)


def _too_large(operation: str, limit: int) -> AwsError:
    text = f"Request must be smaller than {limit} bytes for the {operation} operation"
    return AwsError("RequestEntityTooLargeException", text, status=413)
