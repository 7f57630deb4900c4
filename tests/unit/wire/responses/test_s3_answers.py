from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from unit.wire.responses.written import REQUEST_ID, response_of, written

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
MOMENT = datetime(2026, 1, 31, 12, 0, 0, tzinfo=UTC)


async def parts() -> AsyncIterator[bytes]:
    yield b"part"


def body_of(operation: str, output: dict[str, Any]) -> str:
    text = written("s3", operation, output).body.decode()
    assert text.startswith(DECLARATION)
    return text.removeprefix(DECLARATION)


def test_head_has_headers_and_no_body() -> None:
    answer = written("s3", "HeadObject", {"ContentLength": 7, "ContentType": "text/plain", "ETag": '"e"'})
    assert answer.body == b""
    assert answer.headers["content-length"] == "7"
    assert answer.headers["content-type"] == "text/plain"


def test_the_server_counts_a_body_that_is_there() -> None:
    answer = written("s3", "GetObject", {"Body": b"1234567", "ContentLength": 7})
    assert "content-length" not in answer.headers


def test_the_length_of_a_stream_is_said() -> None:
    response = response_of("s3", "GetObject", {"Body": parts(), "ContentLength": 4})
    assert (b"content-length", b"4") in response.headers


def test_an_object_has_its_own_type_or_is_bytes() -> None:
    assert written("s3", "GetObject", {"Body": b"x", "ContentType": "a/b"}).headers["content-type"] == "a/b"
    assert written("s3", "GetObject", {"Body": b"x"}).headers["content-type"] == "application/octet-stream"


def test_a_request_has_two_ids() -> None:
    headers = written("s3", "PutObject", {}).headers
    assert headers["x-amz-request-id"] == REQUEST_ID
    assert len(headers["x-amz-id-2"]) == 76
    assert "x-amzn-requestid" not in headers


def test_what_has_only_headers_has_no_body() -> None:
    answer = written("s3", "PutObject", {"ETag": '"e"'})
    assert (answer.status, answer.body) == (200, b"")
    assert "content-type" not in answer.headers


def test_lists_are_flat_and_special_characters_escaped() -> None:
    output = {
        "Name": "b",
        "KeyCount": 2,
        "IsTruncated": False,
        "Contents": [{"Key": "a&<b>\r", "ETag": '"e"', "LastModified": MOMENT, "Size": 1}, {"Key": "c"}],
        "CommonPrefixes": [],
    }
    assert body_of("ListObjectsV2", output) == (
        f"<ListBucketResult {NAMESPACE}><IsTruncated>false</IsTruncated>"
        "<Contents><Key>a&amp;&lt;b&gt;&#xd;</Key><LastModified>2026-01-31T12:00:00.000Z</LastModified>"
        "<ETag>&quot;e&quot;</ETag><Size>1</Size></Contents><Contents><Key>c</Key></Contents>"
        "<Name>b</Name><KeyCount>2</KeyCount></ListBucketResult>"
    )


def test_lists_that_are_not_flat_have_an_element_of_their_own() -> None:
    assert body_of("ListBuckets", {"Buckets": [{"Name": "b"}]}) == (
        f"<ListAllMyBucketsResult {NAMESPACE}><Buckets><Bucket><Name>b</Name></Bucket></Buckets>"
        "</ListAllMyBucketsResult>"
    )
    assert body_of("GetBucketTagging", {"TagSet": []}) == f"<Tagging {NAMESPACE}><TagSet></TagSet></Tagging>"


def test_a_grantees_type_is_an_attribute() -> None:
    grant = {"Grantee": {"ID": "i", "Type": 'Canonical"User'}, "Permission": "READ"}
    assert (
        '<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Canonical&quot;User">'
        "<ID>i</ID></Grantee>"
    ) in body_of("GetObjectAcl", {"Grants": [grant]})


@pytest.mark.parametrize(("region", "text"), [("eu-west-1", "eu-west-1"), (None, "")])
def test_a_buckets_location_is_the_text_of_the_document(region: str | None, text: str) -> None:
    assert body_of("GetBucketLocation", {"LocationConstraint": region}) == (
        f"<LocationConstraint {NAMESPACE}>{text}</LocationConstraint>"
    )


def test_a_payload_is_the_document() -> None:
    answer = body_of("CopyObject", {"CopyObjectResult": {"ETag": "e"}, "VersionId": "v"})
    assert answer == f"<CopyObjectResult {NAMESPACE}><ETag>e</ETag></CopyObjectResult>"
    assert body_of("GetObjectRetention", {"Retention": {"Mode": "GOVERNANCE"}}) == (
        f"<Retention {NAMESPACE}><Mode>GOVERNANCE</Mode></Retention>"
    )


def test_a_policy_is_json_as_it_was_put() -> None:
    answer = written("s3", "GetBucketPolicy", {"Policy": '{"é": 1}'})
    assert answer.body == '{"é": 1}'.encode()
    assert answer.headers["content-type"] == "application/json"


def test_a_key_that_xml_cannot_hold_fails_the_client_rather_than_become_another() -> None:
    text = body_of("ListObjectsV2", {"Contents": [{"Key": "a\x01b\ud800"}]})
    assert "<Key>a&#x1;b&#55296;</Key>" in text
    with pytest.raises(ET.ParseError):
        ET.fromstring(text)
