from __future__ import annotations

import pytest
from botocore.auth import S3SigV4QueryAuth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from lambent.wire.auth import Credential, MalformedSignature, read_credential

SCOPE = "AKID/20260928/us-east-1/lambda/aws4_request"
GOOD = f"AWS4-HMAC-SHA256 Credential={SCOPE}, SignedHeaders=host;x-amz-date, Signature={'a' * 64}"
DATE = {"x-amz-date": "20260928T092921Z"}


def malformed(header: str, **headers: str) -> MalformedSignature:
    with pytest.raises(MalformedSignature) as problem:
        read_credential({**DATE, **headers, "authorization": header}, "")
    return problem.value


def test_a_header_of_botocore_names_its_maker() -> None:
    request = AWSRequest("POST", "http://localhost:4566/", data=b"x")
    SigV4Auth(Credentials("111122223333", "secret", "token"), "lambda", "eu-west-1").add_auth(request)
    headers = {name.lower(): value for name, value in request.headers.items()}
    assert read_credential(headers, "") == Credential("111122223333", "eu-west-1", "lambda")


def test_a_presigned_url_of_botocore_names_its_maker() -> None:
    request = AWSRequest("GET", "http://localhost:4566/bucket/key?versionId=1")
    S3SigV4QueryAuth(Credentials("AKID", "secret"), "s3", "us-west-2", expires=60).add_auth(request)
    assert read_credential({}, request.url.partition("?")[2]) == Credential("AKID", "us-west-2", "s3")


def test_nobody_signed_an_unsigned_request() -> None:
    assert read_credential({}, "") is None
    assert read_credential({}, "X-Amz-Something=1") is None


def test_any_order_and_spacing_is_read() -> None:
    header = f"AWS4-HMAC-SHA256  Signature=abc,Credential={SCOPE},  SignedHeaders=host"
    assert read_credential({**DATE, "authorization": header}, "") == Credential("AKID", "us-east-1", "lambda")


def test_an_access_key_may_hold_slashes() -> None:
    header = GOOD.replace("AKID", "a/b")
    assert read_credential({**DATE, "authorization": header}, "") == Credential("a/b", "us-east-1", "lambda")


def test_a_signature_for_many_regions_names_none() -> None:
    header = "AWS4-ECDSA-P256-SHA256 Credential=AKID/20260928/s3/aws4_request, SignedHeaders=host, Signature=ab"
    assert read_credential({**DATE, "authorization": header}, "") == Credential("AKID", None, "s3")


def test_the_oldest_form_still_names_a_key() -> None:
    assert read_credential({"authorization": "AWS AKID:c2ln"}, "") == Credential("AKID", None, None)


@pytest.mark.parametrize(
    ("header", "code", "words"),
    [
        ("Bearer token", "IncompleteSignature", "Unsupported authorization type: Bearer"),
        ("", "IncompleteSignature", "Unsupported authorization type: "),
        (GOOD.replace("Credential=", "Kredential="), "IncompleteSignature", "requires 'Credential' parameter."),
        (
            GOOD.partition(", Sig")[0],
            "IncompleteSignature",
            "Authorization header requires 'Signature' parameter.",
        ),
        (GOOD + ", what", "IncompleteSignature", "'what' not a valid key=value pair (missing equal-sign)"),
        (GOOD.replace("us-east-1/", ""), "IncompleteSignature", "Credential must have exactly 5 slash-delimited"),
        (GOOD.replace("aws4_request", "aws5"), "InvalidSignature", "valid terminator: 'aws4_request', not 'aws5'."),
        (GOOD.replace("us-east-1", "US EAST"), "IncompleteSignature", ""),
        (GOOD.replace("us-east-1", "Us_East"), "InvalidSignature", "valid region, not 'Us_East'."),
        (GOOD.replace("20260928", "20260927"), "InvalidSignature", "'20260927' != '20260928', from '20260928T0929"),
    ],
)
def test_a_malformed_header_is_refused_in_aws_words(header: str, code: str, words: str) -> None:
    problem = malformed(header)
    if words:
        assert problem.code == code
    assert words in problem.text


def test_a_signature_without_a_date_is_incomplete() -> None:
    with pytest.raises(MalformedSignature, match="existence of either a 'X-Amz-Date' or a 'Date' header"):
        read_credential({"authorization": GOOD}, "")
    assert read_credential({"authorization": GOOD, "date": "Mon, 28 Sep 2026 09:29:21 GMT"}, "")


def test_a_presigned_url_without_all_its_parts_is_refused() -> None:
    with pytest.raises(MalformedSignature, match="requires the X-Amz-Algorithm") as problem:
        read_credential({}, "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=x")
    assert problem.value.refusal("rest-xml").code == "AuthorizationQueryParametersError"


@pytest.mark.parametrize(
    ("protocol", "incomplete", "invalid"),
    [
        ("rest-json", ("IncompleteSignatureException", 400), ("InvalidSignatureException", 403)),
        ("json-1.0", ("IncompleteSignatureException", 400), ("InvalidSignatureException", 403)),
        ("query", ("IncompleteSignature", 400), ("SignatureDoesNotMatch", 403)),
        ("rest-xml", ("AuthorizationHeaderMalformed", 400), ("AuthorizationHeaderMalformed", 400)),
    ],
)
def test_each_protocol_has_its_own_codes(protocol: str, incomplete: tuple[str, int], invalid: tuple[str, int]) -> None:
    for code, expected in (("IncompleteSignature", incomplete), ("InvalidSignature", invalid)):
        refusal = MalformedSignature(code, "text").refusal(protocol)
        assert (refusal.code, refusal.status) == expected


@given(st.text(max_size=200))
def test_whatever_a_header_holds_is_read_or_refused(text: str) -> None:
    for header in (
        text,
        f"AWS4-HMAC-SHA256 {text}",
        f"AWS4-HMAC-SHA256 Credential={text}, SignedHeaders=h, Signature=s",
    ):
        try:
            credential = read_credential({**DATE, "authorization": header}, "")
        except MalformedSignature:
            continue
        assert credential is not None
        assert credential.access_key
