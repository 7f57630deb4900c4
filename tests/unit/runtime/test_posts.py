"""HTTP as the Runtime API reads it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambent.runtime.guest import posts
from lambent.runtime.guest.posts import BadRequest, Reader


def read(data: bytes, step: int = 1 << 20) -> list[tuple[Any, bytes, Any]]:
    """The requests in some bytes that arrive so many at a time: each with its body and trailers."""
    reader = Reader()
    found: list[tuple[Any, bytes, Any]] = []
    body = b""
    for start in range(0, len(data), step):
        for kind, content in reader.feed(data[start : start + step]):
            if kind == "head":
                body = b""
            elif kind == "data":
                body += content
            else:
                found.append((content, body, content.trailers))
    return found


@pytest.mark.parametrize(
    "data",
    [
        b"noise\r\n\r\n",
        b"GET / SPDY/3\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n+1\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * 10_000,
        b"x" * 2_000_000,
    ],
)
def test_what_is_no_request_is_refused(data: bytes) -> None:
    with pytest.raises(BadRequest):
        read(data)


@pytest.mark.parametrize("step", [1, 2, 3, 7, 1000])
def test_requests_arrive_whole_however_they_are_cut(step: int) -> None:
    data = (
        b"GET /next?x=1 HTTP/1.1\r\nHost: h\r\n\r\n"
        b"POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"
        b"POST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTrailer: E\r\n\r\n"
        b"3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nE: f\r\n\r\n"
        b"POST /c HTTP/1.0\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\n\r\n"
        b"POST /d HTTP/1.1\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
    )
    found = read(data, step)
    assert [(one.method, one.path, body, trailers) for one, body, trailers in found] == [
        ("GET", "/next", b"", {}),
        ("POST", "/a", b"hello", {}),
        ("POST", "/b", b"abc0123456789", {"e": "f"}),
        ("POST", "/c", b"", {}),
        ("POST", "/d", b"", {}),
    ]
    assert [one.last for one, _, _ in found] == [False, False, False, True, True]
    assert [one.continues for one, _, _ in found] == [False, False, False, False, True]


@given(st.lists(st.binary(min_size=1, max_size=50), max_size=5), st.integers(1, 40))
def test_chunks_are_read_back(chunks: list[bytes], step: int) -> None:
    data = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    data += b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    ((_, body, _),) = read(data + data, step)[:1]
    assert body == b"".join(chunks)
    assert len(read(data + data, step)) == 2


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        read(data, 7)
    except BadRequest:
        return


def test_an_answer_tells_its_length() -> None:
    assert posts.json_answer(202, {"status": "OK"}) == (
        b'HTTP/1.1 202 Accepted\r\nContent-Length: 16\r\nContent-Type: application/json\r\n\r\n{"status": "OK"}'
    )
