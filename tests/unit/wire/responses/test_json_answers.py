"""JSON and CBOR of services that are not REST."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from zlib import crc32

import cbor2
import orjson
import pytest

from lambent.wire.model import load_service
from lambent.wire.responses import error_writer_for, writer_for
from unit.wire.responses.written import REQUEST_ID, written

MOMENT = datetime(2026, 1, 31, 12, 0, 0, 250_000, tzinfo=UTC)


def test_a_protocol_that_is_not_spoken_is_refused() -> None:
    service = load_service("ec2")
    operation = service.operation("DescribeInstances")
    assert operation is not None
    with pytest.raises(LookupError, match="ec2 is not spoken over ec2"):
        writer_for(service, operation, "ec2")
    with pytest.raises(LookupError, match="ec2 is not spoken over ec2"):
        error_writer_for(service, None, "ec2")


def test_a_value_that_has_no_form_in_json_is_a_mistake_that_shows() -> None:
    with pytest.raises(TypeError, match="set has no form in JSON"):
        written("dynamodb", "ListTables", {"TableNames": {"a"}})


def test_what_is_none_or_unknown_to_the_model_is_absent() -> None:
    answer = written("sqs", "SendMessage", {"MessageId": "m", "SequenceNumber": None, "Mood": "good"})
    assert answer.body == b'{"MessageId":"m"}'


def test_members_come_in_the_order_of_the_model() -> None:
    answer = written("sqs", "SendMessage", {"MessageId": "m", "MD5OfMessageBody": "d"})
    assert answer.body == b'{"MD5OfMessageBody":"d","MessageId":"m"}'


def test_json_says_which_version_it_is() -> None:
    assert written("sqs", "ListQueues", {}).headers == {
        "x-amzn-requestid": REQUEST_ID,
        "content-type": "application/x-amz-json-1.0",
    }
    assert written("events", "ListRules", {}).headers["content-type"] == "application/x-amz-json-1.1"
    assert written("events", "ListRules", {}).body == b"{}"


def test_an_operation_without_an_output_answers_with_nothing() -> None:
    assert written("sqs", "DeleteMessage", {}).body == b""


def test_dynamodb_sends_the_sum_of_its_body() -> None:
    answer = written("dynamodb", "ListTables", {"TableNames": ["t"]})
    assert answer.headers["x-amz-crc32"] == str(crc32(answer.body))


def test_dynamodbs_values_keep_their_form() -> None:
    item = {"n": {"N": "1.50"}, "b": {"B": b"\x00"}, "l": {"L": [{"M": {"x": {"NULL": True}}}]}, "s": {"BS": [b"a"]}}
    found = orjson.loads(written("dynamodb", "GetItem", {"Item": item}).body)
    assert found == {
        "Item": {
            "n": {"N": "1.50"},
            "b": {"B": "AA=="},
            "l": {"L": [{"M": {"x": {"NULL": True}}}]},
            "s": {"BS": ["YQ=="]},
        }
    }


def test_moments_are_seconds() -> None:
    stream = {"StreamDescription": {"StreamCreationTimestamp": MOMENT}}
    assert b'"StreamCreationTimestamp":1769860800.25' in written("kinesis", "DescribeStream", stream).body
    stream = {"StreamDescription": {"StreamCreationTimestamp": MOMENT.replace(microsecond=0)}}
    assert b'"StreamCreationTimestamp":1769860800}' in written("kinesis", "DescribeStream", stream).body


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, b"1.0"),
        (Decimal("0.5"), b"0.5"),
        (float("nan"), b'"NaN"'),
        (float("inf"), b'"Infinity"'),
        (float("-inf"), b'"-Infinity"'),
    ],
)
def test_floats_are_numbers_where_json_has_them(value: object, text: bytes) -> None:
    answer = written("dynamodb", "PutItem", {"ConsumedCapacity": {"CapacityUnits": value}})
    assert answer.body == b'{"ConsumedCapacity":{"CapacityUnits":' + text + b"}}"


def test_half_a_surrogate_pair_and_huge_numbers_can_be_said() -> None:
    assert written("sqs", "GetQueueUrl", {"QueueUrl": "\ud83d"}).body == b'{"QueueUrl":"\\ud83d"}'
    assert written("dynamodb", "Scan", {"Count": 2**80}).body == b'{"Count":%d}' % 2**80


def test_read_only_views_are_written_as_what_they_show() -> None:
    answer = written("sqs", "ListQueueTags", {"Tags": MappingProxyType({"a": "b"})})
    assert answer.body == b'{"Tags":{"a":"b"}}'


def test_an_element_that_is_none_is_null() -> None:
    found = orjson.loads(written("dynamodb", "TransactGetItems", {"Responses": [{}, None]}).body)
    assert found == {"Responses": [{}, None]}


def test_smithys_cbor_tags_seconds_and_says_its_protocol() -> None:
    answer = written(
        "kinesis", "GetRecords", {"Records": [{"Data": b"\x00", "ApproximateArrivalTimestamp": MOMENT}]}, "rpc-v2-cbor"
    )
    assert answer.headers["smithy-protocol"] == "rpc-v2-cbor"
    assert answer.headers["content-type"] == "application/cbor"
    assert cbor2.loads(answer.body) == {"Records": [{"Data": b"\x00", "ApproximateArrivalTimestamp": MOMENT}]}


def test_older_cbor_tags_whole_milliseconds() -> None:
    answer = written("kinesis", "GetRecords", {"Records": [{"ApproximateArrivalTimestamp": MOMENT}]}, "cbor-1.1")
    assert answer.headers["content-type"] == "application/x-amz-cbor-1.1"
    assert "smithy-protocol" not in answer.headers
    assert answer.body.endswith(b"\xc1\x1b" + (1769860800250).to_bytes(8, "big"))


def test_cbor_writes_floats_in_64_bits() -> None:
    answer = written("dynamodb", "PutItem", {"ConsumedCapacity": {"CapacityUnits": 1}}, "rpc-v2-cbor")
    assert answer.body.endswith(b"\xfb\x3f\xf0" + bytes(6))
