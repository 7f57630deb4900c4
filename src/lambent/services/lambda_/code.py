"""Deployment packages: from the bytes of a request to a blob that functions refer to."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from typing import TYPE_CHECKING

from lambent.runtime.archive import ArchiveLimits, ArchiveTooLarge, BadArchive, inspect
from lambent.services.lambda_.record import Code
from lambent.services.lambda_.refusals import code_too_large, invalid_parameter, not_built

if TYPE_CHECKING:
    from lambent.call import Params

ZIPPED_LIMIT = 52_428_800
UNZIPPED_LIMIT = 262_144_000


def package(params: Params) -> bytes:
    """The zip that CreateFunction's `Code`, or UpdateFunctionCode itself, carries.

    Raises AwsError when there is none, or it lies where Lambent cannot fetch it.
    """
    if params.get("ImageUri"):
        raise not_built("functions from container images (ImageUri)")
    if params.get("S3Bucket") or params.get("S3Key"):
        raise not_built("deployment packages in S3 (S3Bucket, S3Key)")
    if params.get("SourceKMSKeyArn"):
        raise not_built("encrypted deployment packages (SourceKMSKeyArn)")
    data = params.get("ZipFile")
    if data is None:
        raise invalid_parameter("Please provide a source for function code.")
    return bytes(data)


async def examine(data: bytes) -> Code:
    """Look whether a zip can be run from, and name it; nothing is kept.

    Raises AwsError RequestEntityTooLargeException, or InvalidParameterValueException for what cannot be unpacked.
    """
    return (await measure(data))[0]


async def measure(data: bytes) -> tuple[Code, int]:
    """As `examine`, with the bytes that the zip unpacks to."""
    if len(data) > ZIPPED_LIMIT:
        raise code_too_large(ZIPPED_LIMIT, "Zipped")
    # Small ones, too: a few kilobytes can unpack to all that is allowed, and nobody else shall wait for that.
    return await asyncio.to_thread(_examine, data)


def _examine(data: bytes) -> tuple[Code, int]:
    try:
        facts = inspect(data, ArchiveLimits(unzipped_bytes=UNZIPPED_LIMIT))
    except ArchiveTooLarge:
        raise code_too_large(UNZIPPED_LIMIT, "Unzipped") from None
    except BadArchive:
        raise invalid_parameter(
            "Could not unzip uploaded file. Please check your file, then try to upload again."
        ) from None
    if not facts.files:
        raise invalid_parameter("Uploaded file must be a non-empty zip")
    digest = hashlib.sha256(data).digest()
    return Code(digest.hex(), base64.b64encode(digest).decode(), len(data)), facts.unzipped_bytes
