"""Bodies as SDKs send them, and as broken or hostile clients do."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import zlib
from typing import TYPE_CHECKING, Any

import pytest
from botocore.httpchecksum import AwsChunkedWrapper, Crc32Checksum
from hypothesis import given
from hypothesis import strategies as st

from lambent.errors import AwsError
from lambent.wire.body import DecodedBody, decode_body
from lambent.wire.checksums import ALGORITHMS

if TYPE_CHECKING:
    from collections.abc import Mapping

LIMIT = 1_000_000
UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
SIGNED_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
SIGNATURE = b";chunk-signature=" + b"ab" * 32


def decode(
    headers: Mapping[str, str],
    body: bytes,
    *,
    service: str = "s3",
    operation: str = "PutObject",
    limit: int = LIMIT,
) -> DecodedBody:
    return decode_body(headers, body, service=service, operation=operation, limit=limit)


def refusal(headers: Mapping[str, str], body: bytes, **options: Any) -> AwsError:
    with pytest.raises(AwsError) as caught:
        decode(headers, body, **options)
    return caught.value


def chunked(*chunks: bytes, extension: bytes = b"", trailers: bytes = b"") -> bytes:
    framed = b"".join(b"%x%s\r\n%s\r\n" % (len(chunk), extension, chunk) for chunk in chunks)
    return framed + b"0" + extension + b"\r\n" + trailers + b"\r\n"


def chunked_headers(length: int, content_sha256: str, **more: str) -> dict[str, str]:
    return {
        "content-encoding": "aws-chunked",
        "x-amz-content-sha256": content_sha256,
        "x-amz-decoded-content-length": str(length),
        **{name.replace("_", "-"): value for name, value in more.items()},
    }


# --- plain bodies ------------------------------------------------------------------------------------------------


def test_a_plain_body_is_handed_on_as_it_is() -> None:
    body = b'{"a": 1}'
    found = decode({"content-type": "application/json", "content-length": "8"}, body, service="lambda")
    assert found.data is body
    assert found.checksums == {}


def test_an_unsigned_payload_is_taken_as_it_is() -> None:
    assert decode({"x-amz-content-sha256": "UNSIGNED-PAYLOAD"}, b"abc").data == b"abc"


def test_an_encoding_that_only_the_reader_knows_is_left_alone() -> None:
    assert decode({"content-encoding": "amz-1.0"}, b"{}", service="dynamodb").data == b"{}"


# --- hashes in headers -------------------------------------------------------------------------------------------


def test_a_payload_hash_that_holds_passes_in_either_case() -> None:
    digest = hashlib.sha256(b"abc").hexdigest()
    assert decode({"x-amz-content-sha256": digest}, b"abc").data == b"abc"
    assert decode({"x-amz-content-sha256": digest.upper()}, b"abc", service="lambda").data == b"abc"


def test_s3_names_both_hashes_when_they_differ() -> None:
    sent, computed = hashlib.sha256(b"abc").hexdigest(), hashlib.sha256(b"abd").hexdigest()
    error = refusal({"x-amz-content-sha256": sent}, b"abd")
    assert (error.code, error.status) == ("XAmzContentSHA256Mismatch", 400)
    assert error.message == "The provided 'x-amz-content-sha256' header does not match what was computed."
    assert error.fields == {"ClientComputedContentSHA256": sent, "S3ComputedContentSHA256": computed}


def test_elsewhere_a_wrong_payload_hash_is_a_wrong_signature() -> None:
    error = refusal({"x-amz-content-sha256": "0" * 64}, b"abd", service="lambda")
    assert (error.code, error.status) == ("InvalidSignatureException", 403)


def test_s3_lists_what_a_payload_hash_may_be() -> None:
    error = refusal({"x-amz-content-sha256": "abc"}, b"")
    assert (error.code, error.status) == ("InvalidArgument", 400)
    assert "must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, " in str(error.message)
    assert error.fields == {"ArgumentName": "x-amz-content-sha256", "ArgumentValue": "abc"}


def test_content_md5_is_checked() -> None:
    digest = base64.b64encode(hashlib.md5(b"abc").digest()).decode()
    assert decode({"content-md5": digest}, b"abc").data == b"abc"
    error = refusal({"content-md5": digest}, b"abd")
    assert (error.code, error.status) == ("BadDigest", 400)
    assert error.message == "The Content-MD5 you specified did not match what we received."
    assert error.fields == {
        "ExpectedDigest": hashlib.md5(b"abc").hexdigest(),
        "CalculatedDigest": base64.b64encode(hashlib.md5(b"abd").digest()).decode(),
    }


@pytest.mark.parametrize("value", ["", "abc", "AAAA", "%" * 24])
def test_a_content_md5_that_is_none_is_invalid(value: str) -> None:
    error = refusal({"content-md5": value}, b"abc")
    assert (error.code, error.message) == ("InvalidDigest", "The Content-MD5 you specified was invalid.")


@pytest.mark.parametrize("name", sorted(ALGORITHMS))
def test_a_checksum_header_is_checked_and_handed_on(name: str) -> None:
    algorithm = ALGORITHMS[name]
    right = algorithm.of(b"abc")
    assert decode({algorithm.header: right}, b"abc").checksums == {name: right}
    error = refusal({algorithm.header: right}, b"abd")
    assert (error.code, error.status) == ("BadDigest", 400)
    assert error.message == f"The {name.upper()} you specified did not match the calculated checksum."


@pytest.mark.parametrize("value", ["", "abc", "AAAA", "AAAAAAA="])
def test_a_checksum_of_the_wrong_form_is_invalid(value: str) -> None:
    error = refusal({"x-amz-checksum-crc32": value}, b"abc")
    assert (error.code, error.message) == ("InvalidRequest", "Value for x-amz-checksum-crc32 header is invalid.")


def test_two_checksums_are_one_too_many() -> None:
    headers = {ALGORITHMS[name].header: ALGORITHMS[name].of(b"abc") for name in ("crc32", "sha1")}
    error = refusal(headers, b"abc")
    assert error.code == "InvalidRequest"
    assert error.message == "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."


def test_s3_misses_the_checksum_that_an_sdk_announced() -> None:
    error = refusal({"x-amz-sdk-checksum-algorithm": "CRC32"}, b"abc")
    assert error.code == "InvalidRequest"
    assert str(error.message).startswith("x-amz-sdk-checksum-algorithm specified, but no corresponding")


def test_the_checksum_of_a_finished_upload_is_not_that_of_the_request() -> None:
    headers = {"x-amz-checksum-crc32": ALGORITHMS["crc32"].of(b"the whole object")}
    assert decode(headers, b"<parts/>", operation="CompleteMultipartUpload").data == b"<parts/>"


# --- aws-chunked -------------------------------------------------------------------------------------------------


@given(st.binary(max_size=40_000), st.integers(8192, 12_000))
def test_what_botocore_chunks_comes_out_with_its_checksum(data: bytes, size: int) -> None:
    wrapper = AwsChunkedWrapper(io.BytesIO(data), Crc32Checksum, "x-amz-checksum-crc32", size)
    headers = chunked_headers(len(data), UNSIGNED_TRAILER, x_amz_trailer="x-amz-checksum-crc32")
    found = decode(headers, wrapper.read())
    assert found == DecodedBody(data, {"crc32": ALGORITHMS["crc32"].of(data)})


def test_botocore_without_credentials_names_no_payload_hash() -> None:
    wrapper = AwsChunkedWrapper(io.BytesIO(b"hello"), Crc32Checksum, "x-amz-checksum-crc32")
    headers = chunked_headers(5, "", x_amz_trailer="x-amz-checksum-crc32")
    del headers["x-amz-content-sha256"]
    assert decode(headers, wrapper.read()).data == b"hello"


@given(
    st.binary(max_size=30_000),
    st.sampled_from(sorted(ALGORITHMS)),
    st.sampled_from([UNSIGNED_TRAILER, SIGNED_TRAILER]),
    st.sampled_from([b"\n", b"\r\n"]),
)
def test_every_trailing_checksum_is_checked(data: bytes, name: str, kind: str, newline: bytes) -> None:
    algorithm = ALGORITHMS[name]
    chunks = [data[start : start + 9000] for start in range(0, len(data), 9000)]
    trailers = f"{algorithm.header}:{algorithm.of(data)}".encode() + newline
    extension = b""
    if kind == SIGNED_TRAILER:
        extension = SIGNATURE
        trailers += b"x-amz-trailer-signature:" + b"cd" * 32 + newline
    headers = chunked_headers(len(data), kind, x_amz_trailer=algorithm.header)
    found = decode(headers, chunked(*chunks, extension=extension, trailers=trailers))
    assert found == DecodedBody(data, {name: algorithm.of(data)})


def test_signed_chunks_without_trailers_come_out() -> None:
    chunks = [b"a" * 9000, b"b" * 9000, b"c"]
    body = chunked(*chunks, extension=SIGNATURE)
    assert decode(chunked_headers(18_001, SIGNED), body).data == b"".join(chunks)


def test_a_checksum_in_the_header_serves_though_it_was_announced_as_a_trailer() -> None:
    """AWS's SDK for Java does so over plain HTTP."""
    right = ALGORITHMS["crc32"].of(b"hello")
    headers = chunked_headers(5, SIGNED, x_amz_trailer="x-amz-checksum-crc32", x_amz_checksum_crc32=right)
    assert decode(headers, chunked(b"hello", extension=SIGNATURE)).checksums == {"crc32": right}


def test_gzip_inside_of_chunks_is_stored_by_s3_as_it_is() -> None:
    data = gzip.compress(b"hello")
    headers = chunked_headers(len(data), SIGNED) | {"content-encoding": "gzip,aws-chunked"}
    assert decode(headers, chunked(data, extension=SIGNATURE)).data == data


def test_a_wrong_trailing_checksum_is_a_bad_digest() -> None:
    trailers = f"x-amz-checksum-sha1:{ALGORITHMS['sha1'].of(b'other')}\r\n".encode()
    headers = chunked_headers(5, UNSIGNED_TRAILER, x_amz_trailer="x-amz-checksum-sha1")
    error = refusal(headers, chunked(b"hello", trailers=trailers))
    assert (error.code, error.message) == ("BadDigest", "The SHA1 you specified did not match the calculated checksum.")


@pytest.mark.parametrize("value", ["", "no", "AAAA"])
def test_a_trailing_checksum_of_the_wrong_form_is_invalid(value: str) -> None:
    headers = chunked_headers(5, UNSIGNED_TRAILER, x_amz_trailer="x-amz-checksum-crc32")
    error = refusal(headers, chunked(b"hello", trailers=f"x-amz-checksum-crc32:{value}\r\n".encode()))
    assert error.code == "InvalidRequest"
    assert error.message == "Value for x-amz-checksum-crc32 trailing header is invalid."


CRC32_OF_HELLO = f"x-amz-checksum-crc32:{ALGORITHMS['crc32'].of(b'hello')}\r\n".encode()


@pytest.mark.parametrize(
    ("kind", "announced", "trailers"),
    [
        (UNSIGNED_TRAILER, "", CRC32_OF_HELLO),
        (UNSIGNED_TRAILER, "x-amz-checksum-crc32c", CRC32_OF_HELLO),
        (UNSIGNED_TRAILER, "x-amz-checksum-crc32", b""),
        (UNSIGNED_TRAILER, "x-amz-checksum-crc32", CRC32_OF_HELLO * 2),
        (UNSIGNED_TRAILER, "x-amz-checksum-crc32", b"no colon\r\n"),
        (UNSIGNED_TRAILER, "x-amz-checksum-crc32", b"other: header\r\n"),
        (UNSIGNED_TRAILER, "x-amz-checksum-crc32", b"x-amz-a:" + b"b" * 9000 + b"\r\n"),
        (SIGNED, "x-amz-checksum-crc32", CRC32_OF_HELLO),
    ],
)
def test_trailers_that_were_not_announced_or_are_malformed_are_refused(
    kind: str, announced: str, trailers: bytes
) -> None:
    error = refusal(chunked_headers(5, kind, x_amz_trailer=announced), chunked(b"hello", trailers=trailers))
    assert (error.code, error.status) == ("MalformedTrailerError", 400)
    assert str(error.message).startswith("The request contained trailing data that was not well-formed")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello",
        b"\r\n",
        b"5\r\nhello\r\n",
        b"5\r\nhello\r\n0\r\n",
        b"5\r\nhello\r\n0",
        b"5\r\nhello\r\n0\r\n\r",
        b"5\r\nhello0\r\n\r\n",
        b"5\nhello\n0\n\n",
        b"3\r\nhello\r\n0\r\n\r\n",
        b"6\r\nhello\r\n0\r\n\r\n",
        b"-5\r\nhello\r\n0\r\n\r\n",
        b"+5\r\nhello\r\n0\r\n\r\n",
        b" 5\r\nhello\r\n0\r\n\r\n",
        b"0x5\r\nhello\r\n0\r\n\r\n",
        b"0_5\r\nhello\r\n0\r\n\r\n",
        b"g\r\nhello\r\n0\r\n\r\n",
        b"5 x\r\nhello\r\n0\r\n\r\n",
        b"\xd9\xa5\r\nhello\r\n0\r\n\r\n",
        b"ffffffffffffffff\r\nhello\r\n0\r\n\r\n",
        b"ffffffffffffffffff\r\nhello\r\n0\r\n\r\n",
        b"5;" + b"x" * 2000 + b"\r\nhello\r\n0\r\n\r\n",
        b"5\r\nhello\r\n0\r\n\r\nand more",
        b"4\r\nhell\r\n0\r\n\r\n",
        b"0\r\n\r\n",
    ],
)
def test_framing_that_is_broken_or_of_another_length_is_an_incomplete_body(body: bytes) -> None:
    error = refusal(chunked_headers(5, SIGNED), body)
    assert (error.code, error.message) == ("IncompleteBody", "The request body terminated unexpectedly")
    assert error.status == 400


@given(st.binary(max_size=200))
def test_no_garbage_breaks_the_reader_of_chunks(body: bytes) -> None:
    error = refusal(chunked_headers(201, UNSIGNED_TRAILER), body)
    assert error.code in {"IncompleteBody", "MalformedTrailerError", "InvalidChunkSizeError"}


@pytest.mark.parametrize("value", [None, "", "-1", "+5", "5.0", "five", "1e3", "\u0665", "9" * 19])
def test_the_decoded_length_has_to_be_said(value: str | None) -> None:
    headers = chunked_headers(5, SIGNED)
    del headers["x-amz-decoded-content-length"]
    if value is not None:
        headers["x-amz-decoded-content-length"] = value
    error = refusal(headers, chunked(b"hello"))
    assert (error.code, error.status) == ("MissingContentLength", 411)


def test_only_the_last_chunk_may_be_small() -> None:
    error = refusal(chunked_headers(9005, SIGNED), chunked(b"x" * 8192, b"hello", b"x" * 808))
    assert (error.code, error.status) == ("InvalidChunkSizeError", 403)
    assert error.message == "Only the last chunk is allowed to have a size less than 8192 bytes"
    assert error.fields == {"Chunk": "2", "BadChunkSize": "5"}


def test_a_decoded_length_over_the_limit_is_refused_before_anything_is_read() -> None:
    error = refusal(chunked_headers(LIMIT + 1, SIGNED), b"", operation="PutObject")
    assert (error.code, error.status) == ("RequestEntityTooLargeException", 413)
    assert error.message == "Request must be smaller than 1000000 bytes for the PutObject operation"


# --- gzip --------------------------------------------------------------------------------------------------------


@given(st.binary(max_size=5000))
def test_a_compressed_request_is_unpacked(data: bytes) -> None:
    assert decode({"content-encoding": "gzip"}, gzip.compress(data), service="lambda").data == data


def test_the_hash_of_a_compressed_request_is_that_of_what_was_sent() -> None:
    sent = gzip.compress(b"hello")
    headers = {"content-encoding": "GZIP", "x-amz-content-sha256": hashlib.sha256(sent).hexdigest()}
    assert decode(headers, sent, service="kinesis").data == b"hello"


def test_s3_stores_a_compressed_object_as_it_is() -> None:
    sent = gzip.compress(b"hello")
    assert decode({"content-encoding": "gzip"}, sent).data == sent


def test_a_bomb_is_refused_at_the_limit() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    error = refusal({"content-encoding": "gzip"}, bomb, service="lambda", operation="InvokeFunction", limit=6_291_456)
    assert (error.code, error.status) == ("RequestEntityTooLargeException", 413)
    assert error.message == "Request must be smaller than 6291456 bytes for the InvokeFunction operation"


def test_a_body_of_just_the_limit_passes() -> None:
    assert len(decode({"content-encoding": "gzip"}, gzip.compress(bytes(LIMIT)), service="lambda").data) == LIMIT


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        gzip.compress(b"hello")[:-1],
        gzip.compress(b"hello")[:10],
        gzip.compress(b"hello") + b"more",
        gzip.compress(b"hello") * 2,
        zlib.compress(b"hello"),
        gzip.compress(b"hello")[:-8] + bytes(8),
    ],
)
def test_what_is_not_one_whole_gzip_file_is_refused(body: bytes) -> None:
    error = refusal({"content-encoding": "gzip"}, body, service="lambda")
    assert (error.code, error.status) == ("SerializationException", 400)
