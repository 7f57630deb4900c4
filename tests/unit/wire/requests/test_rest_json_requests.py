"""Paths, query strings, headers and JSON bodies, mostly Lambda's."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from unit.wire.requests.asking import parsed, refusal

SERIALIZATION = "SerializationException"
FUNCTION = {"FunctionName": "f"}


@pytest.mark.parametrize("body", ["{", "1", "null", '"x"', b"\xff", " "])
def test_a_body_that_is_no_object_is_refused(body: bytes | str) -> None:
    assert refusal("lambda", "CreateFunction", body) == (SERIALIZATION, None)


def test_a_number_in_a_query_string_that_is_none_is_refused() -> None:
    refused = (SERIALIZATION, "STRING_VALUE can not be converted to an Integer")
    assert refusal("lambda", "ListFunctions", query="MaxItems=many") == refused


def test_a_label_that_is_no_number_is_refused() -> None:
    refused = (SERIALIZATION, "STRING_VALUE can not be converted to a Long")
    assert refusal("lambda", "GetLayerVersion", labels={"LayerName": "l", "VersionNumber": "x"}) == refused


def test_addresses_that_cannot_be_decoded_are_refused() -> None:
    assert refusal("lambda", "Invoke", labels={"FunctionName": "%ff"}) == (SERIALIZATION, None)
    assert refusal("lambda", "Invoke", labels=FUNCTION, query="Qualifier=%ff") == (SERIALIZATION, None)


def test_invoke_takes_its_parameters_from_everywhere() -> None:
    found = parsed(
        "lambda",
        "Invoke",
        b"not even JSON",
        labels={"FunctionName": "arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Af"},
        query="Qualifier=%24LATEST",
        headers={"x-amz-invocation-type": "Event", "x-amz-client-context": "e30=", "x-amz-log-type": "Tail"},
    )
    assert found == {
        "FunctionName": "arn:aws:lambda:us-east-1:000000000000:function:f",
        "Qualifier": "$LATEST",
        "InvocationType": "Event",
        "ClientContext": "e30=",
        "LogType": "Tail",
        "Payload": b"not even JSON",
    }


def test_an_empty_payload_is_absent_unless_it_streams() -> None:
    assert parsed("lambda", "Invoke", labels=FUNCTION) == {"FunctionName": "f"}
    assert parsed("lambda", "InvokeAsync", labels=FUNCTION) == {"FunctionName": "f", "InvokeArgs": b""}


def test_an_empty_body_and_an_empty_object_are_no_parameters() -> None:
    assert parsed("lambda", "UpdateFunctionConfiguration", labels=FUNCTION) == FUNCTION
    assert parsed("lambda", "UpdateFunctionConfiguration", {}, labels=FUNCTION) == FUNCTION


def test_a_body_is_not_looked_at_where_no_member_is_in_it() -> None:
    assert parsed("lambda", "DeleteFunction", b"\xff", labels=FUNCTION) == FUNCTION


def test_a_body_does_not_set_what_stands_in_the_path() -> None:
    body: dict[str, object] = {"FunctionName": "g", "MemorySize": 256}
    found = parsed("lambda", "UpdateFunctionConfiguration", body, labels=FUNCTION)
    assert found == {"FunctionName": "f", "MemorySize": 256}


def test_members_have_the_names_that_the_model_gives_them_on_the_wire() -> None:
    body: dict[str, object] = {"routeKey": "GET /", "RouteKey": "no"}
    assert parsed("apigatewayv2", "CreateRoute", body, labels={"apiId": "a"}) == {"ApiId": "a", "RouteKey": "GET /"}


def test_query_strings_have_lists_times_and_booleans() -> None:
    found = parsed(
        "lambda",
        "ListDurableExecutionsByFunction",
        labels=FUNCTION,
        query="Statuses=RUNNING&Statuses=FAILED&StartedAfter=2026-01-01T00%3A00%3A00Z&ReverseOrder=true",
    )
    assert found == {
        "FunctionName": "f",
        "Statuses": ["RUNNING", "FAILED"],
        "StartedAfter": datetime(2026, 1, 1, tzinfo=UTC),
        "ReverseOrder": True,
    }
    assert parsed("lambda", "UntagResource", labels={"Resource": "r"}, query="tagKeys=a&tagKeys=b") == {
        "Resource": "r",
        "TagKeys": ["a", "b"],
    }


def test_a_map_takes_what_no_other_parameter_of_the_query_string_does() -> None:
    labels = {"restapi_id": "a", "stage_name": "s", "export_type": "oas30"}
    found = parsed(
        "apigateway", "GetExport", labels=labels, query="extensions=integrations&x=", headers={"accept": "a"}
    )
    assert found["parameters"] == {"extensions": "integrations", "x": ""}
    assert found["accepts"] == "a"


def test_a_header_that_holds_json_holds_it_in_base64() -> None:
    labels = {"topic": "t"}
    headers = {"x-amz-mqtt5-user-properties": "W3siYSI6ImIifV0="}
    assert parsed("iot-data", "Publish", labels=labels, headers=headers)["userProperties"] == [{"a": "b"}]
    headers = {"x-amz-mqtt5-user-properties": "[]"}
    assert refusal("iot-data", "Publish", labels=labels, headers=headers)[0] == SERIALIZATION


def test_what_the_operations_own_address_says_is_no_parameter() -> None:
    found = parsed("apigateway", "ImportRestApi", b'{"openapi": 3}', query="mode=import&basepath=ignore")
    assert found == {"body": b'{"openapi": 3}', "parameters": {"basepath": "ignore"}}
