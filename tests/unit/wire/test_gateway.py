from __future__ import annotations

import gzip
import json
import logging
import re
from typing import TYPE_CHECKING, Any

import pytest

from lambent.call import Call, Result, Service
from lambent.clock import VirtualClock
from lambent.errors import AwsError, Unavailable
from lambent.wire.gateway import Gateway, RequestIds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

INVOKE = "/2015-03-31/functions/f/invocations"
SIGNED = "AWS4-HMAC-SHA256 Credential={}/20260101/{}/{}/aws4_request, SignedHeaders=host, Signature=ab"
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


class Answer:
    """What came back over ASGI."""

    def __init__(self, messages: list[Mapping[str, Any]]) -> None:
        self.status: int = messages[0]["status"]
        self.headers = {name.decode(): value.decode() for name, value in messages[0]["headers"]}
        self.body = b"".join(message.get("body", b"") for message in messages[1:])

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """Sends requests to a gateway whose Lambda remembers how it was called."""

    def __init__(self) -> None:
        self.calls: list[tuple[Call, dict[str, Any]]] = []
        self.outcome: Any = {"StatusCode": 200, "Payload": b"1"}
        services = [
            Service(
                "lambda",
                {"Invoke": self._serve, "GetFunction": self._serve, "ListFunctions": self._serve},
                body_limits={"Invoke": 10},
                action_names={"Invoke": "InvokeFunction"},
                fault_code="ServiceException",
            )
        ]
        self.gateway = Gateway(
            services, admin=self._admin, account="000000000000", region="us-east-1", clock=VirtualClock()
        )

    async def send(
        self,
        method: str = "POST",
        path: str = INVOKE,
        *,
        query: str = "",
        body: bytes = b"",
        leaves: bool = False,
        **headers: str,
    ) -> Answer | None:
        sent: list[Mapping[str, Any]] = []
        messages: Iterator[dict[str, Any]] = iter(
            [{"type": "http.request", "body": body, "more_body": leaves}, {"type": "http.disconnect"}]
        )

        async def receive() -> dict[str, Any]:
            return next(messages)

        async def send(message: Mapping[str, Any]) -> None:
            sent.append(message)

        named = {"host": "localhost:4566", **{name.replace("_", "-"): value for name, value in headers.items()}}
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in named.items()],
            "client": ("127.0.0.1", 1),
            "scheme": "http",
        }
        await self.gateway(scope, receive, send)
        return Answer(sent) if sent else None

    async def answer(self, *args: Any, **params: Any) -> Answer:
        answer = await self.send(*args, **params)
        assert answer is not None
        return answer

    async def _serve(self, call: Call, params: dict[str, Any]) -> Any:
        self.calls.append((call, params))
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    async def _admin(self, scope: Mapping[str, Any], _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 299, "headers": []})
        await send({"type": "http.response.body", "body": scope["path"].encode()})


@pytest.fixture
async def client() -> Client:
    return Client()


async def test_an_operation_is_given_its_parameters_and_its_output_is_written(client: Client) -> None:
    answer = await client.answer(query="Qualifier=7", body=b"[1]", x_amz_log_type="Tail")
    assert (answer.status, answer.body) == (200, b"1")
    assert answer.headers["content-length"] == "1"
    assert answer.headers["date"] == "Thu, 01 Jan 2026 00:00:00 GMT"
    call, params = client.calls[0]
    assert params == {"FunctionName": "f", "Qualifier": "7", "LogType": "Tail", "Payload": b"[1]"}
    assert (call.service, call.operation, call.endpoint) == ("lambda", "Invoke", "http://localhost:4566")
    assert answer.headers["x-amzn-requestid"] == call.request_id


async def test_an_unsigned_request_belongs_to_the_settings_world(client: Client) -> None:
    await client.answer()
    call, _ = client.calls[0]
    assert (call.account, call.region, call.access_key) == ("000000000000", "us-east-1", None)


@pytest.mark.parametrize(("key", "account"), [("111122223333", "111122223333"), ("AKIDEXAMPLE", "000000000000")])
async def test_a_signature_gives_account_and_region(client: Client, key: str, account: str) -> None:
    await client.answer(authorization=SIGNED.format(key, "eu-west-1", "lambda"), x_amz_date="20260101T000000Z")
    call, _ = client.calls[0]
    assert (call.account, call.region, call.access_key) == (account, "eu-west-1", key)


async def test_headers_that_no_model_knows_go_with_a_result(client: Client) -> None:
    client.outcome = Result({"StatusCode": 200, "Payload": b"1"}, {"Content-Type": "text/x", "X-More": "y"})
    answer = await client.answer()
    assert (answer.headers["content-type"], answer.headers["x-more"]) == ("text/x", "y")


async def test_a_refusal_is_written_in_the_clients_protocol(client: Client) -> None:
    client.outcome = AwsError("ResourceNotFoundException", "gone", fields={"Type": "User"})
    answer = await client.answer("GET", "/2015-03-31/functions/f")
    assert (answer.status, answer.json) == (404, {"Message": "gone", "Type": "User"})
    assert answer.headers["x-amzn-errortype"] == "ResourceNotFoundException"


async def test_a_bug_is_an_error_of_the_service_and_its_trace_stays_in_the_log(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    client.outcome = RuntimeError("secret detail")
    with caplog.at_level(logging.ERROR):
        answer = await client.answer()
    assert answer.status == 500
    assert answer.headers["x-amzn-errortype"] == "ServiceException"
    assert b"secret" not in answer.body
    assert "secret detail" in caplog.text
    assert answer.headers["x-amzn-requestid"] in caplog.text


@pytest.mark.parametrize("expected", [True, False])
async def test_what_the_machine_cannot_do_now_is_the_services_fault_and_is_told(
    client: Client, caplog: pytest.LogCaptureFixture, expected: bool
) -> None:
    client.outcome = Unavailable("there is no room")
    client.outcome.expected = expected
    answer = await client.answer()
    assert (answer.status, answer.headers["x-amzn-errortype"]) == (500, "ServiceException")
    assert b"there is no room" in answer.body
    assert ("there is no room" in caplog.text) == (not expected)


async def test_a_constraint_is_checked_before_the_operation_runs(client: Client) -> None:
    answer = await client.answer("GET", "/2015-03-31/functions/", query="MaxItems=0")
    assert answer.status == 400
    assert answer.json["message"] == (
        "1 validation error detected: Value '0' at 'maxItems' failed to satisfy constraint: "
        "Member must have value greater than or equal to 1"
    )
    assert client.calls == []


async def test_a_body_over_its_limit_is_refused_under_the_actions_name(client: Client) -> None:
    answer = await client.answer(body=b"x" * 11)
    assert (answer.status, answer.headers["x-amzn-errortype"]) == (413, "RequestEntityTooLargeException")
    assert answer.json["message"] == "Request must be smaller than 10 bytes for the InvokeFunction operation"
    assert client.calls == []


async def test_a_compressed_body_has_the_same_limit(client: Client) -> None:
    answer = await client.answer(body=gzip.compress(b"1" * 10), content_encoding="gzip")
    assert answer.status == 200
    assert client.calls[0][1]["Payload"] == b"1" * 10
    answer = await client.answer(body=gzip.compress(b"1" * 11), content_encoding="gzip")
    assert answer.json["message"] == "Request must be smaller than 10 bytes for the InvokeFunction operation"


async def test_a_client_that_leaves_in_the_middle_asked_for_nothing(client: Client) -> None:
    assert await client.send(body=b"half", leaves=True) is None
    assert client.calls == []


async def test_a_malformed_signature_is_refused_before_anything_else(client: Client) -> None:
    answer = await client.answer(authorization="Bearer x", body=b"x" * 100)
    assert (answer.status, answer.headers["x-amzn-errortype"]) == (400, "IncompleteSignatureException")
    assert client.calls == []


async def test_a_page_from_elsewhere_cannot_use_a_browser_to_call_us(client: Client) -> None:
    answer = await client.answer(origin="https://example.com", content_type="text/plain")
    assert (answer.status, answer.headers["x-amzn-errortype"]) == (403, "AccessDeniedException")
    assert client.calls == []
    assert (await client.answer(origin="http://localhost:3000")).status == 200


async def test_a_service_whose_protocol_is_not_spoken_is_refused_in_xml(client: Client) -> None:
    answer = await client.answer(
        path="/",
        body=b"Action=DescribeInstances&Version=2016-11-15",
        content_type="application/x-www-form-urlencoded",
        authorization=SIGNED.format("AKID", "us-east-1", "ec2"),
        x_amz_date="20260101T000000Z",
    )
    assert answer.status == 501
    assert b"<Message>Lambent does not implement ec2.DescribeInstances</Message>" in answer.body


@pytest.mark.parametrize(
    ("request_", "name", "where"),
    [
        ({"method": "GET", "path": "/2015-03-31/functions/f/policy"}, "lambda.GetPolicy", "json"),
        ({"path": "/", "x_amz_target": "AmazonSQS.SendMessage", "body": b"{}"}, "sqs.SendMessage", "json"),
        ({"path": "/", "x_amz_target": "Kinesis_20131202.PutRecord"}, "kinesis.PutRecord", "json"),
        ({"method": "GET", "path": "/", "query": "Action=ListTopics&Version=2010-03-31"}, "sns.ListTopics", "xml"),
        ({"method": "PUT", "path": "/bucket/key", "body": b"data"}, "s3.PutObject", "xml"),
    ],
)
async def test_what_is_not_built_is_named_in_the_protocols_own_form(
    client: Client, request_: dict[str, Any], name: str, where: str
) -> None:
    answer = await client.answer(**request_)
    assert answer.status == 501
    assert f"Lambent does not implement {name}".encode() in answer.body
    assert b"NotImplementedException" in answer.body or answer.headers.get("x-amzn-errortype")
    assert answer.headers["content-type"].partition(";")[0].endswith((where, "json-1.0", "json-1.1"))


async def test_nothing_answers_to_a_path_that_no_service_has(client: Client) -> None:
    answer = await client.answer(
        "GET",
        "/2015-03-31/nothing",
        authorization=SIGNED.format("AKID", "us-east-1", "lambda"),
        x_amz_date="20260101T000000Z",
    )
    assert (answer.status, answer.headers["x-amzn-errortype"]) == (404, "UnknownOperationException")


async def test_our_own_pages_are_not_the_gateways(client: Client) -> None:
    answer = await client.answer("GET", "/_lambent/health")
    assert (answer.status, answer.body) == (299, b"/_lambent/health")


def test_request_ids_are_random_uuids_of_version_4() -> None:
    request_ids = RequestIds()
    ids = {request_ids.next() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(re.fullmatch(UUID, one) for one in ids)
