from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import orjson

from unit.wire.responses.written import REQUEST_ID, response_of, written

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


def test_a_204_has_neither_body_nor_type() -> None:
    answer = written("lambda", "Invoke", {"StatusCode": 204, "Payload": b"x"})
    assert (answer.status, answer.body, answer.headers) == (204, b"", {"x-amzn-requestid": REQUEST_ID})


def test_a_call_that_was_only_accepted_has_no_type() -> None:
    answer = written("lambda", "Invoke", {"StatusCode": 202})
    assert (answer.status, answer.body, answer.headers) == (202, b"", {"x-amzn-requestid": REQUEST_ID})


def test_a_functions_answer_is_the_body_as_it_is() -> None:
    output = {"StatusCode": 200, "Payload": b'{"a": 1}', "ExecutedVersion": "$LATEST"}
    answer = written("lambda", "Invoke", output)
    assert answer.body == b'{"a": 1}'
    assert answer.headers == {
        "x-amzn-requestid": REQUEST_ID,
        "x-amz-executed-version": "$LATEST",
        "content-type": "application/json",
    }


def test_a_function_error_and_the_logs_tail_are_headers() -> None:
    answer = written("lambda", "Invoke", {"Payload": b"{}", "FunctionError": "Unhandled", "LogResult": "TE9H"})
    assert answer.headers["x-amz-function-error"] == "Unhandled"
    assert answer.headers["x-amz-log-result"] == "TE9H"


def test_the_status_is_the_models_where_no_member_says_otherwise() -> None:
    assert written("lambda", "CreateFunction", {"FunctionName": "f"}).status == 201
    assert written("lambda", "DeleteAlias", {}).status == 204
    assert written("lambda", "InvokeAsync", {}).status == 202


def test_an_output_is_json_without_what_stands_in_headers() -> None:
    answer = written("lambda", "GetFunctionConfiguration", {"MemorySize": 128, "FunctionName": "f", "Role": None})
    assert answer.headers["content-type"] == "application/json"
    assert answer.body == b'{"FunctionName":"f","MemorySize":128}'


def test_an_output_that_can_have_members_but_has_none_is_an_empty_object() -> None:
    assert written("lambda", "ListFunctions", {}).body == b"{}"


def test_an_operation_without_an_output_answers_with_nothing() -> None:
    answer = written("lambda", "TagResource", {})
    assert (answer.status, answer.body, answer.headers) == (204, b"", {"x-amzn-requestid": REQUEST_ID})


def test_members_have_the_names_that_the_wire_gives_them() -> None:
    moment = datetime(2026, 1, 31, 12, 0, 0, tzinfo=UTC)
    found = orjson.loads(written("apigatewayv2", "GetApi", {"ApiId": "a", "CreatedDate": moment}).body)
    assert found == {"apiId": "a", "createdDate": "2026-01-31T12:00:00Z"}


def test_apigateways_moments_are_seconds() -> None:
    moment = datetime(2026, 1, 31, 12, 0, 0, tzinfo=UTC)
    assert written("apigateway", "GetRestApi", {"createdDate": moment}).body == b'{"createdDate":1769860800}'


def test_a_payload_has_the_type_that_the_output_gives_it() -> None:
    answer = written("apigateway", "GetExport", {"body": b"openapi: 3", "contentType": "application/yaml"})
    assert answer.headers["content-type"] == "application/yaml"
    assert answer.body == b"openapi: 3"


def test_a_stream_is_handed_on() -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield b"part"

    body = parts()
    assert response_of("lambda", "Invoke", {"Payload": body}).body is body
