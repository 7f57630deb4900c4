"""Requests to function URLs, as the gateway hands them over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambent.edge import EdgeRequest

if TYPE_CHECKING:
    from lambent.edge import Signer

ID = "a1" * 16
HOST = f"{ID}.lambda-url.eu-west-1.localhost:4566"


def request(
    method: str = "GET",
    path: str = "/",
    *,
    query: str = "",
    body: bytes | None = b"",
    headers: list[tuple[str, str]] | None = None,
    url_id: str = ID,
    region: str | None = "eu-west-1",
    host: str = HOST,
    signer: Signer | None = None,
) -> EdgeRequest:
    named = [("host", host), *(headers or [])]
    return EdgeRequest(
        id=url_id,
        region=region,
        method=method,
        path=path,
        query=query,
        headers=[(name.encode("latin-1"), value.encode("latin-1")) for name, value in named],
        body=body,
        scheme="http",
        protocol="HTTP/1.1",
        host=host,
        source_ip="127.0.0.1",
        request_id="c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
        signer=signer,
    )
