"""What botocore's models say about services, and which operation of theirs a request is for."""

from __future__ import annotations

import pytest

from lambent.wire.model import ServiceModel, UnknownService, load_service, match_uri, service_names

JSON_FORMS = ("cbor-1.1", "rpc-v2-cbor")


def matched(service: str, request: str, **headers: str) -> str | None:
    """request: method and address, as in `GET /bucket?acl`; headers with underscores for dashes."""
    method, _, address = request.partition(" ")
    path, _, query = address.partition("?")
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    found = match_uri(load_service(service), method, path, query, named)
    return None if found is None else found[0].name


# --- services ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["", "nothing", "Lambda", "..", "../lambda", "/etc/passwd", "lambda/2015-03-31", "\x00"]
)
def test_a_service_that_botocore_has_not_is_unknown(name: str) -> None:
    with pytest.raises(UnknownService):
        load_service(name)


def test_a_service_is_loaded_once() -> None:
    assert load_service("sts") is load_service("sts")
    assert "sts" in set(service_names())


def test_an_operation_that_a_service_has_not_is_none() -> None:
    assert load_service("sts").operation("Invoke") is None
    operation = load_service("sts").operation("GetCallerIdentity")
    assert operation is not None
    assert operation.name == "GetCallerIdentity"


@pytest.mark.parametrize(
    ("name", "protocols"),
    [
        ("lambda", ("rest-json",)),
        ("s3", ("rest-xml",)),
        ("iam", ("query",)),
        ("dynamodb", ("json-1.0", *JSON_FORMS)),
        ("kinesis", ("json-1.1", *JSON_FORMS)),
        ("sqs", ("json-1.0", *JSON_FORMS, "query")),
        ("cloudwatch", ("rpc-v2-cbor", "json-1.0", "cbor-1.1", "query")),
    ],
)
def test_every_protocol_that_clients_speak_is_known_the_preferred_one_first(
    name: str, protocols: tuple[str, ...]
) -> None:
    assert load_service(name).protocols == protocols


@pytest.mark.parametrize(
    ("name", "signing_name", "endpoint_prefix", "target_prefix"),
    [
        ("dynamodbstreams", "dynamodb", "streams.dynamodb", "DynamoDBStreams_20120810"),
        ("apigatewayv2", "apigateway", "apigateway", None),
        ("events", "events", "events", "AWSEvents"),
        ("lambda", "lambda", "lambda", None),
    ],
)
def test_the_names_of_a_service_come_from_its_model(
    name: str, signing_name: str, endpoint_prefix: str, target_prefix: str | None
) -> None:
    service = load_service(name)
    assert (service.signing_name, service.endpoint_prefix) == (signing_name, endpoint_prefix)
    assert service.target_prefix == target_prefix


def test_only_rest_services_are_found_by_their_paths() -> None:
    assert load_service("lambda").is_rest
    assert not load_service("sqs").is_rest
    assert matched("sqs", "POST /") is None


# --- addresses ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_line", "operation"),
    [
        ("POST /2015-03-31/functions", "CreateFunction"),
        ("POST /2015-03-31/functions/", "CreateFunction"),
        ("GET /2015-03-31/functions?MaxItems=1", "ListFunctions"),
        ("GET /2015-03-31/functions/f", "GetFunction"),
        ("GET /2015-03-31/functions/f/configuration", "GetFunctionConfiguration"),
        ("POST /2015-03-31/functions/f/invocations", "Invoke"),
        ("POST /2014-11-13/functions/f/invoke-async", "InvokeAsync"),
        ("POST /2021-11-15/functions/f/response-streaming-invocations", "InvokeWithResponseStream"),
        ("GET /2017-03-31/tags/arn%3Aaws%3Alambda", "ListTags"),
        ("GET /2015-03-31/functions/f/g/h", None),
        ("PATCH /2015-03-31/functions/f", None),
        ("GET /", None),
    ],
)
def test_operations_of_lambda_by_method_and_path(request_line: str, operation: str | None) -> None:
    assert matched("lambda", request_line) == operation


@pytest.mark.parametrize(
    ("request_line", "operation"),
    [
        ("GET /", "ListBuckets"),
        ("PUT /b", "CreateBucket"),
        ("HEAD /b", "HeadBucket"),
        ("GET /b", "ListObjects"),
        ("GET /b/", "ListObjects"),
        ("GET /b?list-type=2&prefix=x", "ListObjectsV2"),
        ("GET /b?location", "GetBucketLocation"),
        ("GET /b?lifecycle", "GetBucketLifecycleConfiguration"),
        ("PUT /b?lifecycle", "PutBucketLifecycleConfiguration"),
        ("GET /b?notification", "GetBucketNotificationConfiguration"),
        ("PUT /b?notification", "PutBucketNotificationConfiguration"),
        ("GET /b?uploads", "ListMultipartUploads"),
        ("POST /b?delete", "DeleteObjects"),
        ("PUT /b/k", "PutObject"),
        ("PUT /b/k?x-id=PutObject", "PutObject"),
        ("GET /b/k", "GetObject"),
        ("GET /b/k?versionId=v", "GetObject"),
        ("HEAD /b/k", "HeadObject"),
        ("GET /b/k?tagging", "GetObjectTagging"),
        ("POST /b/k?uploads", "CreateMultipartUpload"),
        ("PUT /b/k?partNumber=1&uploadId=u", "UploadPart"),
        ("GET /b/k?uploadId=u", "ListParts"),
        ("POST /b/k?uploadId=u", "CompleteMultipartUpload"),
        ("DELETE /b/k?uploadId=u", "AbortMultipartUpload"),
        ("DELETE /b/k", "DeleteObject"),
    ],
)
def test_operations_of_s3_by_method_path_and_query(request_line: str, operation: str) -> None:
    assert matched("s3", request_line) == operation


def test_a_header_tells_a_copy_from_an_upload() -> None:
    assert matched("s3", "PUT /b/k", x_amz_copy_source="/b/other") == "CopyObject"
    assert matched("s3", "PUT /b/k?partNumber=1&uploadId=u", x_amz_copy_source="/b/other") == "UploadPartCopy"


def test_labels_are_handed_on_as_they_were_sent() -> None:
    found = match_uri(load_service("lambda"), "GET", "/2017-03-31/tags/arn%3Aaws%3Alambda%2Fx", "", {})
    assert found is not None
    assert found[1] == {"Resource": "arn%3Aaws%3Alambda%2Fx"}
    found = match_uri(load_service("s3"), "GET", "/b/a%20b//c/", "", {})
    assert found is not None
    assert found[1] == {"Bucket": "b", "Key": "a%20b//c/"}


@pytest.mark.parametrize("name", ["lambda", "apigateway", "apigatewayv2"])
def test_every_operation_is_found_at_its_own_address(name: str) -> None:
    service = load_service(name)
    lost = [
        operation for operation in service.botocore.operation_names if found_at_home(service, operation) != operation
    ]
    assert lost == []


def found_at_home(service: ServiceModel, name: str) -> str | None:
    """The operation that is found where an operation is."""
    operation = service.botocore.operation_model(name)
    address = str(operation.http["requestUri"]).replace("+}", "}")
    shape = operation.input_shape
    for member_name in shape.required_members if shape is not None else ():
        serialization = shape.members[member_name].serialization
        wire_name = serialization.get("name", member_name)
        address = address.replace(f"{{{wire_name}}}", "x")
        if serialization.get("location") == "querystring":
            address += f"{'&' if '?' in address else '?'}{wire_name}=x"
    return matched(service.name, f"{operation.http['method']} {address}")
