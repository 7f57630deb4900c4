"""Checksums against the vectors that their standards publish, and against botocore's own."""

from __future__ import annotations

import base64

import pytest
from botocore.httpchecksum import Crc32Checksum, Sha1Checksum, Sha256Checksum
from hypothesis import given
from hypothesis import strategies as st

from lambent.wire.checksums import ALGORITHMS, decoded


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("crc32", "cbf43926"),
        ("crc32c", "e3069283"),
        ("crc64nvme", "ae8b14860a799888"),
        ("sha1", "f7c3bc1d808e04732adf679965ccc34ca7ae3441"),
        ("sha256", "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"),
    ],
)
def test_the_check_value_of_the_catalogue_comes_out(name: str, expected: str) -> None:
    assert ALGORITHMS[name].digest(b"123456789").hex() == expected


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("crc32c", bytes(32), "8a9136aa"),  # RFC 3720, B.4
        ("crc32c", b"\xff" * 32, "62a8ab43"),
        ("crc32c", bytes(range(32)), "46dd794e"),
        ("crc64nvme", bytes(4096), "6482d367eb22b64e"),  # NVM Command Set specification, 64b CRC examples
        ("crc64nvme", b"\xff" * 4096, "c0ddba7302eca3ac"),
        ("crc32", b"", "00000000"),
        ("crc64nvme", b"", "0000000000000000"),
    ],
)
def test_the_published_vectors_come_out(name: str, data: bytes, expected: str) -> None:
    assert ALGORITHMS[name].digest(data).hex() == expected


@given(st.binary(max_size=3000))
def test_botocore_computes_the_same(data: bytes) -> None:
    for name, theirs in (("crc32", Crc32Checksum), ("sha1", Sha1Checksum), ("sha256", Sha256Checksum)):
        checksum = theirs()
        checksum.update(data)
        assert ALGORITHMS[name].of(data) == checksum.b64digest()


@given(st.sampled_from(sorted(ALGORITHMS)), st.binary(max_size=300))
def test_what_was_written_is_read_again(name: str, data: bytes) -> None:
    algorithm = ALGORITHMS[name]
    assert decoded(algorithm.of(data), algorithm.size) == algorithm.digest(data)
    assert len(algorithm.digest(memoryview(data))) == algorithm.size


@pytest.mark.parametrize("text", ["", "AAAA", "not base64", "AAAAAA=", "AAAAAA==AAAA", "AAAA\nAA==", "ÄAAAAA=="])
def test_what_is_not_the_base64_of_four_bytes_is_none(text: str) -> None:
    assert decoded(text, 4) is None
    assert decoded(base64.b64encode(bytes(4)).decode(), 4) == bytes(4)
