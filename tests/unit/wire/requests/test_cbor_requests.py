"""CBOR of Kinesis' SDKs and of Smithy's protocol, and CBOR that is hostile."""

from __future__ import annotations

from datetime import UTC, datetime

import cbor2
import pytest

from unit.wire.requests.asking import parsed, refusal

BOTH = pytest.mark.parametrize("protocol", ["cbor-1.1", "rpc-v2-cbor"])
MOMENT = datetime(2026, 1, 1, 0, 0, 0, 250_000, tzinfo=UTC)


def in_member(value: bytes) -> bytes:
    """A map whose one member, StreamName, has the encoded value."""
    return b"\xa1\x6aStreamName" + value


@BOTH
@pytest.mark.parametrize(
    "body",
    [
        b"\xff",
        b"\x01",
        b"\xa1",
        b"\x9b\x7f\xff\xff\xff\xff\xff\xff\xff",
        b"\x5b\x7f\xff\xff\xff\xff\xff\xff\xff",
        b"\x81" * 10_000 + b"\x01",
        b"\xc1" * 10_000 + b"\x01",
        in_member(b"\x61\xff"),
        in_member(b"\xc2\x41\x01"),
        in_member(b"\xc4\x82\x1b\x7f\xff\xff\xff\xff\xff\xff\xff\x01"),
        in_member(b"\xc5\x82\x1a\x7f\xff\xff\xff\x01"),
        in_member(b"\xd8\x1c\x81\xd8\x1d\x00"),
        in_member(b"\xd8\x23\x61("),
        in_member(b"\xd8\x24\x61a"),
        in_member(b"\xd9\x01\x02\x80"),
        in_member(b"\xd9\xff\xff\x61a"),
    ],
    ids=lambda body: body[:16].hex(),
)
def test_what_is_no_map_or_builds_objects_is_refused(protocol: str, body: bytes) -> None:
    assert refusal("kinesis", "DescribeStream", body, protocol=protocol) == ("SerializationException", None)


@BOTH
@pytest.mark.parametrize(
    ("operation", "body", "message"),
    [
        ("PutRecord", [], "Start of list found where not expected"),
        ("PutRecord", {"StreamName": b"s"}, "EMBEDDED_OBJECT can not be converted to a String"),
        ("PutRecord", {"Data": "s"}, "STRING_VALUE can not be converted to a Blob"),
        ("CreateStream", {"ShardCount": 2**31}, "NUMBER_VALUE can not be converted to an Integer"),
        (
            "ListShards",
            {"StreamCreationTimestamp": "x"},
            "STRING_VALUE can not be converted to milliseconds since epoch",
        ),
        (
            "ListShards",
            {"StreamCreationTimestamp": float("nan")},
            "NUMBER_VALUE can not be converted to milliseconds since epoch",
        ),
        ("CreateStream", {"Tags": {1: "x"}}, "NUMBER_VALUE can not be converted to a String"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(protocol: str, operation: str, body: object, message: str) -> None:
    refused = ("SerializationException", message)
    assert refusal("kinesis", operation, cbor2.dumps(body), protocol=protocol) == refused


@BOTH
def test_blobs_are_bytes_and_unknown_and_null_members_are_absent(protocol: str) -> None:
    body = cbor2.dumps({"Data": b"\x00\xff", "PartitionKey": "k", "StreamName": None, "New": {1: [2]}, 3: 4})
    assert parsed("kinesis", "PutRecord", body, protocol=protocol) == {"Data": b"\x00\xff", "PartitionKey": "k"}


@BOTH
def test_lengths_may_be_left_open(protocol: str) -> None:
    body = b"\xbf\x6aStreamName\x7f\x61a\x61b\xff\xff"
    assert parsed("kinesis", "DescribeStream", body, protocol=protocol) == {"StreamName": "ab"}


@BOTH
def test_an_empty_body_is_no_parameters(protocol: str) -> None:
    assert parsed("kinesis", "ListStreams", b"", protocol=protocol) == {}


@pytest.mark.parametrize("tagged", [True, False])
def test_kinesis_times_are_milliseconds(tagged: bool) -> None:
    millis = round(MOMENT.timestamp() * 1000)
    body = cbor2.dumps({"StreamCreationTimestamp": cbor2.CBORTag(1, millis) if tagged else millis})
    assert parsed("kinesis", "ListShards", body, protocol="cbor-1.1") == {"StreamCreationTimestamp": MOMENT}


def test_smithy_times_are_seconds() -> None:
    body = cbor2.dumps({"StreamCreationTimestamp": cbor2.CBORTag(1, MOMENT.timestamp())})
    assert parsed("kinesis", "ListShards", body, protocol="rpc-v2-cbor") == {"StreamCreationTimestamp": MOMENT}
