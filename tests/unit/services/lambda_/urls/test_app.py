"""The edge of function URLs, with a function that is played by the test."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from lambent.clock import VirtualClock
from lambent.edge import Signer
from lambent.errors import AwsError
from lambent.invoke.concurrency import throttled
from lambent.invoke.target import Target
from lambent.runtime.spec import Outcome
from lambent.services.lambda_.record import FunctionKey
from lambent.services.lambda_.refusals import function_not_found
from lambent.services.lambda_.urls.app import FunctionUrls
from lambent.services.lambda_.urls.event import Caller
from lambent.services.lambda_.urls.permission import lets_call
from lambent.services.lambda_.urls.record import FunctionUrl
from unit.services.lambda_.urls.requests import ID, request
from unit.services.lambda_.world import ACCOUNT, RECORD, REGION

if TYPE_CHECKING:
    from lambent.edge import EdgeRequest, EdgeResponse
    from lambent.runtime.spec import Invocation
    from lambent.services.lambda_.context import Lambda

URL = FunctionUrl(
    id=ID,
    account=ACCOUNT,
    region=REGION,
    name="f",
    alias=None,
    auth_type="NONE",
    invoke_mode=None,
    cors=None,
    created_ms=0,
    modified_ms=0,
)
FORBIDDEN = {
    "Message": "Forbidden. For troubleshooting Function URL authorization issues, see: "
    "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"
}
OWNER = Signer(ACCOUNT, "AKIDEXAMPLE")
STRANGER = Signer("222222222222", "AKIDSTRANGER")
ORIGIN = [("origin", "https://a")]
ALLOWED = {
    "Sid": "s",
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{STRANGER.account}:root"},
    "Resource": URL.arn,
}


class Parts:
    """All that the edge asks of Lambda."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.urls = self
        self.directory = self
        self.invoker = self
        self.url: FunctionUrl | None = URL
        self.calls: list[Invocation] = []
        self.returns: Any = {"statusCode": 201, "body": "made"}
        self.raises: AwsError | None = None
        self.looked_for: list[str | None] = []
        self.credentials_are_over = False
        self.document: dict[str, Any] | None = None

    def now_ms(self) -> int:
        return int(self.clock.time() * 1000)

    async def find(self, *where: Any) -> Any:
        if len(where) == 1:
            return self.url if where == (ID,) else None
        raise AssertionError("memory has it")

    def cached(self, account: str, region: str, name: str, qualifier: str | None) -> Target:
        assert (account, region, name) == (ACCOUNT, REGION, "f")
        self.looked_for.append(qualifier)
        return Target(RECORD.spec(), "Active", None)

    async def policy(self, key: FunctionKey) -> dict[str, Any] | None:
        assert key == FunctionKey(ACCOUNT, REGION, "f", "$LATEST")
        return self.document

    def start(self, target: Target, invocation: Invocation, qualifier: str | None) -> asyncio.Task[Outcome]:
        return asyncio.create_task(self.run(target, invocation, qualifier))

    async def run(self, _target: Target, invocation: Invocation, _qualifier: str | None) -> Outcome:
        self.calls.append(invocation)
        if self.raises is not None:
            raise self.raises
        failed = isinstance(self.returns, Exception)
        return Outcome(
            payload=b"{}" if failed else json.dumps(self.returns).encode(),
            status="error" if failed else "success",
            error=failed,
            error_type=None,
            duration_ms=1.0,
            billed_ms=1,
            init_ms=None,
            max_memory_mb=1,
            log_tail=b"",
            log_stream="",
        )

    async def identify(self, signer: Signer, region: str) -> Caller:
        assert region == REGION
        if self.credentials_are_over:
            raise AwsError("ExpiredToken", "over", status=403)
        return Caller(signer.account, signer.access_key, "AIDAEXAMPLE", f"arn:aws:iam::{signer.account}:user/u")

    async def ask(self, **parts: Any) -> EdgeResponse:
        return await self.send(request(**parts))

    async def send(self, one: EdgeRequest) -> EdgeResponse:
        return await FunctionUrls(cast("Lambda", self), self.identify).serve(one)


@pytest.fixture
async def parts() -> Parts:
    return Parts()


def headers(response: EdgeResponse) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in response.headers}


def content(response: EdgeResponse) -> Any:
    assert isinstance(response.body, bytes)
    return json.loads(response.body)


@pytest.mark.parametrize("where", [{"url_id": "other"}, {"url_id": ""}, {"region": "us-east-1"}])
async def test_a_url_that_is_not_there_is_told_nothing_of(parts: Parts, where: dict[str, Any]) -> None:
    response = await parts.ask(**where)
    assert (response.status, content(response)) == (403, {"Message": None})
    assert headers(response)["x-amzn-errortype"] == "AccessDeniedException"
    assert parts.calls == []


@pytest.mark.parametrize("signer", [None, STRANGER])
async def test_who_may_not_call_is_forbidden(parts: Parts, signer: Signer | None) -> None:
    parts.url = replace(URL, auth_type="AWS_IAM")
    response = await parts.ask(signer=signer)
    assert (response.status, content(response)) == (403, FORBIDDEN)
    assert parts.calls == []


async def test_credentials_that_are_over_are_forbidden(parts: Parts) -> None:
    parts.url = replace(URL, auth_type="AWS_IAM")
    parts.credentials_are_over = True
    assert (await parts.ask(signer=OWNER)).status == 403


async def test_the_owners_account_may_call_and_is_named(parts: Parts) -> None:
    parts.url = replace(URL, auth_type="AWS_IAM")
    assert (await parts.ask(signer=OWNER)).status == 201
    context = json.loads(parts.calls[0].payload)["requestContext"]
    assert context["authorizer"]["iam"]["userArn"] == f"arn:aws:iam::{ACCOUNT}:user/u"


async def test_another_account_may_call_where_the_policy_says_so(parts: Parts) -> None:
    parts.url = replace(URL, auth_type="AWS_IAM")
    parts.document = {"Statement": [ALLOWED | {"Action": "lambda:InvokeFunctionUrl"}]}
    assert (await parts.ask(signer=STRANGER)).status == 403
    parts.document["Statement"].append(ALLOWED | {"Action": "lambda:InvokeFunction"})
    assert (await parts.ask(signer=STRANGER)).status == 201
    assert json.loads(parts.calls[0].payload)["requestContext"]["accountId"] == STRANGER.account


@pytest.mark.parametrize(
    ("condition", "allowed"),
    [
        ({"StringEquals": {"lambda:FunctionUrlAuthType": "AWS_IAM"}}, True),
        ({"StringEquals": {"lambda:FunctionUrlAuthType": ["AWS_IAM"]}}, True),
        ({"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}, True),
        ({"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}, False),
        ({"Bool": {"lambda:InvokedViaFunctionUrl": "false"}}, False),
        ({"StringEquals": {"lambda:FunctionUrlAuthType": "AWS_IAM", "aws:PrincipalOrgID": "o-a"}}, False),
        ({"StringEquals": "nothing"}, False),
    ],
)
def test_conditions_that_a_url_fulfils_hold_nobody_off(condition: dict[str, Any], allowed: bool) -> None:
    statements = [ALLOWED | {"Action": "lambda:*", "Condition": condition}]
    assert lets_call({"Statement": statements}, replace(URL, auth_type="AWS_IAM"), STRANGER.account) is allowed


async def test_an_open_url_asks_nobody_who_they_are(parts: Parts) -> None:
    assert (await parts.ask(signer=STRANGER)).status == 201
    assert json.loads(parts.calls[0].payload)["requestContext"]["accountId"] == "anonymous"


async def test_a_url_that_is_to_stream_gives_a_whole_response_as_it_is(parts: Parts) -> None:
    parts.url = replace(URL, invoke_mode="RESPONSE_STREAM")
    response = await parts.ask()
    assert (response.status, content(response)) == (200, parts.returns)
    parts.returns = ValueError()
    assert (await parts.ask()).status == 502


async def test_a_throttled_call_of_a_url_that_is_to_stream_is_429(parts: Parts) -> None:
    parts.url = replace(URL, invoke_mode="RESPONSE_STREAM")
    parts.raises = throttled("ReservedFunctionConcurrentInvocationLimitExceeded")
    assert (await parts.ask()).status == 429


async def test_a_body_that_is_too_large_for_an_event_is_413(parts: Parts) -> None:
    kind = [("content-type", "text/plain")]
    for body in (None, b"x" * 6_291_456, b'"' * 4_000_000):
        response = await parts.ask(method="POST", body=body, headers=kind)
        assert response.status == 413
        assert content(response)["Message"] == (
            "Request must be smaller than 6291456 bytes for the InvokeFunction operation"
        )
    assert parts.calls == []


async def test_a_throttled_call_is_429(parts: Parts) -> None:
    parts.raises = throttled("ConcurrentInvocationLimitExceeded")
    response = await parts.ask()
    assert (response.status, content(response)) == (
        429,
        {"Reason": "ConcurrentInvocationLimitExceeded", "Type": "User", "message": "Rate Exceeded."},
    )


async def test_a_function_that_went_meanwhile_is_like_a_url_that_never_was(parts: Parts) -> None:
    parts.raises = function_not_found("arn")
    response = await parts.ask()
    assert (response.status, content(response)) == (403, {"Message": None})


@pytest.mark.parametrize(
    "problem", [AwsError("InvalidRuntimeException", "none", status=502), AwsError("ResourceConflictException", "x")]
)
async def test_a_call_that_cannot_be_made_is_502_and_why_is_in_the_log(
    parts: Parts, problem: AwsError, caplog: pytest.LogCaptureFixture
) -> None:
    parts.raises = problem
    response = await parts.ask()
    assert (response.status, response.body) == (502, b"Internal Server Error")
    assert problem.code in caplog.text


async def test_a_function_error_is_502_and_tells_nothing(parts: Parts) -> None:
    parts.returns = ValueError()
    response = await parts.ask()
    assert (response.status, response.body) == (502, b"Internal Server Error")


async def test_a_request_becomes_a_call_and_the_result_the_response(parts: Parts) -> None:
    response = await parts.ask(path="/p", query="a=1")
    assert (response.status, response.body) == (201, b"made")
    call = parts.calls[0]
    assert json.loads(call.payload)["rawPath"] == "/p"
    assert call.invoked_arn == f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f"
    assert headers(response)["x-amzn-requestid"] == call.request_id == request().request_id
    assert headers(response)["x-amzn-trace-id"] == call.trace_header
    assert parts.looked_for == [None]


async def test_the_url_of_an_alias_calls_the_alias(parts: Parts) -> None:
    parts.url = replace(URL, alias="live")
    await parts.ask()
    assert parts.calls[0].invoked_arn.endswith(":function:f:live")
    assert parts.looked_for == ["live"]


async def test_a_trace_goes_on_through_a_url(parts: Parts) -> None:
    trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
    await parts.ask(headers=[("x-amzn-trace-id", trace)])
    assert parts.calls[0].trace_header == trace


async def test_a_preflight_is_answered_without_a_call_and_without_a_signature(parts: Parts) -> None:
    parts.url = replace(URL, auth_type="AWS_IAM", cors={"AllowOrigins": ["*"]})
    response = await parts.ask(method="OPTIONS", headers=[*ORIGIN, ("access-control-request-method", "GET")])
    assert response.status == 200
    assert headers(response)["access-control-allow-origin"] == "*"
    assert parts.calls == []


async def test_without_settings_for_origins_a_preflight_is_the_functions(parts: Parts) -> None:
    response = await parts.ask(method="OPTIONS", headers=[*ORIGIN, ("access-control-request-method", "GET")])
    assert response.status == 201
    assert len(parts.calls) == 1


async def test_a_browser_may_read_refusals_too(parts: Parts) -> None:
    parts.url = replace(URL, auth_type="AWS_IAM", cors={"AllowOrigins": ["*"]})
    response = await parts.ask(headers=ORIGIN)
    assert (response.status, headers(response)["access-control-allow-origin"]) == (403, "*")
