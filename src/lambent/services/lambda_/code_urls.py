"""Links to deployment packages, as GetFunction gives them: signed, and good for ten minutes."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambent.clock import Clock

LIFETIME_S = 600
PATH = "/_lambent/code/"


class CodeUrls:
    """Signs links and checks them. The key is made anew with each start: a link does not outlive the server."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._key = secrets.token_bytes(32)

    def sign(self, endpoint: str, blob: str) -> str:
        """A link to the blob, below `endpoint`."""
        expires = str(int(self._clock.time()) + LIFETIME_S)
        query = urlencode({"Expires": expires, "Signature": self._signature(blob, expires)})
        return f"{endpoint}{PATH}{blob}?{query}"

    def allows(self, blob: str, query: Mapping[str, str]) -> bool:
        """Whether this query was signed for this blob and is not over."""
        expires = query.get("Expires", "")
        signature = query.get("Signature", "").encode()
        if not hmac.compare_digest(self._signature(blob, expires).encode(), signature):
            return False
        return int(expires) >= self._clock.time()

    def _signature(self, blob: str, expires: str) -> str:
        return hmac.new(self._key, f"{blob}\n{expires}".encode(), hashlib.sha256).hexdigest()
