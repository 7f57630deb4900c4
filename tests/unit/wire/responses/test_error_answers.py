from __future__ import annotations

from xml.etree import ElementTree as ET

import cbor2
import orjson
import pytest

from unit.wire.responses.written import REQUEST_ID, refused

# --- REST in JSON ------------------------------------------------------------------------------------------------


def test_a_missing_function_is_told_as_lambda_does() -> None:
    answer = refused("lambda", "Invoke", "ResourceNotFoundException", "Function not found: f", fields={"Type": "User"})
    assert answer.status == 404
    assert answer.body == b'{"Message":"Function not found: f","Type":"User"}'
    assert answer.headers == {
        "x-amzn-requestid": REQUEST_ID,
        "content-type": "application/json",
        "x-amzn-errortype": "ResourceNotFoundException",
    }


def test_throttling_says_why_and_when_to_come_back() -> None:
    fields = {"Type": "User", "Reason": "CallerRateLimitExceeded", "retryAfterSeconds": "7"}
    answer = refused("lambda", "Invoke", "TooManyRequestsException", "Rate Exceeded.", fields=fields)
    assert answer.status == 429
    assert answer.body == b'{"Reason":"CallerRateLimitExceeded","Type":"User","message":"Rate Exceeded."}'
    assert answer.headers["retry-after"] == "7"


def test_a_denial_without_words_is_null() -> None:
    answer = refused("lambda", "CreateFunction", "AccessDeniedException", None, status=403)
    assert (answer.status, answer.body) == (403, b'{"Message":null}')


def test_an_error_that_the_model_does_not_know_is_taken_at_its_word() -> None:
    answer = refused("lambda", None, "RequestEntityTooLargeException", "too large", status=413)
    assert (answer.status, answer.body) == (413, b'{"message":"too large"}')
    assert answer.headers["x-amzn-errortype"] == "RequestEntityTooLargeException"
    assert refused("lambda", None, "ValidationException").status == 400


def test_members_of_an_error_have_the_names_that_the_wire_gives_them() -> None:
    answer = refused("apigatewayv2", "GetApi", "NotFoundException", "gone", fields={"ResourceType": "api"})
    assert answer.body == b'{"message":"gone","resourceType":"api"}'


def test_an_error_cannot_split_the_answer() -> None:
    answer = refused("lambda", None, "Odd\r\nX-Evil: 1", headers={"Retry-After": "1\r\nX-Evil: 2"})
    assert answer.headers["x-amzn-errortype"] == "Odd  X-Evil: 1"
    assert answer.headers["retry-after"] == "1  X-Evil: 2"


def test_a_header_of_the_error_replaces_one_of_ours() -> None:
    assert refused("lambda", None, "Odd", headers={"Content-Type": "text/html"}).headers["content-type"] == "text/html"


# --- JSON and CBOR -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("service", "operation", "code", "said"),
    [
        ("sqs", "GetQueueUrl", "QueueDoesNotExist", "com.amazonaws.sqs#QueueDoesNotExist"),
        (
            "sqs",
            "SendMessage",
            "InvalidParameterValueException",
            "com.amazon.coral.service#InvalidParameterValueException",
        ),
        (
            "dynamodb",
            "GetItem",
            "ResourceNotFoundException",
            "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",
        ),
        ("dynamodb", "GetItem", "ValidationException", "com.amazon.coral.validate#ValidationException"),
        ("kinesis", "GetRecords", "ResourceNotFoundException", "ResourceNotFoundException"),
        ("events", "PutRule", "ValidationException", "ValidationException"),
    ],
)
def test_an_errors_type_has_the_prefix_that_its_service_uses(
    service: str, operation: str, code: str, said: str
) -> None:
    answer = refused(service, operation, code)
    assert orjson.loads(answer.body) == {"__type": said, "message": "no"}
    assert answer.status == 400


@pytest.mark.parametrize("protocol", ["json-1.0", "cbor-1.1", "rpc-v2-cbor"])
@pytest.mark.parametrize(
    ("code", "legacy"),
    [
        ("QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"),
        ("AWS.SimpleQueueService.NonExistentQueue", "AWS.SimpleQueueService.NonExistentQueue"),
        ("QueueNameExists", "QueueAlreadyExists"),
        ("InvalidAttributeName", "InvalidAttributeName"),
        ("InvalidParameterValue", "InvalidParameterValue"),
        ("MissingRequiredParameterException", "MissingParameter"),
    ],
)
def test_sqs_names_the_code_that_query_had(protocol: str, code: str, legacy: str) -> None:
    answer = refused("sqs", "SendMessage", code, protocol=protocol)
    assert answer.headers["x-amzn-query-error"] == f"{legacy};Sender"


def test_a_fault_is_the_receivers() -> None:
    answer = refused("sqs", "SendMessage", "InternalFailure")
    assert (answer.status, answer.headers["x-amzn-query-error"]) == (500, "InternalFailure;Receiver")
    assert refused("dynamodb", "GetItem", "InternalServerError").status == 500


def test_a_cancelled_transaction_says_why_for_each_item() -> None:
    reasons = [{"Code": "None"}, {"Code": "ConditionalCheckFailed", "Item": {"b": {"B": b"\x00"}}, "Message": "m"}]
    answer = refused(
        "dynamodb", "TransactWriteItems", "TransactionCanceledException", fields={"CancellationReasons": reasons}
    )
    assert list(orjson.loads(answer.body).items()) == [
        ("__type", "com.amazonaws.dynamodb.v20120810#TransactionCanceledException"),
        (
            "CancellationReasons",
            [{"Code": "None"}, {"Code": "ConditionalCheckFailed", "Item": {"b": {"B": "AA=="}}, "Message": "m"}],
        ),
        ("Message", "no"),
    ]


def test_a_message_that_is_none_is_absent() -> None:
    assert refused("kinesis", None, "SerializationException", None).body == b'{"__type":"SerializationException"}'


def test_cbor_says_the_same_in_its_own_type() -> None:
    answer = refused("kinesis", "GetRecords", "ExpiredIteratorException", protocol="cbor-1.1")
    assert answer.headers["content-type"] == "application/x-amz-cbor-1.1"
    assert cbor2.loads(answer.body) == {"__type": "ExpiredIteratorException", "message": "no"}


# --- XML ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["NotFoundException", "NotFound"])
def test_query_says_the_modelled_code(code: str) -> None:
    answer = refused("sns", "Publish", code, "Topic <x> does not exist")
    assert answer.status == 404
    assert answer.body.decode() == (
        '<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>NotFound</Code>'
        f"<Message>Topic &lt;x&gt; does not exist</Message></Error><RequestId>{REQUEST_ID}</RequestId></ErrorResponse>"
    )


def test_sqs_over_query_has_its_old_words() -> None:
    answer = refused("sqs", "GetQueueUrl", "QueueDoesNotExist", "The specified queue does not exist.", protocol="query")
    assert (
        "<Code>AWS.SimpleQueueService.NonExistentQueue</Code>"
        "<Message>The specified queue does not exist for this wsdl version.</Message><Detail/></Error>"
    ) in answer.body.decode()


def test_a_message_that_quotes_what_xml_cannot_hold_can_be_read() -> None:
    for service in ("sns", "s3"):
        answer = refused(service, None, "InvalidParameter", "\x00\x1f\ud800\uffff", fields={"ArgumentValue": "\x01"})
        assert "\N{REPLACEMENT CHARACTER}" * 4 in "".join(ET.fromstring(answer.body).itertext())


def test_s3_says_what_it_adds_in_its_own_order() -> None:
    answer = refused(
        "s3", "GetObject", "NoSuchKey", "The specified key does not exist.", fields={"Key": "a&b", "Size": 1}
    )
    assert answer.status == 404
    assert answer.headers["content-type"] == "application/xml"
    assert answer.body.decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code>'
        "<Message>The specified key does not exist.</Message><Key>a&amp;b</Key><Size>1</Size>"
        f"<RequestId>{REQUEST_ID}</RequestId><HostId>{answer.headers['x-amz-id-2']}</HostId></Error>"
    )


def test_s3s_head_says_no_more_than_a_status() -> None:
    answer = refused("s3", "HeadObject", "NoSuchKey")
    assert (answer.status, answer.body) == (404, b"")


def test_what_was_not_modified_has_no_body() -> None:
    answer = refused("s3", "GetObject", "NotModified", status=304, headers={"ETag": '"e"'})
    assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", '"e"')
    assert "content-type" not in answer.headers


def test_other_rest_services_in_xml_answer_as_query_does() -> None:
    answer = refused("route53", "ListHostedZones", "InvalidInput")
    assert answer.headers["content-type"] == "text/xml"
    assert b"<Error><Type>Sender</Type><Code>InvalidInput</Code><Message>no</Message></Error>" in answer.body
