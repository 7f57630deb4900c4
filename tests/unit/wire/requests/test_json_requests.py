"""JSON of services that are called by a target header, and the two ways in which AWS refuses it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from unit.wire.requests.asking import parsed, refusal

SERIALIZATION = "SerializationException"
BAD_LENGTH = "Base64 encoded length is expected a multiple of 4 bytes but found: 5"


@pytest.mark.parametrize(
    "body", ["", "{", "null", "1", '"x"', "true", '{"StreamName":"s",}', '{"StreamName":"s"} {}', b"\xff", "NaN"]
)
def test_what_is_no_json_object_is_refused_without_a_message(body: bytes | str) -> None:
    assert refusal("kinesis", "PutRecord", body) == (SERIALIZATION, None)


def test_a_list_is_refused_in_words() -> None:
    assert refusal("kinesis", "PutRecord", "[]") == (SERIALIZATION, "Start of list found where not expected")


@pytest.mark.parametrize(
    ("member", "value", "message"),
    [
        ("StreamName", 1, "NUMBER_VALUE can not be converted to a String"),
        ("StreamName", 1.5, "NUMBER_VALUE can not be converted to a String"),
        ("StreamName", True, "TRUE_VALUE can not be converted to a String"),
        ("StreamName", False, "FALSE_VALUE can not be converted to a String"),
        ("StreamName", ["x"], "Start of list found where not expected"),
        ("StreamName", {}, "Start of structure or map found where not expected."),
        ("Limit", "1", "STRING_VALUE can not be converted to an Integer"),
        ("Limit", True, "TRUE_VALUE can not be converted to an Integer"),
        ("Limit", 2**31, "NUMBER_VALUE can not be converted to an Integer"),
        ("Limit", 1e300, "NUMBER_VALUE can not be converted to an Integer"),
        ("StreamCreationTimestamp", "2026-01-01", "STRING_VALUE can not be converted to milliseconds since epoch"),
        ("StreamCreationTimestamp", 1e300, "NUMBER_VALUE can not be converted to milliseconds since epoch"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_in_awss_words(member: str, value: object, message: str) -> None:
    operation = "ListShards" if member == "StreamCreationTimestamp" else "DescribeStream"
    assert refusal("kinesis", operation, {member: value}) == (SERIALIZATION, message)


@pytest.mark.parametrize(
    ("records", "message"),
    [
        ("x", "Expected list or null"),
        ({}, "Start of structure or map found where not expected."),
        (["x"], "Expected null"),
        ([[]], "Start of list found where not expected"),
        ([{"Data": 1}], "NUMBER_VALUE can not be converted to a Blob"),
        ([{"Data": "23456"}], f"'23456' can not be converted to a Blob: {BAD_LENGTH}"),
        ([{"Data": "=+/="}], "'=+/=' can not be converted to a Blob: Invalid Base64 character: '='"),
        ([{"Data": "YW é"}], "'YW é' can not be converted to a Blob: Invalid Base64 character: ' '"),
    ],
)
def test_lists_structures_and_blobs_are_refused_in_awss_words(records: object, message: str) -> None:
    assert refusal("kinesis", "PutRecords", {"Records": records}) == (SERIALIZATION, message)


def test_a_map_of_the_wrong_type_is_refused_in_awss_words() -> None:
    assert refusal("sqs", "CreateQueue", {"Attributes": 1}) == (SERIALIZATION, "Expected map or null")


@pytest.mark.parametrize(
    ("request_body", "message"),
    [
        ({"TableName": 23}, "NUMBER_VALUE cannot be converted to String"),
        ({"TableName": 34.56}, "DECIMAL_VALUE cannot be converted to String"),
        ({"TableName": {}}, "Start of structure or map found where not expected"),
        ({"ConsistentRead": "23"}, "Unexpected token received from parser"),
        ({"ConsistentRead": 23}, "NUMBER_VALUE cannot be converted to Boolean"),
        ({"AttributesToGet": "x"}, "Unexpected field type"),
        ({"Key": {"a": "x"}}, "Unexpected value type in payload"),
        ({"Key": {"a": {"B": 1}}}, "only base-64-encoded strings are convertible to bytes"),
        ({"Key": {"a": {"B": "23456"}}}, BAD_LENGTH),
    ],
)
def test_dynamodb_refuses_in_words_of_its_own(request_body: dict[str, object], message: str) -> None:
    assert refusal("dynamodb", "GetItem", request_body) == (SERIALIZATION, message)


@pytest.mark.parametrize("levels", [70, 300, 2000])
def test_attributes_that_nest_without_end_are_refused_and_not_followed(levels: int) -> None:
    body = '{"Item":{"a":' + '{"L":[' * levels + '{"S":"x"}' + "]}" * levels + "}}"
    assert refusal("dynamodb", "PutItem", body)[0] == SERIALIZATION


def test_attributes_nest_further_than_dynamodb_allows_so_that_it_can_say_so() -> None:
    value: dict[str, Any] = {"S": "x"}
    for _ in range(40):
        value = {"M": {"a": value}}
    assert parsed("dynamodb", "PutItem", {"Item": {"a": value}}) == {"Item": {"a": value}}


def test_null_members_are_absent_null_elements_stay_and_unknown_members_are_ignored() -> None:
    body: dict[str, object] = {
        "StreamName": None,
        "Records": [None, {"PartitionKey": "k", "ExplicitHashKey": None, "New": 1}],
        "Unheard": [{}],
    }
    assert parsed("kinesis", "PutRecords", body) == {"Records": [None, {"PartitionKey": "k"}]}


def test_only_unknown_members_are_no_parameters() -> None:
    assert parsed("kinesis", "PutRecords", {"Unheard": 1}) == {}


def test_an_operation_without_parameters_does_not_look_at_the_body() -> None:
    assert parsed("kinesis", "DescribeLimits", b"\xff") == {}


def test_blobs_are_bytes_times_are_aware_and_fractions_of_integers_are_cut_off() -> None:
    assert parsed("kinesis", "PutRecord", {"Data": "aGVsbG8="}) == {"Data": b"hello"}
    assert parsed("kinesis", "PutRecord", {"Data": ""}) == {"Data": b""}
    assert parsed("kinesis", "ListShards", {"StreamCreationTimestamp": 1767225600.25, "MaxResults": 7.9}) == {
        "StreamCreationTimestamp": datetime(2026, 1, 1, 0, 0, 0, 250_000, tzinfo=UTC),
        "MaxResults": 7,
    }


def test_booleans_may_be_written_as_words() -> None:
    assert parsed("dynamodb", "GetItem", {"ConsistentRead": "True"}) == {"ConsistentRead": True}


def test_numbers_that_json_cannot_write_come_as_words() -> None:
    found = parsed("logs", "PutMetricFilter", '{"metricTransformations":[{"defaultValue":"-Infinity"}]}')
    assert found == {"metricTransformations": [{"defaultValue": float("-inf")}]}


def test_a_document_is_taken_as_it_is() -> None:
    document = {"a": [1, None, {"b": "c"}]}
    tool = {"toolSpec": {"name": "t", "inputSchema": {"json": document}}}
    body: dict[str, object] = {"toolConfig": {"tools": [tool]}}
    assert parsed("bedrock-runtime", "Converse", body, labels={"modelId": "m"})["toolConfig"] == body["toolConfig"]


def test_a_document_that_nests_too_deeply_is_refused() -> None:
    document = "[" * 300 + "]" * 300
    body = f'{{"toolConfig":{{"tools":[{{"toolSpec":{{"inputSchema":{{"json":{document}}}}}}}]}}}}'
    assert refusal("bedrock-runtime", "Converse", body, labels={"modelId": "m"})[0] == SERIALIZATION
