from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from lambent.call import Service
from lambent.clock import VirtualClock
from lambent.edge import EdgeRequest, EdgeResponse, Signer
from lambent.wire.edges import Edges
from lambent.wire.gateway import Gateway

if TYPE_CHECKING:
    from collections.abc import Iterator

SIGNED = (
    "AWS4-HMAC-SHA256 Credential=111122223333/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=ab"
)
HOST = "abc.lambda-url.us-east-1.localhost:4566"


class Echo:
    """An edge that remembers what it was asked and says what it is told to."""

    body_limit = 10

    def __init__(self) -> None:
        self.asked: list[EdgeRequest] = []
        self.says: EdgeResponse | Exception = EdgeResponse(201, [(b"x-own", b"1")], b"echo")

    async def serve(self, request: EdgeRequest) -> EdgeResponse:
        self.asked.append(request)
        if isinstance(self.says, Exception):
            raise self.says
        return self.says


@pytest.fixture
def echo() -> Echo:
    return Echo()


async def ask(
    echo: Echo | None, path: str = "/", *, method: str = "GET", body: bytes = b"", leaves: bool = False, **headers: str
) -> list[dict[str, Any]]:
    """What a gateway with this edge sends; nothing but the host is a header by default."""
    sent: list[dict[str, Any]] = []
    messages: Iterator[dict[str, Any]] = iter(
        [{"type": "http.request", "body": body, "more_body": leaves}, {"type": "http.disconnect"}]
    )

    async def receive() -> dict[str, Any]:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    async def admin(_scope: Any, _receive: Any, _send: Any) -> None:
        sent.append({"status": "admin"})

    gateway = Gateway(
        [Service("lambda", {})],
        admin=admin,
        account="000000000000",
        region="us-east-1",
        clock=VirtualClock(),
        edges={} if echo is None else {"lambda-url": echo},
    )
    raw, _, query = path.partition("?")
    named = {"host": HOST, **{name.replace("_", "-"): value for name, value in headers.items()}}
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "path": raw,
        "raw_path": raw.encode(),
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in named.items()],
        "client": ("127.0.0.1", 1),
        "scheme": "http",
    }
    await gateway(scope, receive, send)
    return sent


@pytest.mark.parametrize(
    "path", ["/", "/_lambent/health", "/2015-03-31/functions/f/invocations", "/_lambent/url/other/x"]
)
async def test_a_host_of_an_edge_decides_whatever_the_path(echo: Echo, path: str) -> None:
    sent = await ask(echo, path, x_amz_target="AmazonSQS.SendMessage", authorization=SIGNED, x_amz_date="20260101")
    assert sent[0]["status"] == 201
    assert (echo.asked[0].id, echo.asked[0].region, echo.asked[0].path) == ("abc", "us-east-1", path)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/_lambent/url/abc/a%2Fb/c", ("abc", "/a%2Fb/c")),
        ("/_lambent/url/abc/", ("abc", "/")),
        ("/_lambent/url/abc", ("abc", "/")),
        ("/_lambent/url/", ("", "/")),
    ],
)
async def test_a_path_leads_to_an_edge_where_the_host_does_not(
    echo: Echo, path: str, expected: tuple[str, str]
) -> None:
    await ask(echo, path, host="localhost:4566")
    assert (echo.asked[0].id, echo.asked[0].path) == expected
    assert echo.asked[0].region is None


@pytest.mark.parametrize("path", ["/_lambent/health", "/_lambent/urls/abc", "/_lambent/"])
async def test_other_pages_of_ours_stay_the_admins(echo: Echo, path: str) -> None:
    assert await ask(echo, path, host="localhost:4566") == [{"status": "admin"}]
    assert echo.asked == []


async def test_without_an_edge_its_hosts_do_not_exist() -> None:
    sent = await ask(None)
    assert sent[0]["status"] == 403
    assert sent[1]["body"] == b'{"Message":null}'


async def test_an_edge_is_told_everything_of_a_request(echo: Echo) -> None:
    await ask(echo, "/p?q=1", method="POST", body=b"body", x_a="1")
    request = echo.asked[0]
    assert (request.method, request.path, request.query, request.body) == ("POST", "/p", "q=1", b"body")
    assert (request.scheme, request.protocol, request.host, request.source_ip) == (
        "http",
        "HTTP/1.1",
        HOST,
        "127.0.0.1",
    )
    assert list(request.headers) == [(b"host", HOST.encode()), (b"x-a", b"1")]
    assert len(request.request_id) == 36
    assert request.signer is None


async def test_who_signed_is_told_and_a_malformed_signature_is_none(echo: Echo) -> None:
    await ask(echo, authorization=SIGNED, x_amz_date="20260101T000000Z")
    await ask(echo, authorization="Bearer token")
    assert [request.signer for request in echo.asked] == [Signer("111122223333", "111122223333"), None]


async def test_a_body_over_the_edges_limit_is_none(echo: Echo) -> None:
    await ask(echo, body=b"x" * 11)
    assert echo.asked[0].body is None


async def test_a_client_that_leaves_in_the_middle_asked_for_nothing(echo: Echo) -> None:
    assert await ask(echo, body=b"half", leaves=True) == []
    assert echo.asked == []


async def test_an_answer_goes_out_with_length_and_date(echo: Echo) -> None:
    sent = await ask(echo)
    assert sent[0]["headers"] == [
        (b"x-own", b"1"),
        (b"date", b"Thu, 01 Jan 2026 00:00:00 GMT"),
        (b"content-length", b"4"),
    ]
    assert sent[1]["body"] == b"echo"


async def test_an_answer_may_stream(echo: Echo) -> None:
    async def parts() -> Any:
        yield b"one"
        yield b"two"

    echo.says = EdgeResponse(200, [], parts())
    sent = await ask(echo)
    assert [message.get("body") for message in sent[1:]] == [b"one", b"two", b""]
    assert all(name != b"content-length" for name, _ in sent[0]["headers"])


async def test_a_bug_of_an_edge_is_500_and_tells_nothing(echo: Echo, caplog: pytest.LogCaptureFixture) -> None:
    echo.says = RuntimeError("secret detail")
    sent = await ask(echo)
    assert (sent[0]["status"], sent[1]["body"]) == (500, b"Internal Server Error")
    assert "secret detail" in caplog.text


def test_without_edges_nobody_visits_one() -> None:
    assert Edges({}).find(HOST, b"/_lambent/url/abc/") is None
