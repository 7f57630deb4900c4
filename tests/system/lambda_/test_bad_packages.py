"""Deployment packages that AWS refuses, in its words; the server goes on."""

from __future__ import annotations

import io
import struct
import zipfile
from typing import Any

import pytest
from botocore.exceptions import ClientError

from system.harness import ROLE, RUNTIME, create, zipped

BAD_ZIP = "Could not unzip uploaded file. Please check your file, then try to upload again."
GOOD = "def handler(event, context):\n    return 'good'\n"


def entries(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def with_link(target: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("m.py", GOOD)
        link = zipfile.ZipInfo("link")
        link.create_system = 3
        link.external_attr = 0o120777 << 16
        archive.writestr(link, target)
    return out.getvalue()


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("big", "w", force_zip64=True) as file:
        for _ in range(300):
            file.write(bytes(1_000_000))
    return out.getvalue()


def lying_bomb() -> bytes:
    """A bomb whose headers say that it is small."""
    data = bytearray(bomb())
    at = data.rfind(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 100)
    return bytes(data)


def corrupt() -> bytes:
    data = bytearray(zipped(GOOD))
    at = data.find(b"def handler")
    data[at] ^= 0xFF
    return bytes(data)


@pytest.mark.parametrize(
    ("package", "message"),
    [
        (b"", "Could not unzip"),
        (b"not a zip", BAD_ZIP),
        (zipped(GOOD)[:-10], BAD_ZIP),
        (entries(**{"../climbs.py": b""}), BAD_ZIP),
        (entries(**{"/absolute.py": b""}), BAD_ZIP),
        (with_link("/etc/passwd"), BAD_ZIP),
        (with_link("../../outside"), BAD_ZIP),
        (entries(), "Uploaded file must be a non-empty zip"),
        (bomb(), "Unzipped size must be smaller than 262144000 bytes"),
        (lying_bomb(), ""),  # whether it is seen as too large or as broken is not settled by AWS
        (corrupt(), BAD_ZIP),
    ],
    ids=["no bytes", "no zip", "cut", "climbs", "absolute", "link out", "link up", "empty", "bomb", "lies", "corrupt"],
)
def test_a_package_that_cannot_be_run_is_refused_and_the_next_works(client: Any, package: bytes, message: str) -> None:
    with pytest.raises(ClientError) as refusal:
        client.create_function(
            FunctionName="bad", Runtime=RUNTIME, Handler="m.handler", Role=ROLE, Code={"ZipFile": package}
        )
    assert refusal.value.response["Error"]["Code"] == "InvalidParameterValueException"
    assert message in refusal.value.response["Error"]["Message"]

    create(client, "good", GOOD)
    assert client.invoke(FunctionName="good")["Payload"].read() == b'"good"'
    client.delete_function(FunctionName="good")


def test_a_package_over_fifty_megabytes_is_too_large(client: Any) -> None:
    with pytest.raises(ClientError) as refusal:
        client.create_function(
            FunctionName="fat", Runtime=RUNTIME, Handler="m.handler", Role=ROLE, Code={"ZipFile": bytes(52_428_801)}
        )
    assert refusal.value.response["Error"] == {
        "Code": "RequestEntityTooLargeException",
        "Message": "Zipped size must be smaller than 52428800 bytes",
    }
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413


def test_a_request_over_its_limit_is_too_large(client: Any) -> None:
    with pytest.raises(ClientError) as refusal:
        client.create_function(
            FunctionName="fat", Runtime=RUNTIME, Handler="m.handler", Role=ROLE, Code={"ZipFile": bytes(53_000_000)}
        )
    assert refusal.value.response["Error"] == {
        "Code": "RequestEntityTooLargeException",
        "Message": "Request must be smaller than 70167211 bytes for the CreateFunction operation",
    }
