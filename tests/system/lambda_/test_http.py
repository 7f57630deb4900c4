"""HTTP as it comes from the wire: no client library between the test and the server."""

from __future__ import annotations

import base64
import gzip
import http.client
import json
import socket
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from system.harness import RUNTIME, create, zipped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from system.harness import Server

ECHO = "def handler(event, context):\n    return event\n"
PATH = "/2015-03-31/functions/wire/invocations"
SIGNED = {
    "X-Amz-Date": "20260101T000000Z",
    "Authorization": "AWS4-HMAC-SHA256 Credential=000000000000/20260101/us-east-1/lambda/aws4_request, "
    "SignedHeaders=host;x-amz-date, Signature=00",
}


@pytest.fixture(scope="module", autouse=True)
def function(server: Server) -> None:
    """An echo."""
    create(server.client(), "wire", zipped(ECHO), Runtime=RUNTIME, Timeout=30)


@pytest.fixture
def connection(server: Server) -> Iterator[http.client.HTTPConnection]:
    one = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    yield one
    one.close()


@contextmanager
def raw(server: Server) -> Iterator[socket.socket]:
    """A connection that nothing is said on yet."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as one:
        yield one


def request_bytes(body: bytes, *headers: str, path: str = PATH) -> bytes:
    head = [f"POST {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*head, "", ""]).encode() + body


def answer_of(connection: socket.socket) -> tuple[int, bytes]:
    """The next answer on a connection: status and body."""
    response = http.client.HTTPResponse(connection, method="POST")
    response.begin()
    return response.status, response.read()


def post(connection: http.client.HTTPConnection, body: bytes, **headers: str) -> tuple[int, Any]:
    connection.request("POST", PATH, body, {name.replace("_", "-"): value for name, value in headers.items()})
    response = connection.getresponse()
    return response.status, json.loads(response.read())


def test_one_connection_serves_many_requests(connection: http.client.HTTPConnection) -> None:
    for number in range(5):
        assert post(connection, str(number).encode()) == (200, number)
        if number == 0:
            first = connection.sock
    assert connection.sock is first


def test_requests_sent_ahead_are_answered_in_their_order(server: Server) -> None:
    with raw(server) as connection, connection.makefile("rb") as stream:
        connection.sendall(b"".join(request_bytes(str(number).encode()) for number in range(10)))
        bodies = []
        for _ in range(10):
            length = 0
            assert stream.readline().startswith(b"HTTP/1.1 200")
            while (line := stream.readline().strip()) != b"":
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            bodies.append(stream.read(length))
    assert bodies == [str(number).encode() for number in range(10)]


def test_a_client_that_asks_whether_to_go_on_is_told_to(server: Server) -> None:
    with raw(server) as connection:
        head, body = request_bytes(b'"asked"', "Expect: 100-continue").split(b"\r\n\r\n")
        connection.sendall(head + b"\r\n\r\n")
        assert connection.recv(4096).startswith(b"HTTP/1.1 100 Continue\r\n")
        connection.sendall(body)
        assert answer_of(connection) == (200, b'"asked"')


def test_a_compressed_body_is_unpacked(connection: http.client.HTTPConnection) -> None:
    assert post(connection, gzip.compress(b'{"a": 1}'), Content_Encoding="gzip") == (200, {"a": 1})


def test_a_body_that_is_not_what_its_encoding_says_is_refused(connection: http.client.HTTPConnection) -> None:
    status, error = post(connection, b'{"a": 1}', Content_Encoding="gzip")
    assert status == 400
    assert post(connection, b"1") == (200, 1), error


@pytest.mark.parametrize("good", [True, False])
def test_a_chunked_body_with_a_checksum_behind_it_is_checked(
    connection: http.client.HTTPConnection, good: bool
) -> None:
    text = "in two chunks" * 1000
    content = json.dumps(text).encode()
    checksum = base64.b64encode(zlib.crc32(content if good else b"other").to_bytes(4, "big")).decode()
    pieces = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (content[:8192], content[8192:]))
    body = pieces + f"0\r\nx-amz-checksum-crc32:{checksum}\r\n\r\n".encode()
    status, answer = post(
        connection,
        body,
        Content_Encoding="aws-chunked",
        X_Amz_Content_Sha256="STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        X_Amz_Decoded_Content_Length=str(len(content)),
        X_Amz_Trailer="x-amz-checksum-crc32",
    )
    if good:
        assert (status, answer) == (200, text)
    else:
        assert status == 400
        assert "message" in {name.lower() for name in answer}


def test_transfer_in_chunks_is_one_body(connection: http.client.HTTPConnection) -> None:
    connection.request("POST", PATH, iter([b'{"a"', b": [1,", b" 2]}"]), encode_chunked=True)
    response = connection.getresponse()
    assert (response.status, json.loads(response.read())) == (200, {"a": [1, 2]})


def test_headers_beyond_their_limit_are_refused_and_the_server_goes_on(
    server: Server, connection: http.client.HTTPConnection
) -> None:
    with raw(server) as one:
        one.sendall(request_bytes(b"1", f"X-Large: {'x' * 100_000}"))
        assert answer_of(one)[0] == 431
    assert post(connection, b"1") == (200, 1)


@pytest.mark.parametrize(
    "garbage", [b"\x00\x01\x02\r\n\r\n", b"GET\r\n\r\n", b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n"]
)
def test_what_is_not_http_is_refused_and_the_server_goes_on(
    server: Server, connection: http.client.HTTPConnection, garbage: bytes
) -> None:
    with raw(server) as one:
        one.sendall(garbage)
        assert answer_of(one)[0] == 400
    assert post(connection, b"1") == (200, 1)


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("nonsense", 400),
        ("AWS4-HMAC-SHA256 nonsense", 400),
        ("AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=00", 400),
        (SIGNED["Authorization"].replace("aws4_request", "other"), 403),
    ],
)
def test_a_signature_of_another_form_is_refused(
    connection: http.client.HTTPConnection, header: str, status: int
) -> None:
    found, error = post(connection, b"1", **(SIGNED | {"Authorization": header}))
    assert found == status
    assert "message" in {name.lower() for name in error}


def test_the_signature_names_account_and_region(connection: http.client.HTTPConnection) -> None:
    elsewhere = SIGNED["Authorization"].replace("us-east-1", "eu-west-1").replace("000000000000", "123456789012")
    connection.request("POST", PATH, b"1", {**SIGNED, "Authorization": elsewhere})
    response = connection.getresponse()
    missing = "Function not found: arn:aws:lambda:eu-west-1:123456789012:function:wire:$LATEST"
    assert response.status == 404
    assert response.headers["x-amzn-errortype"].startswith("ResourceNotFoundException")
    assert json.loads(response.read()) == {"Type": "User", "Message": missing}


def test_a_client_that_leaves_in_the_middle_of_its_body_asked_for_nothing(server: Server) -> None:
    code = "def handler(event, context):\n    print('called', event)\n"
    create(server.client(), "half", code)
    with raw(server) as one:
        one.sendall(request_bytes(b'"whole"', path=PATH.replace("wire", "half"))[:-3])
    server.client().invoke(FunctionName="half", Payload='"after"')
    lines = server.logs_until("/aws/lambda/half", "REPORT")
    assert [line for line in lines if line.startswith("called")] == ["called after\n"]


def test_a_creation_that_is_cut_off_creates_nothing(server: Server) -> None:
    package = base64.b64encode(zipped(ECHO)).decode()
    body = json.dumps(
        {
            "FunctionName": "cut",
            "Runtime": RUNTIME,
            "Handler": "m.handler",
            "Role": "arn:aws:iam::000000000000:role/r",
            "Code": {"ZipFile": package},
        }
    ).encode()
    with raw(server) as one:
        one.sendall(request_bytes(body, path="/2015-03-31/functions")[:-10])
    names = [one["FunctionName"] for one in server.client().list_functions()["Functions"]]
    assert "cut" not in names
    with raw(server) as one:
        one.sendall(request_bytes(body, path="/2015-03-31/functions"))
        assert answer_of(one)[0] == 201
