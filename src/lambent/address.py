"""The address that a server listens on, as clients on this machine reach it. May import nothing of Lambent."""

from __future__ import annotations

import ipaddress

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  looked up, not bound


def url(host: str, port: int) -> str:
    """Where a client on the same machine finds what listens on this host and port."""
    reached = _EVERYWHERE.get(host, host)
    return f"http://{f'[{reached}]' if ':' in reached else reached}:{port}"


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches it; False for names that are not known to mean that."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
