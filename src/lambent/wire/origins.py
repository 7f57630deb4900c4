"""Keeps web pages of strangers from using this server through a browser on its machine.

Any signature is accepted, and browsers send simple requests anywhere without asking; but they say which page sends
them, and no page can keep them from it. May import `address`.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from lambent import address


def is_of_this_machine(origin: str | None) -> bool:
    """Whether an Origin header is that of a page of this machine; None, for what is no page's, is as well."""
    if origin is None:
        return True
    try:
        host = urlsplit(origin).hostname or ""
    except ValueError:
        return False
    return address.is_loopback(host) or host.endswith(".localhost")
