from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambent.delivery import Attribute
from lambent.invoke.event import Attempt, Event
from lambent.invoke.outcome import dead_letter, destination, error_message, invocation_record
from lambent.invoke.retry import Condition, Result

FUNCTION = "arn:aws:lambda:us-east-1:111111111111:function:f"
QUEUE = "arn:aws:sqs:us-east-1:111111111111:q"
BUS = "arn:aws:events:us-east-1:111111111111:event-bus/b"
EVENT = Event("id", FUNCTION, "", '{"raise_error": 1}', 0, 0, attempts=3, trace_header="Root=1")
ERROR = '{"errorMessage":"no","errorType":"Exception","requestId":"id","stackTrace":[]}'
FAILED = Attempt(Result.FAILED, 200, "$LATEST", ERROR, "no")
SUCCEEDED = Attempt(Result.SUCCEEDED, 200, "$LATEST", "null")


def record(event: Event, attempt: Attempt, condition: Condition) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(invocation_record(event, attempt, condition, now_ms=1_764_025_872_123))
    return found


def test_a_failure_is_told_as_aws_tells_it() -> None:
    assert record(EVENT, FAILED, Condition.RETRIES_EXHAUSTED) == {
        "version": "1.0",
        "timestamp": "2025-11-24T23:11:12.123Z",
        "requestContext": {
            "requestId": "id",
            "functionArn": f"{FUNCTION}:$LATEST",
            "condition": "RetriesExhausted",
            "approximateInvokeCount": 3,
        },
        "requestPayload": {"raise_error": 1},
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "responsePayload": orjson.loads(ERROR),
    }


def test_a_success_has_no_error_and_counts_one_attempt() -> None:
    found = record(EVENT, SUCCEEDED, Condition.SUCCESS)
    assert found["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST"}
    assert found["requestContext"]["approximateInvokeCount"] == 1
    assert found["responsePayload"] is None


@pytest.mark.parametrize(
    ("attempt", "condition", "context"),
    [
        (Attempt(Result.SWITCHED_OFF), Condition.ZERO_RESERVED_CONCURRENCY, None),
        (
            Attempt(Result.REFUSED, 429, message="Rate Exceeded."),
            Condition.EVENT_AGE_EXCEEDED,
            {"statusCode": 429},
        ),
        (Attempt(Result.GONE, 404, message="gone"), Condition.RETRIES_EXHAUSTED, {"statusCode": 404}),
        (
            Attempt(Result.EXPIRED, 200, "3", ERROR, "no"),
            Condition.EVENT_AGE_EXCEEDED,
            {"statusCode": 200, "executedVersion": "3", "functionError": "Unhandled"},
        ),
    ],
)
def test_what_never_ran_has_no_response(attempt: Attempt, condition: Condition, context: Any) -> None:
    found = record(EVENT, attempt, condition)
    assert found.get("responseContext") == context
    assert ("responsePayload" in found) == (attempt.payload is not None)


def test_an_alias_is_named_as_it_was_addressed() -> None:
    event = Event("id", FUNCTION, "blue", "1", 0, 0)
    assert record(event, SUCCEEDED, Condition.SUCCESS)["requestContext"]["functionArn"] == f"{FUNCTION}:blue"


def test_an_answer_that_is_no_json_becomes_a_string() -> None:
    attempt = Attempt(Result.SUCCEEDED, 200, "1", "no json")
    assert record(EVENT, attempt, Condition.SUCCESS)["responsePayload"] == "no json"


def test_a_queue_gets_the_record_and_the_trace() -> None:
    message = destination(EVENT, FAILED, Condition.RETRIES_EXHAUSTED, arn=QUEUE, now_ms=0)
    assert orjson.loads(message.body)["version"] == "1.0"
    assert message.attributes == {}
    assert (message.trace_header, message.source_service) == ("Root=1", "lambda.amazonaws.com")


@pytest.mark.parametrize(
    ("attempt", "condition", "word"),
    [(SUCCEEDED, Condition.SUCCESS, "Success"), (FAILED, Condition.EVENT_AGE_EXCEEDED, "Failure")],
)
def test_a_bus_gets_an_entry_with_the_record_as_its_detail(attempt: Attempt, condition: Condition, word: str) -> None:
    entry = orjson.loads(destination(EVENT, attempt, condition, arn=BUS, now_ms=0).body)
    assert orjson.loads(entry.pop("Detail"))["requestContext"]["condition"] == condition
    assert entry == {
        "Source": "lambda",
        "DetailType": f"Lambda Function Invocation Result - {word}",
        "Resources": [BUS, f"{FUNCTION}:$LATEST"],
    }


def test_a_dead_letter_is_the_event_as_it_came_with_the_reason_beside_it() -> None:
    message = dead_letter(EVENT, FAILED)
    assert message.body == '{"raise_error": 1}'
    assert message.attributes == {
        "RequestID": Attribute("String", "id"),
        "ErrorCode": Attribute("Number", "200"),
        "ErrorMessage": Attribute("String", "no"),
    }


def test_a_dead_letter_of_a_function_that_is_switched_off_has_no_code() -> None:
    assert dead_letter(EVENT, Attempt(Result.SWITCHED_OFF)).attributes == {
        "RequestID": Attribute("String", "id"),
        "ErrorMessage": Attribute(
            "String", "Function not invoked. Function isconfigured with zero reserved concurrent executions"
        ),
    }


@given(st.text(max_size=2000))
def test_an_error_message_is_cut_at_a_kilobyte_between_characters(text: str) -> None:
    attempt = Attempt(Result.FAILED, 200, "1", "{}", text.encode("utf-8", "ignore").decode())
    found = dead_letter(EVENT, attempt).attributes.get("ErrorMessage")
    if found is not None:
        assert len(str(found.value).encode()) <= 1024
        assert attempt.message.startswith(str(found.value))


@given(st.text())
def test_any_answer_has_an_error_message_or_none(payload: str) -> None:
    assert isinstance(error_message(payload), str)


@pytest.mark.parametrize(("payload", "text"), [(ERROR, "no"), ("[]", ""), ('{"errorMessage": 1}', ""), ("x", "x")])
def test_the_error_message_is_found_in_the_functions_answer(payload: str, text: str) -> None:
    assert error_message(payload) == text
