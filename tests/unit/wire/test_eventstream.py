"""Frames as AWS's own client reads them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from botocore.eventstream import ChecksumMismatch, EventStreamBuffer, EventStreamMessage
from hypothesis import given
from hypothesis import strategies as st

from lambent.wire import eventstream
from lambent.wire.eventstream import Byte, HeaderValue, Long, Short

names = st.text(min_size=1, max_size=60).filter(lambda text: 0 < len(text.encode()) <= 255)
values: st.SearchStrategy[HeaderValue] = st.one_of(
    st.text(max_size=200),
    st.binary(max_size=200),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
)


def read(data: bytes) -> list[EventStreamMessage]:
    buffer = EventStreamBuffer()
    buffer.add_data(data)
    return list(buffer)


def headers_of(headers: dict[str, HeaderValue]) -> dict[str, Any]:
    found: dict[str, Any] = read(eventstream.encode(headers, b""))[0].headers
    return found


@given(headers=st.dictionaries(names, values, max_size=6), payload=st.binary(max_size=2000))
def test_botocore_reads_headers_and_payload_as_they_were_written(
    headers: dict[str, HeaderValue], payload: bytes
) -> None:
    (message,) = read(eventstream.encode(headers, payload))
    assert message.headers == headers
    assert message.payload == payload


@given(st.lists(st.binary(max_size=300), max_size=5), st.integers(1, 40))
def test_messages_are_read_one_after_another_however_the_network_cuts_them(payloads: list[bytes], step: int) -> None:
    data = b"".join(eventstream.event("PayloadChunk", payload, "application/octet-stream") for payload in payloads)
    buffer = EventStreamBuffer()
    found: list[bytes] = []
    for start in range(0, len(data), step):
        buffer.add_data(data[start : start + step])
        found.extend(message.payload for message in buffer)
    assert found == payloads


def test_the_empty_message_has_the_bytes_that_every_sdk_tests_with() -> None:
    assert eventstream.encode({}, b"") == bytes.fromhex("000000100000000005c248eb7d98c8ff")


def test_a_message_with_an_int_header_has_the_bytes_that_every_sdk_tests_with() -> None:
    expected = b"\x00\x00\x00+\x00\x00\x00\x0e4\x8b\xec{\x08event-id\x04\x00\x00\xa0\x0c{'foo':'bar'}\xd3\x89\x02\x85"
    assert eventstream.encode({"event-id": 0xA00C}, b"{'foo':'bar'}") == expected


def test_small_numbers_keep_their_width() -> None:
    wide = eventstream.encode({"n": Long(1)}, b"")
    plain = eventstream.encode({"n": 1}, b"")
    assert len(wide) - len(plain) == 4
    assert headers_of({"a": Byte(-128), "b": Short(-32768), "c": Long(7)}) == {"a": -128, "b": -32768, "c": 7}


def test_a_moment_is_sent_in_milliseconds_whatever_its_zone() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, 678_999, tzinfo=UTC)
    there = moment.astimezone(timezone(timedelta(hours=5)))
    assert headers_of({"t": moment}) == headers_of({"t": there}) == {"t": 1767323045678}


def test_a_moment_before_1970_is_rounded_down() -> None:
    assert headers_of({"t": datetime(1969, 12, 31, 23, 59, 59, 999_500, tzinfo=UTC)}) == {"t": -1}


def test_a_uuid_is_sent_as_its_sixteen_bytes() -> None:
    value = UUID("12345678-1234-5678-1234-567812345678")
    assert headers_of({"id": value}) == {"id": value.bytes}


def test_an_event_names_its_type_and_its_content() -> None:
    (message,) = read(eventstream.event("InvokeComplete", b"{}", "application/json"))
    assert message.headers == {
        ":event-type": "InvokeComplete",
        ":content-type": "application/json",
        ":message-type": "event",
    }
    assert message.to_response_dict()["status_code"] == 200


def test_an_exception_is_an_error_to_the_client() -> None:
    (message,) = read(eventstream.exception("InternalFailureException", b'{"message":"no"}', "application/json"))
    assert message.headers[":exception-type"] == "InternalFailureException"
    assert message.to_response_dict()["status_code"] == 400


def test_an_unmodelled_error_carries_code_and_message() -> None:
    (message,) = read(eventstream.error("InternalServerError", "It broke"))
    assert (message.headers[":error-code"], message.headers[":error-message"]) == ("InternalServerError", "It broke")
    assert message.to_response_dict()["status_code"] == 400


@pytest.mark.parametrize("position", range(0, 30, 3))
def test_a_flipped_bit_is_noticed(position: int) -> None:
    frame = bytearray(eventstream.encode({"a": "b"}, b"0123456789"))
    frame[position] ^= 0x01
    buffer = EventStreamBuffer()
    buffer.add_data(bytes(frame))
    with pytest.raises(ChecksumMismatch):
        next(buffer)


@pytest.mark.parametrize(
    ("headers", "payload", "words"),
    [
        ({"": "x"}, b"", "name has 1 to 255 bytes, not 0"),
        ({"n" * 256: "x"}, b"", "name has 1 to 255 bytes, not 256"),
        ({"n": "x" * 32_768}, b"", "the header n has 32768 bytes"),
        ({f"n{i}": "x" * 32_767 for i in range(5)}, b"", "over 131072"),
        ({}, bytes(25_165_825), "over 25165824"),
        ({"n": Byte(128)}, b"", "does not fit into 8 bits: 128"),
        ({"n": Short(-32769)}, b"", "does not fit into 16 bits: -32769"),
        ({"n": 2**63}, b"", "does not fit into 64 bits"),
    ],
)
def test_what_no_client_could_read_is_not_written(headers: dict[str, HeaderValue], payload: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        eventstream.encode(headers, payload)
