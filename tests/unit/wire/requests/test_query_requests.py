"""Forms and query strings, as AWS's SDKs of all ages write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from unit.wire.requests.asking import parsed, refusal


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        (b"Name=%ff", ("MalformedQueryString", "The query string contains a syntax error.")),
        (b"Name=\xff", ("MalformedQueryString", "The query string contains a syntax error.")),
        (b"Attributes=x", ("MalformedInput", "Expected a key and a value")),
        (b"Attributes.entry.1.key=a", ("MalformedInput", "Expected a key and a value")),
        (b"Tags=x", ("MalformedInput", "Expected a list")),
        (b"Tags.1.Key=a", ("MalformedInput", "Expected a list")),
        (b"Tags.member.1=a", ("MalformedInput", "Expected a structure")),
        (b"Name.Inner=a", ("MalformedInput", "Start of structure or map found where not expected.")),
        (b"Name" + b".a" * 40 + b"=x", ("MalformedInput", "Nesting too deep")),
    ],
)
def test_a_form_that_does_not_make_up_the_shape_is_refused(body: bytes, refused: tuple[str, str]) -> None:
    assert refusal("sns", "CreateTopic", body) == refused


@pytest.mark.parametrize(
    ("parameter", "message"),
    [
        ("DurationSeconds=abc", "'abc' can not be converted to an Integer"),
        ("DurationSeconds=", "'' can not be converted to an Integer"),
        ("DurationSeconds=9999999999", "'9999999999' can not be converted to an Integer"),
        ("DurationSeconds=1_0", "'1_0' can not be converted to an Integer"),
    ],
)
def test_a_number_that_is_none_is_refused(parameter: str, message: str) -> None:
    assert refusal("sts", "GetSessionToken", parameter) == ("MalformedInput", message)


def test_a_time_that_is_none_is_refused() -> None:
    refused = ("MalformedInput", "timestamp must follow ISO8601")
    assert refusal("cloudwatch", "GetMetricStatistics", "StartTime=monday", protocol="query") == refused


def test_lists_and_maps_are_numbered() -> None:
    body = (
        "Action=CreateTopic&Version=2010-03-31&Name=t"
        "&Attributes.entry.1.key=FifoTopic&Attributes.entry.1.value=true"
        "&Tags.member.10.Key=last&Tags.member.2.Key=first&Tags.member.2.Value=a%20b+c"
    )
    assert parsed("sns", "CreateTopic", body) == {
        "Name": "t",
        "Attributes": {"FifoTopic": "true"},
        "Tags": [{"Key": "first", "Value": "a b c"}, {"Key": "last"}],
    }


def test_an_empty_list_is_an_empty_value() -> None:
    assert parsed("sns", "CreateTopic", "Tags=") == {"Tags": []}


def test_maps_of_structures_have_the_names_of_their_model() -> None:
    body = (
        "TopicArn=arn&Message=hi&MessageAttributes.entry.1.Name=n&MessageAttributes.entry.1.Value.DataType=Binary"
        "&MessageAttributes.entry.1.Value.BinaryValue=aGVsbG8%3D"
    )
    assert parsed("sns", "Publish", body)["MessageAttributes"] == {"n": {"DataType": "Binary", "BinaryValue": b"hello"}}


def test_what_the_query_string_says_counts_as_well() -> None:
    assert parsed("sts", "GetSessionToken", "TokenCode=1", query="Action=GetSessionToken&DurationSeconds=900") == {
        "DurationSeconds": 900,
        "TokenCode": "1",
    }


def test_times_are_iso_8601() -> None:
    found = parsed("cloudwatch", "GetMetricStatistics", "StartTime=2026-01-01T01%3A00%3A00%2B01%3A00", protocol="query")
    assert found == {"StartTime": datetime(2026, 1, 1, tzinfo=UTC)}


SENDING = {
    "QueueUrl": "http://localhost:4566/000000000000/q",
    "MessageBody": "hi",
    "MessageAttributes": {"n": {"DataType": "String", "StringValue": "v"}},
}


@pytest.mark.parametrize(
    "attribute",
    ["MessageAttribute.1.Name=n&MessageAttribute.1.Value", "MessageAttributes.1.key=n&MessageAttributes.1.value"],
)
def test_sqs_parameters_have_the_names_of_its_query_protocol_and_of_its_model(attribute: str) -> None:
    prefix = attribute.rpartition("&")[2]
    body = f"QueueUrl={SENDING['QueueUrl']}&MessageBody=hi&{attribute}.DataType=String&{prefix}.StringValue=v"
    assert parsed("sqs", "SendMessage", body, protocol="query") == SENDING


def test_sqs_names_attributes_tags_and_batches_in_its_own_way() -> None:
    assert parsed(
        "sqs",
        "CreateQueue",
        "QueueName=q&Attribute.1.Name=DelaySeconds&Attribute.1.Value=5&Tag.1.Key=a&Tag.1.Value=b",
        protocol="query",
    ) == {"QueueName": "q", "Attributes": {"DelaySeconds": "5"}, "tags": {"a": "b"}}
    assert parsed("sqs", "GetQueueAttributes", "QueueUrl=u&AttributeName.1=All", protocol="query") == {
        "QueueUrl": "u",
        "AttributeNames": ["All"],
    }
    entry = "SendMessageBatchRequestEntry.1"
    assert parsed("sqs", "SendMessageBatch", f"QueueUrl=u&{entry}.Id=1&{entry}.DelaySeconds=3", protocol="query") == {
        "QueueUrl": "u",
        "Entries": [{"Id": "1", "DelaySeconds": 3}],
    }


def test_a_flattened_list_or_map_of_one_may_leave_out_its_number() -> None:
    body = "QueueUrl=u&Attribute.Name=VisibilityTimeout&Attribute.Value=40"
    assert parsed("sqs", "SetQueueAttributes", body, protocol="query")["Attributes"] == {"VisibilityTimeout": "40"}
    found = parsed("sqs", "GetQueueAttributes", "QueueUrl=u&AttributeName=All", protocol="query")
    assert found["AttributeNames"] == ["All"]


def test_an_action_that_is_sent_to_a_queues_url_is_about_that_queue() -> None:
    path, host = "/000000000000/q", {"host": "localhost:4566"}
    found = parsed("sqs", "SendMessage", "MessageBody=hi", protocol="query", path=path, headers=host)
    assert found == {"QueueUrl": "http://localhost:4566/000000000000/q", "MessageBody": "hi"}
    found = parsed("sqs", "SendMessage", "QueueUrl=u", protocol="query", path=path, headers=host)
    assert found == {"QueueUrl": "u"}
    assert parsed("sqs", "SendMessage", "MessageBody=hi", protocol="query") == {"MessageBody": "hi"}
