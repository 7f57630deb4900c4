from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambent.wire.route import Head, NoRoute, find_head, find_route

INVOKE = "/2015-03-31/functions/f/invocations"


def head(method: str, path: str, query: str = "", host: str = "localhost:4566", **more: Any) -> Head:
    headers = {name.replace("_", "-"): value for name, value in more.pop("headers", {}).items()}
    return Head(method, path, query, headers, host, more.get("signed"))


def found(request: Head, body: bytes = b"") -> tuple[str, str, str | None]:
    route = find_route(request, body)
    return route.service.name, route.protocol, route.operation.name if route.operation else None


def refused(request: Head, body: bytes = b"") -> NoRoute:
    with pytest.raises(NoRoute) as nothing:
        find_route(request, body)
    return nothing.value


@pytest.mark.parametrize("signed", ["lambda", None])
def test_a_rest_call_is_found_by_path_signed_or_not(signed: str | None) -> None:
    route = find_head(head("POST", INVOKE, "Qualifier=1", signed=signed))
    assert route.service.name == "lambda"
    assert route.operation is not None
    assert (route.protocol, route.operation.name, dict(route.labels)) == ("rest-json", "Invoke", {"FunctionName": "f"})


def test_an_unsigned_form_can_be_the_body_of_a_call() -> None:
    headers = {"content_type": "application/x-www-form-urlencoded"}
    assert found(head("POST", INVOKE, headers=headers)) == ("lambda", "rest-json", "Invoke")


@pytest.mark.parametrize(
    ("target", "content_type", "expected"),
    [
        ("AmazonSQS.SendMessage", "application/x-amz-json-1.0", ("sqs", "json-1.0", "SendMessage")),
        ("DynamoDB_20120810.PutItem", "application/x-amz-json-1.0", ("dynamodb", "json-1.0", "PutItem")),
        ("DynamoDBStreams_20120810.GetRecords", "", ("dynamodbstreams", "json-1.0", "GetRecords")),
        ("Kinesis_20131202.PutRecord", "application/x-amz-json-1.1", ("kinesis", "json-1.1", "PutRecord")),
        ("Kinesis_20131202.PutRecord", "application/x-amz-cbor-1.1", ("kinesis", "cbor-1.1", "PutRecord")),
        ("AWSEvents.PutEvents", "application/x-amz-json-1.1", ("events", "json-1.1", "PutEvents")),
        ("Logs_20140328.FilterLogEvents", "", ("logs", "json-1.1", "FilterLogEvents")),
    ],
)
def test_a_target_header_names_service_and_operation(target: str, content_type: str, expected: tuple[str, ...]) -> None:
    request = head("POST", "/", headers={"x_amz_target": target, "content_type": content_type})
    assert found(request) == expected


def test_a_target_of_another_service_is_found_through_the_signature() -> None:
    request = head("POST", "/", headers={"x_amz_target": "AmazonSSM.GetParameter"}, signed="ssm")
    assert found(request) == ("ssm", "json-1.1", "GetParameter")


def test_smithy_paths_name_service_and_operation() -> None:
    path = "/service/Kinesis_20131202/operation/ListStreams"
    request = head("POST", path, headers={"smithy_protocol": "rpc-v2-cbor"})
    assert found(request) == ("kinesis", "rpc-v2-cbor", "ListStreams")


@pytest.mark.parametrize("where", ["query", "body"])
@pytest.mark.parametrize(
    ("signed", "host", "parameters", "expected"),
    [
        ("sns", "localhost", b"Action=Publish&Message=x", ("sns", "query", "Publish")),
        (None, "sns.localhost", b"Action=Publish&Message=x", ("sns", "query", "Publish")),
        (None, "localhost", b"Action=Publish&Version=2010-03-31", ("sns", "query", "Publish")),
        (None, "localhost", b"Version=2011-06-15&Action=GetCallerIdentity", ("sts", "query", "GetCallerIdentity")),
        ("sqs", "localhost", b"Action=SendMessage&Version=2012-11-05", ("sqs", "query", "SendMessage")),
    ],
)
def test_an_action_is_found_in_query_or_body(
    where: str, signed: str | None, host: str, parameters: bytes, expected: tuple[str, ...]
) -> None:
    headers = {"content_type": "application/x-www-form-urlencoded; charset=utf-8"}
    if where == "query":
        assert found(head("GET", "/", parameters.decode(), host, signed=signed)) == expected
    else:
        assert found(head("POST", "/", "", host, signed=signed, headers=headers), parameters) == expected


def test_a_queue_url_takes_actions() -> None:
    headers = {"content_type": "application/x-www-form-urlencoded"}
    assert found(head("POST", "/000000000000/q", headers=headers), b"Action=SendMessage") == (
        "sqs",
        "query",
        "SendMessage",
    )


def test_services_that_share_a_signature_are_told_apart_by_path() -> None:
    assert found(head("GET", "/restapis", signed="apigateway"))[0] == "apigateway"
    assert found(head("GET", "/v2/apis", signed="apigateway"))[0] == "apigatewayv2"


@pytest.mark.parametrize("host", ["bucket.s3.localhost:4566", "bucket.localhost:4566"])
def test_a_virtual_hosted_bucket_moves_into_the_path(host: str) -> None:
    route = find_head(head("GET", "/a%20key/part", host=host, signed="s3"))
    assert route.operation is not None
    assert route.operation.name == "GetObject"
    assert dict(route.labels) == {"Bucket": "bucket", "Key": "a%20key/part"}
    assert route.path == "/bucket/a%20key/part"


def test_what_belongs_to_nobody_else_belongs_to_s3() -> None:
    assert found(head("PUT", "/bucket/key")) == ("s3", "rest-xml", "PutObject")
    assert found(head("PUT", "/bucket/key", headers={"x_amz_copy_source": "/b/k"}))[2] == "CopyObject"
    assert found(head("GET", "/bucket", "list-type=2"))[2] == "ListObjectsV2"
    assert found(head("GET", "/"))[2] == "ListBuckets"


def test_an_unknown_action_or_none_is_refused() -> None:
    assert refused(head("GET", "/", "Action=Nope&Version=2010-03-31")).refusal.code == "InvalidAction"
    headers = {"content_type": "application/x-www-form-urlencoded"}
    nothing = refused(head("POST", "/", headers=headers, signed="sts"), b"Version=2011-06-15")
    assert (nothing.refusal.code, nothing.protocol) == ("MissingAction", "query")


def test_an_unknown_target_or_path_is_refused_in_the_services_protocol() -> None:
    target = refused(head("POST", "/", headers={"x_amz_target": "DynamoDB_20120810.Nope"}))
    assert (target.refusal.code, target.refusal.status, target.protocol) == (
        "UnknownOperationException",
        400,
        "json-1.0",
    )
    path = refused(head("GET", "/2015-03-31/nothing", signed="lambda"))
    assert (path.refusal.code, path.refusal.status, path.protocol) == ("UnknownOperationException", 404, "rest-json")


def test_a_service_that_nobody_knows_is_named() -> None:
    for request in (head("GET", "/", signed="nope"), head("POST", "/", headers={"x_amz_target": "nope.Do"})):
        assert "'nope'" in str(refused(request).refusal.message)


def test_a_function_url_or_an_api_that_is_not_there_is_forbidden() -> None:
    url = refused(head("GET", "/", host="abc.lambda-url.us-east-1.localhost"))
    assert (url.refusal.status, url.refusal.message) == (403, None)
    api = refused(head("GET", "/prod/x", host="abc.execute-api.localhost"))
    assert (api.refusal.status, api.refusal.message) == (403, "Forbidden")


@given(
    st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH"]),
    st.text(alphabet="/abc{}%2F.~\\é", max_size=30),
    st.text(alphabet="Action=&Vx%", max_size=20),
    st.sampled_from([None, "lambda", "s3", "sqs", "sns", "apigateway", "nope"]),
    st.dictionaries(st.sampled_from(["x-amz-target", "content-type", "smithy-protocol"]), st.text(max_size=40)),
    st.binary(max_size=40),
)
def test_every_request_is_routed_or_refused(
    method: str, path: str, query: str, signed: str | None, headers: dict[str, str], body: bytes
) -> None:
    try:
        route = find_route(Head(method, "/" + path, query, headers, "localhost", signed), body)
    except NoRoute:
        return
    assert route.operation is not None
