"""Paths, query strings, headers and XML bodies of S3, and XML that is hostile."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from unit.wire.requests.asking import parsed, refusal

MALFORMED = (
    "MalformedXML",
    "The XML you provided was not well-formed or did not validate against our published schema",
)
BUCKET = {"Bucket": "b"}
OBJECT = {"Bucket": "b", "Key": "k"}
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><Delete><Object><Key>&b;</Key></Object></Delete>'


@pytest.mark.parametrize(
    "body",
    [
        "x",
        "<Delete>",
        "<Delete/><Delete/>",
        "<Remove><Object><Key>k</Key></Object></Remove>",
        "<Delete><Quiet>perhaps</Quiet></Delete>",
        "<Delete><Object><Key>&undeclared;</Key></Object></Delete>",
        "<Delete><Object><Size>many</Size></Object></Delete>",
        "<Delete><Object><LastModifiedTime>monday</LastModifiedTime></Object></Delete>",
        LAUGHS,
        '<!DOCTYPE Delete SYSTEM "file:///etc/passwd"><Delete/>',
        '<?xml version="1.0" encoding="no-such-thing"?><Delete/>',
        '<?xml version="1.0" encoding="big5"?><Delete/>',
        b"\xff\xfe",
        "<Delete>" + "<a>" * 100 + "</a>" * 100 + "</Delete>",
        "<Delete>" + "<a/>" * 100_000 + "</Delete>",
    ],
)
def test_xml_that_is_none_or_not_the_shapes_or_hostile_is_refused(body: bytes | str) -> None:
    assert refusal("s3", "DeleteObjects", body, labels=BUCKET) == MALFORMED


@pytest.mark.parametrize("value", ["abc", "", "99999999999"])
def test_a_number_in_a_query_string_that_is_none_is_refused_by_its_name(value: str) -> None:
    refused = ("InvalidArgument", "Provided max-keys not an integer or within integer range")
    assert refusal("s3", "ListObjectsV2", labels=BUCKET, query=f"list-type=2&max-keys={value}") == refused


def test_a_header_that_is_no_time_is_refused_by_its_name() -> None:
    headers = {"x-amz-object-lock-retain-until-date": "monday"}
    refused = ("InvalidArgument", "Provided x-amz-object-lock-retain-until-date not a valid timestamp")
    assert refusal("s3", "PutObject", labels=OBJECT, headers=headers) == refused


def test_a_condition_that_is_no_date_is_ignored_as_http_has_it() -> None:
    headers = {"if-modified-since": "monday", "if-unmodified-since": "Sun, 06 Nov 1994 08:49:37 GMT"}
    assert parsed("s3", "GetObject", labels=OBJECT, headers=headers) == {
        **OBJECT,
        "IfUnmodifiedSince": datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC),
    }


def test_an_address_that_cannot_be_decoded_is_refused() -> None:
    assert refusal("s3", "GetObject", labels={"Bucket": "b", "Key": "%ff"})[0] == "InvalidURI"
    assert refusal("s3", "ListObjectsV2", labels=BUCKET, query="prefix=%ff")[0] == "InvalidURI"


def test_a_policy_that_is_no_text_is_refused() -> None:
    assert refusal("s3", "PutBucketPolicy", b"\xff", labels=BUCKET) == MALFORMED


def test_keys_keep_their_slashes_and_everything_else_is_decoded() -> None:
    found = parsed("s3", "GetObject", labels={"Bucket": "b", "Key": "a/b%2Fc//%C3%A9+d%25"})
    assert found["Key"] == "a/b/c//é+d%"


def test_metadata_is_what_follows_the_prefix() -> None:
    headers = {"x-amz-meta-color": "red", "x-amz-meta-": "", "x-amz-acl": "private", "x-other": "no"}
    assert parsed("s3", "PutObject", b"data", labels=OBJECT, headers=headers) == {
        **OBJECT,
        "Body": b"data",
        "ACL": "private",
        "Metadata": {"color": "red", "": ""},
    }


def test_an_object_may_be_empty() -> None:
    assert parsed("s3", "PutObject", labels=OBJECT) == {**OBJECT, "Body": b""}


@pytest.mark.parametrize(
    ("header", "items"),
    [
        ("ETag,ObjectSize", ["ETag", "ObjectSize"]),
        ("ETag , ObjectSize", ["ETag", "ObjectSize"]),
        (r'"a,b","c\"d",e', ["a,b", 'c"d', "e"]),
        ('"open', ['"open']),
        ("", []),
    ],
)
def test_a_header_can_be_a_list(header: str, items: list[str]) -> None:
    found = parsed("s3", "GetObjectAttributes", labels=OBJECT, headers={"x-amz-object-attributes": header})
    assert found["ObjectAttributes"] == items


def test_an_empty_body_is_no_payload() -> None:
    assert parsed("s3", "CreateBucket", labels=BUCKET) == BUCKET


def test_flattened_lists_and_scalars_are_read() -> None:
    body = """<?xml version="1.0" encoding="UTF-8"?>
        <Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
          <Object><Key> a &amp; &#98; </Key><VersionId>v</VersionId><Unheard>x</Unheard></Object>
          <Quiet> true </Quiet>
          <Object><Key><![CDATA[<c>]]></Key></Object>
        </Delete>"""
    assert parsed("s3", "DeleteObjects", body, labels=BUCKET)["Delete"] == {
        "Objects": [{"Key": " a & b ", "VersionId": "v"}, {"Key": "<c>"}],
        "Quiet": True,
    }


def test_prefixes_are_the_clients_own() -> None:
    body = '<s:Delete xmlns:s="urn:s3"><s:Object><s:Key>k</s:Key></s:Object></s:Delete>'
    assert parsed("s3", "DeleteObjects", body, labels=BUCKET)["Delete"] == {"Objects": [{"Key": "k"}]}


@pytest.mark.parametrize("prefix", ["xsi", "i"])
def test_attributes_are_members_as_well(prefix: str) -> None:
    body = f"""<AccessControlPolicy><AccessControlList><Grant>
        <Grantee xmlns:{prefix}="http://www.w3.org/2001/XMLSchema-instance" {prefix}:type="CanonicalUser">
        <ID>me</ID></Grantee><Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>"""
    assert parsed("s3", "PutBucketAcl", body, labels=BUCKET)["AccessControlPolicy"] == {
        "Grants": [{"Grantee": {"Type": "CanonicalUser", "ID": "me"}, "Permission": "READ"}]
    }


def test_a_list_can_be_empty() -> None:
    found = parsed("s3", "PutBucketTagging", "<Tagging><TagSet/></Tagging>", labels=BUCKET)
    assert found["Tagging"] == {"TagSet": []}


def test_nested_lists_with_names_and_times_are_read() -> None:
    body = """<LifecycleConfiguration><Rule><Expiration><Date>2026-01-01T00:00:00.000Z</Date></Expiration>
        <Filter><And><Tag><Key>a</Key></Tag><Tag><Key>b</Key></Tag><ObjectSizeLessThan>9</ObjectSizeLessThan></And>
        </Filter></Rule></LifecycleConfiguration>"""
    found = parsed("s3", "PutBucketLifecycleConfiguration", body, labels=BUCKET)["LifecycleConfiguration"]
    assert found["Rules"] == [
        {
            "Expiration": {"Date": datetime(2026, 1, 1, tzinfo=UTC)},
            "Filter": {"And": {"Tags": [{"Key": "a"}, {"Key": "b"}], "ObjectSizeLessThan": 9}},
        }
    ]
