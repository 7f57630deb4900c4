from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambent.wire.hosts import NOWHERE, Host, parse_host


@pytest.mark.parametrize(
    ("header", "host"),
    [
        ("localhost:4566", NOWHERE),
        ("127.0.0.1:4566", NOWHERE),
        ("[::1]:4566", NOWHERE),
        ("", NOWHERE),
        ("lambda.localhost:4566", Host("lambda", None, None)),
        ("lambda.us-east-1.localhost", Host("lambda", None, "us-east-1")),
        ("sqs.eu-central-1.amazonaws.com", Host("sqs", None, "eu-central-1")),
        ("eu-central-1.queue.amazonaws.com", Host("sqs", "eu-central-1", None)),
        ("streams.dynamodb.us-west-2.amazonaws.com", Host("dynamodbstreams", None, "us-west-2")),
        ("dynamodb.us-west-2.amazonaws.com:443", Host("dynamodb", None, "us-west-2")),
        ("bucket.s3.localhost:4566", Host("s3", "bucket", None)),
        ("my.dotted.bucket.s3.eu-west-1.amazonaws.com", Host("s3", "my.dotted.bucket", "eu-west-1")),
        ("bucket.localhost:4566", Host(None, "bucket", None)),
        ("S3.LOCALHOST.", Host("s3", None, None)),
        ("abc123.lambda-url.us-east-1.on.aws", Host("lambda-url", "abc123", "us-east-1")),
        ("abc123.lambda-url.us-east-1.localhost:4566", Host("lambda-url", "abc123", "us-east-1")),
        ("a1b2.execute-api.localhost:4566", Host("execute-api", "a1b2", None)),
        ("a1b2.execute-api.us-gov-west-1.amazonaws.com", Host("execute-api", "a1b2", "us-gov-west-1")),
        ("example.com", NOWHERE),
    ],
)
def test_a_host_names_a_service_and_what_belongs_to_it(header: str, host: Host) -> None:
    assert parse_host(header) == host


@given(st.text())
def test_whatever_a_host_header_holds_is_taken_apart(header: str) -> None:
    assert isinstance(parse_host(header), Host)
