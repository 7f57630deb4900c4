"""The checksums that clients send with a body, and how AWS writes them: base64 of the big-endian digest.

CRC-32 comes from zlib and the hashes from hashlib; CRC-32C and CRC-64/NVME, which SDKs compute by default and Python
has not, come from anycrc at memory speed. May import nothing of Lambent; holds no state.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import anycrc

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Data = bytes | bytearray | memoryview


class Algorithm(NamedTuple):
    """One kind of checksum.

    header: the lower-case name of the header or trailer that carries it.
    said: how S3's refusals name it.
    digest: from a body to the raw checksum of `size` bytes.
    """

    header: str
    said: str
    size: int
    digest: Callable[[Data], bytes]

    def of(self, data: Data) -> str:
        """The checksum of `data`, in base64."""
        return base64.b64encode(self.digest(data)).decode()


def _crc32(data: Data) -> bytes:
    return zlib.crc32(data).to_bytes(4, "big")


def _sha1(data: Data) -> bytes:
    return hashlib.sha1(data, usedforsecurity=False).digest()


def _sha256(data: Data) -> bytes:
    return hashlib.sha256(data).digest()


def _crc(name: str, size: int) -> Callable[[Data], bytes]:
    model: Any = anycrc.Model(name)

    def digest(data: Data) -> bytes:
        number: int = model.calc(data)
        return number.to_bytes(size, "big")

    return digest


ALGORITHMS: Mapping[str, Algorithm] = MappingProxyType(
    {
        "crc32": Algorithm("x-amz-checksum-crc32", "CRC32", 4, _crc32),
        "crc32c": Algorithm("x-amz-checksum-crc32c", "CRC32C", 4, _crc("CRC32C", 4)),
        "crc64nvme": Algorithm("x-amz-checksum-crc64nvme", "CRC64NVME", 8, _crc("CRC64-NVME", 8)),
        "sha1": Algorithm("x-amz-checksum-sha1", "SHA1", 20, _sha1),
        "sha256": Algorithm("x-amz-checksum-sha256", "SHA256", 32, _sha256),
    }
)
"""By the last part of the header's name."""


def decoded(text: str, size: int) -> bytes | None:
    """A checksum as a client wrote it; None where it is not the base64 of `size` bytes."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if len(raw) == size else None
