"""The lines that Lambda itself writes into a function's log, and the port that takes all of them.

Imports nothing of Lambent but `arn`. Texts are Lambda's own, byte for byte: tools parse them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


class LogSink(Protocol):
    """Where log events go."""

    def append(self, account: str, region: str, group: str, stream: str, events: Sequence[tuple[int, str]]) -> None:
        """Take events (epoch milliseconds, text) of one stream, in order. Never blocks, costs microseconds."""
