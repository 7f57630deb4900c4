"""Signals: something became ready. Sent after the commit that made it so; lost with the process, never the truth.

Everything here happens on the event loop's thread.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


_log = logging.getLogger(__name__)


class Subscription:
    """One listener on a topic. Signals that come while nobody waits count as one."""

    def __init__(self, signals: Signals, topic: str) -> None:
        self._signals = signals
        self._topic = topic
        self._came = asyncio.Event()

    async def wait(self) -> None:
        """Wait for the next signal; at once if one came since the last wait."""
        await self._came.wait()
        self._came.clear()

    def close(self) -> None:
        """Listen no more."""
        self._signals.forget(self._topic, self._came.set)

    def __enter__(self) -> Self:
        self._signals.on(self._topic, self._came.set)
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Signals:
    """Who listens to what."""

    def __init__(self) -> None:
        self._listeners: dict[str, list[Callable[[], None]]] = {}

    def subscribe(self, topic: str) -> Subscription:
        """A listener to wait with: `with signals.subscribe(topic) as news: await news.wait()`."""
        return Subscription(self, topic)

    def on(self, topic: str, callback: Callable[[], None]) -> None:
        """Call back at each signal, on the event loop; callbacks are short."""
        self._listeners.setdefault(topic, []).append(callback)

    def forget(self, topic: str, callback: Callable[[], None]) -> None:
        """Undo one `on`."""
        listeners = self._listeners.get(topic, [])
        if callback in listeners:
            listeners.remove(callback)
        if not listeners:
            self._listeners.pop(topic, None)

    def notify(self, topics: Iterable[str]) -> None:
        """Send signals."""
        for topic in topics:
            for listener in list(self._listeners.get(topic, ())):
                _call(topic, listener)


def _call(topic: str, listener: Callable[[], None]) -> None:
    try:
        listener()
    except Exception:  # noqa: BLE001  the others are told all the same: who misses a signal may wait for ever
        _log.exception("a listener of the signal %s failed", topic)
