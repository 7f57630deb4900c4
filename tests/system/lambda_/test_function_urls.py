"""Function URLs, asked as browsers, scripts and signing clients ask them."""

from __future__ import annotations

import base64
import http.client
import json
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from system.harness import create, refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from system.harness import Server

CODE = """
import base64

def handler(event, context):
    asked = event.get("queryStringParameters", {}).get("answer")
    if asked == "event":
        return event
    if asked == "context":
        return [context.invoked_function_arn, context.aws_request_id, context.function_version]
    if asked == "string":
        return "hello"
    if asked == "binary":
        body = base64.b64encode(bytes(range(256))).decode()
        return {"statusCode": 200, "body": body, "isBase64Encoded": True, "headers": {"Content-Type": "image/png"}}
    if asked == "cookies":
        return {"statusCode": 302, "headers": {"Location": "/there"}, "cookies": ["a=1; Secure", "b=2"]}
    if asked == "fail":
        raise ValueError("secret")
    if asked == "nothing":
        return {"statusCode": 204, "body": "not sent"}
    if asked == "large":
        return {"statusCode": 200, "body": "x" * 3_000_000, "headers": {"content-type": "text/plain"}}
    return {"statusCode": 200, "body": "plain", "headers": {"access-control-allow-origin": "function"}}
"""
FORBIDDEN = {
    "Message": "Forbidden. For troubleshooting Function URL authorization issues, see: "
    "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"
}


class Answer(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(server: Server, url: str, path: str = "", method: str = "GET", body: Any = None, **headers: str) -> Answer:
    """One request to a URL, which need not resolve: the connection goes to the server, the Host header says whom."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        named = {"Host": parts.netloc} | {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, parts.path.rstrip("/") + (path or "/"), body, named)
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()


def signed(url: str, account: str = "000000000000", token: str | None = None) -> dict[str, str]:
    """The headers of a signature of GET for this URL, as every SDK makes it."""
    request = AWSRequest(method="GET", url=url, headers={"Host": urlsplit(url).netloc})
    SigV4Auth(Credentials(account, "secret", token), "lambda", "us-east-1").add_auth(request)
    return {name: value for name, value in request.headers.items() if name != "Host"}


@pytest.fixture(scope="module")
def url(server: Server) -> str:
    """The URL of a function that does what its query says."""
    client = server.client()
    create(client, "url", CODE)
    created: str = client.create_function_url_config(FunctionName="url", AuthType="NONE")["FunctionUrl"]
    return created


@pytest.mark.parametrize("qualifier", ["1", "$LATEST"])
@pytest.mark.parametrize(
    "operation", ["create_function_url_config", "get_function_url_config", "delete_function_url_config"]
)
def test_versions_have_no_urls(client: Any, url: str, operation: str, qualifier: str) -> None:
    params = {"AuthType": "NONE"} if operation.startswith("create") else {}
    answer = refused(getattr(client, operation), FunctionName="url", Qualifier=qualifier, **params)
    assert answer["Error"]["Code"] == "ValidationException"
    assert answer["Error"]["Message"] == (
        f"1 validation error detected: Value '{qualifier}' at 'qualifier' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: ((?!^\d+$)^[0-9a-zA-Z-_]+$)"
    )


def test_refusals_are_in_lambdas_words(client: Any, url: str) -> None:
    answer = refused(client.create_function_url_config, FunctionName="none", AuthType="NONE")
    assert answer["Error"] == {"Code": "ResourceNotFoundException", "Message": "Function does not exist"}
    assert (answer["Message"], answer["Type"]) == ("Function does not exist", "User")
    answer = refused(client.get_function_url_config, FunctionName="none")
    assert answer["Error"]["Message"] == "The resource you requested does not exist."
    answer = refused(client.create_function_url_config, FunctionName="url", AuthType="NONE")
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 409
    assert answer["Error"]["Message"] == (
        "Failed to create function url config for [functionArn = "
        "arn:aws:lambda:us-east-1:000000000000:function:url]. "
        "Error message:  FunctionUrlConfig exists for this Lambda function"
    )


def test_values_that_the_model_does_not_know_are_refused(server: Server, url: str) -> None:
    client = server.client(checks=False)
    answer = refused(client.update_function_url_config, FunctionName="url", InvokeMode="UNKNOWN")
    assert answer["Error"]["Message"] == (
        "1 validation error detected: Value 'UNKNOWN' at 'invokeMode' failed to satisfy constraint: "
        "Member must satisfy enum value set: [RESPONSE_STREAM, BUFFERED]"
    )
    answer = refused(client.update_function_url_config, FunctionName="url", Cors={"MaxAge": 86401})
    assert answer["Error"]["Code"] == "ValidationException"


def test_an_unknown_host_is_told_nothing(server: Server) -> None:
    answer = ask(server, f"http://{'x' * 32}.lambda-url.us-east-1.localhost/")
    assert (answer.status, answer.body) == (403, b'{"Message":null}')
    assert answer.headers["x-amzn-errortype"] == "AccessDeniedException"


@pytest.mark.parametrize("path", ["/_lambent/health", "/2015-03-31/functions/url/invocations"])
def test_every_path_of_a_urls_host_is_the_functions(server: Server, url: str, path: str) -> None:
    event = ask(server, url, f"{path}?answer=event").json
    assert (event["rawPath"], event["requestContext"]["http"]["path"]) == (path, path)


def test_the_event_tells_what_was_asked(server: Server, url: str) -> None:
    answer = ask(
        server,
        url,
        "/pa2%25th/1?answer=event&q=a&q=%2Fb",
        "POST",
        json.dumps({"foo": "bar"}),
        Content_Type="application/json",
        Cookie="a=1; b=2",
        User_Agent="test/echo",
        ExTrA_HeaDers="With WeiRd CapS",
    )
    event = answer.json
    context = event["requestContext"]
    assert (event["rawPath"], event["rawQueryString"]) == ("/pa2%25th/1", "answer=event&q=a&q=%2Fb")
    assert event["queryStringParameters"] == {"answer": "event", "q": "a,/b"}
    assert (event["cookies"], event["body"]) == (["a=1", "b=2"], '{"foo": "bar"}')
    assert event["headers"]["extra-headers"] == "With WeiRd CapS"
    assert event["headers"]["x-forwarded-for"] == "127.0.0.1"
    assert context["domainName"] == urlsplit(url).hostname
    assert context["domainPrefix"] == context["apiId"] == str(urlsplit(url).hostname).partition(".")[0]
    assert context["http"] | {"userAgent": ""} == {
        "method": "POST",
        "path": "/pa2%25th/1",
        "protocol": "HTTP/1.1",
        "sourceIp": "127.0.0.1",
        "userAgent": "",
    }
    assert context["accountId"] == "anonymous"
    assert answer.headers["x-amzn-requestid"] == context["requestId"]


def test_binary_bodies_go_both_ways(server: Server, url: str) -> None:
    body = bytes(range(256))
    event = ask(server, url, "/?answer=event", "POST", body, Content_Type="application/octet-stream").json
    assert (base64.b64decode(event["body"]), event["isBase64Encoded"]) == (body, True)
    answer = ask(server, url, "/?answer=binary")
    assert (answer.body, answer.headers["content-type"]) == (body, "image/png")


def test_results_become_responses(server: Server, url: str) -> None:
    answer = ask(server, url, "/?answer=string")
    assert (answer.status, answer.body, answer.headers["content-type"]) == (200, b"hello", "application/json")
    answer = ask(server, url, "/?answer=cookies")
    assert (answer.status, answer.headers["location"], answer.headers.get_all("set-cookie")) == (
        302,
        "/there",
        ["a=1; Secure", "b=2"],
    )
    answer = ask(server, url, "/?answer=nothing")
    assert (answer.status, answer.body, answer.headers["content-length"]) == (204, b"", None)
    answer = ask(server, url, "/?answer=large")
    assert len(answer.body) == 3_000_000
    answer = ask(server, url, "/", "HEAD")
    assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"", "5")
    assert answer.headers["date"]


def test_a_function_error_is_502_and_tells_nothing(server: Server, url: str) -> None:
    answer = ask(server, url, "/?answer=fail")
    assert (answer.status, answer.body) == (502, b"Internal Server Error")


def test_a_body_over_six_megabytes_is_413(server: Server, url: str) -> None:
    assert ask(server, url, "/?answer=event", "POST", b"x" * 6_291_457).status == 413
    assert ask(server, url, "/", "POST", b"x" * 4_000_000).status == 200


def test_a_path_leads_to_a_url_where_its_host_does_not_resolve(server: Server, url: str) -> None:
    url_id = str(urlsplit(url).hostname).partition(".")[0]
    event = ask(server, f"{server.endpoint}/_lambent/url/{url_id}", "/a/b?answer=event").json
    assert (event["rawPath"], event["requestContext"]["apiId"]) == ("/a/b", url_id)


def test_without_permission_nothing_is_called(server: Server, client: Any) -> None:
    create(client, "iam", CODE)
    url = client.create_function_url_config(FunctionName="iam", AuthType="AWS_IAM")["FunctionUrl"]
    for headers in ({}, {"Authorization": "Bearer token"}, signed(url, "111122223333")):
        answer = ask(server, url, **headers)
        assert (answer.status, answer.json) == (403, FORBIDDEN)


def test_a_signature_of_the_owners_account_opens_a_url(server: Server, client: Any) -> None:
    create(client, "signed", CODE)
    url = client.create_function_url_config(FunctionName="signed", AuthType="AWS_IAM")["FunctionUrl"]
    event = ask(server, url, "/?answer=event", **signed(f"{url}?answer=event")).json
    who = event["requestContext"]["authorizer"]["iam"]
    assert (who["accountId"], who["userArn"]) == ("000000000000", "arn:aws:iam::000000000000:root")


def test_another_account_needs_the_policys_word(server: Server, client: Any) -> None:
    create(client, "granted", CODE)
    url = client.create_function_url_config(FunctionName="granted", AuthType="AWS_IAM")["FunctionUrl"]
    named = {"FunctionName": "granted", "Principal": "111122223333"}
    client.add_permission(StatementId="url", Action="lambda:InvokeFunctionUrl", FunctionUrlAuthType="AWS_IAM", **named)
    assert ask(server, url, **signed(url, "111122223333")).status == 403
    client.add_permission(StatementId="function", Action="lambda:InvokeFunction", **named)
    assert ask(server, url, **signed(url, "111122223333")).status == 200
    client.remove_permission(FunctionName="granted", StatementId="url")
    assert ask(server, url, **signed(url, "111122223333")).status == 403


def test_browsers_are_answered_as_the_settings_say(server: Server, client: Any) -> None:
    create(client, "cors", CODE)
    settings = {"AllowOrigins": ["https://a.example"], "AllowMethods": ["GET"], "MaxAge": 60}
    created = client.create_function_url_config(FunctionName="cors", AuthType="NONE", Cors=settings)
    assert created["Cors"] == settings
    url = created["FunctionUrl"]
    asked = {"Access_Control_Request_Method": "GET", "Origin": "https://a.example"}
    answer = ask(server, url, "/?answer=fail", "OPTIONS", **asked)
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, "https://a.example")
    assert (answer.headers["access-control-allow-methods"], answer.headers["access-control-max-age"]) == ("GET", "60")
    answer = ask(server, url, Origin="https://a.example")
    assert answer.headers.get_all("access-control-allow-origin") == ["https://a.example"]
    answer = ask(server, url, Origin="https://b.example")
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, None)
    client.update_function_url_config(FunctionName="cors", Cors={})
    assert ask(server, url, Origin="https://b.example").headers["access-control-allow-origin"] == "function"


def test_an_alias_has_a_url_that_calls_its_version(server: Server, client: Any) -> None:
    create(client, "aliased", CODE)
    client.publish_version(FunctionName="aliased")
    client.create_alias(FunctionName="aliased", Name="live", FunctionVersion="1")
    created = client.create_function_url_config(FunctionName="aliased", Qualifier="live", AuthType="NONE")
    arn, request_id, version = ask(server, created["FunctionUrl"], "/?answer=context").json
    assert arn == created["FunctionArn"] == "arn:aws:lambda:us-east-1:000000000000:function:aliased:live"
    assert version == "1"
    assert len(request_id) == 36
    listed = client.list_function_url_configs(FunctionName="aliased")["FunctionUrlConfigs"]
    assert [one["FunctionUrl"] for one in listed] == [created["FunctionUrl"]]


def test_a_deleted_url_answers_no_more(server: Server, client: Any) -> None:
    create(client, "deleted", CODE)
    url = client.create_function_url_config(FunctionName="deleted", AuthType="NONE")["FunctionUrl"]
    assert ask(server, url).status == 200
    client.delete_function_url_config(FunctionName="deleted")
    assert ask(server, url).status == 403
    again = client.create_function_url_config(FunctionName="deleted", AuthType="NONE")["FunctionUrl"]
    assert ask(server, again).status == 200
    client.delete_function(FunctionName="deleted")
    assert ask(server, again).status == 403


def test_calls_over_the_limit_are_429(server: Server, client: Any) -> None:
    create(client, "throttled", CODE)
    url = client.create_function_url_config(FunctionName="throttled", AuthType="NONE")["FunctionUrl"]
    client.put_function_concurrency(FunctionName="throttled", ReservedConcurrentExecutions=0)
    answer = ask(server, url)
    assert answer.status == 429
    assert answer.json == {
        "Reason": "ReservedFunctionConcurrentInvocationLimitExceeded",
        "Type": "User",
        "message": "Rate Exceeded.",
    }


def test_a_restart_keeps_every_url(start: Callable[..., Server]) -> None:
    server = start()
    client = server.client()
    create(client, "kept", CODE)
    settings = {"AllowOrigins": ["*"]}
    url = client.create_function_url_config(FunctionName="kept", AuthType="NONE", Cors=settings)["FunctionUrl"]
    server.kill()
    server.restart()
    found = server.client().get_function_url_config(FunctionName="kept")
    assert urlsplit(found["FunctionUrl"]).hostname == urlsplit(url).hostname
    assert (found["Cors"], found["InvokeMode"]) == (settings, "BUFFERED")
    assert ask(server, url, "/?answer=string").body == b"hello"
