"""A response that comes in pieces: handed on to whoever waits for it, or put together for a caller who wants it whole.

May import guest.marshal's limit and spec.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambent.runtime.guest.marshal import RESULT_LIMIT

if TYPE_CHECKING:
    from lambent.runtime.spec import Flow, Receiver

STREAM_LIMIT = 200 * (1 << 20) + 1
"""Bytes that callers are given at most; what comes behind them is thrown away without a word, as on AWS."""
_DEFAULT_TYPE = "application/octet-stream"


class Pieces:
    """The pieces of one response. Memory is bounded: by the limit of whole responses, or by the receiver."""

    def __init__(self, receiver: Receiver | None) -> None:
        self._receiver = receiver
        self._parts: list[bytes] = []
        self._size = 0
        self.content_type = _DEFAULT_TYPE
        self._begun = False

    def begin(self, content_type: bytes, flow: Flow) -> None:
        """The response begins; once, whatever the function says."""
        if self._begun:
            return
        self._begun = True
        self.content_type = content_type.decode("latin-1") or _DEFAULT_TYPE
        if self._receiver is not None:
            self._receiver.begin(self.content_type, flow)

    def add(self, data: bytes) -> None:
        """The next piece. One that comes before the beginning belongs to nothing."""
        if not data or not self._begun:
            return
        if self._receiver is not None:
            left = STREAM_LIMIT - self._size
            if left > 0:
                self._receiver.piece(data[:left])
        elif self._size + len(data) <= RESULT_LIMIT:
            self._parts.append(data)
        self._size += len(data)

    @property
    def too_large(self) -> bool:
        """Whether it is more than a whole response may be."""
        return self._receiver is None and self._size > RESULT_LIMIT

    def whole(self) -> bytes:
        """All of it; empty where a receiver had it."""
        return b"".join(self._parts)
