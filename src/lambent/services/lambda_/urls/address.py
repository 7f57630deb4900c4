"""Where clients find a function URL: a host of its own, or a path where they could not resolve that host. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit

from lambent.address import is_loopback

PATH = "/_lambent/url/"


def public(endpoint: str, url_id: str, region: str) -> str:
    """The address of a URL for a client that reaches this server at `endpoint`.

    On this machine every name below `localhost` is this machine; through a proxy for AWS's own names it is AWS's form;
    from elsewhere only the path leads here, whatever name the server goes by.
    """
    parts = urlsplit(endpoint)
    host = parts.hostname or ""
    if is_loopback(host) or host.endswith(".localhost"):
        port = "" if parts.port is None else f":{parts.port}"
        return f"{parts.scheme}://{url_id}.lambda-url.{region}.localhost{port}/"
    if host.endswith(".amazonaws.com"):
        return f"https://{url_id}.lambda-url.{region}.on.aws/"
    return f"{endpoint}{PATH}{url_id}/"
