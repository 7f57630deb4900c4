from __future__ import annotations

from datetime import UTC, datetime

import pytest

from unit.wire.responses.written import REQUEST_ID, written

METADATA = f"<ResponseMetadata><RequestId>{REQUEST_ID}</RequestId></ResponseMetadata>"
SNS = 'xmlns="http://sns.amazonaws.com/doc/2010-03-31/"'
SQS = 'xmlns="http://queue.amazonaws.com/doc/2012-11-05/"'


def test_an_operation_without_an_output_answers_with_the_request_id_alone() -> None:
    answer = written("sns", "DeleteTopic", {})
    assert answer.body.decode() == f"<DeleteTopicResponse {SNS}>{METADATA}</DeleteTopicResponse>"
    assert answer.headers == {"x-amzn-requestid": REQUEST_ID, "content-type": "text/xml"}


def test_an_output_that_is_empty_has_its_element() -> None:
    assert written("sns", "TagResource", {}).body.decode() == (
        f"<TagResourceResponse {SNS}><TagResourceResult></TagResourceResult>{METADATA}</TagResourceResponse>"
    )


def test_lists_have_members_and_maps_entries() -> None:
    assert written("sns", "ListTopics", {"Topics": [{"TopicArn": "a&b"}, None]}).body.decode() == (
        f"<ListTopicsResponse {SNS}><ListTopicsResult><Topics><member><TopicArn>a&amp;b</TopicArn></member></Topics>"
        f"</ListTopicsResult>{METADATA}</ListTopicsResponse>"
    )
    assert (
        "<Attributes><entry><key>Owner</key><value>1</value></entry></Attributes>"
        in written("sns", "GetTopicAttributes", {"Attributes": {"Owner": "1", "Policy": None}}).body.decode()
    )


def test_moments_are_iso_8601_and_booleans_words() -> None:
    moment = datetime(2026, 1, 31, 12, 0, 0, tzinfo=UTC)
    role = {"RoleName": "r", "CreateDate": moment}
    assert b"<CreateDate>2026-01-31T12:00:00Z</CreateDate>" in written("iam", "GetRole", {"Role": role}).body
    assert b"<IsTruncated>true</IsTruncated>" in written("iam", "ListRoles", {"IsTruncated": True}).body


@pytest.mark.parametrize(
    ("operation", "output", "inside"),
    [
        ("ListQueues", {"QueueUrls": ["u", "v"]}, "<QueueUrl>u</QueueUrl><QueueUrl>v</QueueUrl>"),
        ("ListQueueTags", {"Tags": {"k": "v"}}, "<Tag><Key>k</Key><Value>v</Value></Tag>"),
        (
            "GetQueueAttributes",
            {"Attributes": {"DelaySeconds": "0"}},
            "<Attribute><Name>DelaySeconds</Name><Value>0</Value></Attribute>",
        ),
        (
            "SendMessageBatch",
            {"Successful": [{"Id": "1"}], "Failed": [{"Id": "2", "SenderFault": True}]},
            (
                "<SendMessageBatchResultEntry><Id>1</Id></SendMessageBatchResultEntry>"
                "<BatchResultErrorEntry><Id>2</Id><SenderFault>true</SenderFault></BatchResultErrorEntry>"
            ),
        ),
        (
            "ReceiveMessage",
            {"Messages": [{"Body": "b", "MessageAttributes": {"a": {"BinaryValue": b"\x00", "DataType": "Binary"}}}]},
            (
                "<Message><Body>b</Body><MessageAttribute><Name>a</Name><Value><BinaryValue>AA==</BinaryValue>"
                "<DataType>Binary</DataType></Value></MessageAttribute></Message>"
            ),
        ),
    ],
)
def test_sqs_over_query_uses_the_names_it_always_had(operation: str, output: dict[str, object], inside: str) -> None:
    assert written("sqs", operation, output, "query").body.decode() == (
        f"<{operation}Response {SQS}><{operation}Result>{inside}</{operation}Result>{METADATA}</{operation}Response>"
    )
