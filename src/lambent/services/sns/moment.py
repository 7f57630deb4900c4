"""Times as SNS writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lambent.clock import Clock


def timestamp(clock: Clock) -> str:
    """Now, in UTC and milliseconds: `2026-01-01T00:00:00.000Z`."""
    return f"{clock.now().isoformat(timespec='milliseconds')[:23]}Z"
