"""Metrics on their way to the store: counted in memory, written behind in batches, so that no call waits for a disk.

Invariants: memory is bounded, and what had to be dropped is counted and said. What was counted in a minute is collected
soon after its end at the latest. What was counted less than some seconds before `kill -9` may be lost: metrics of
Lambent itself are not accepted work, those that clients put are. May import store, clock and below.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from lambent.services.cloudwatch import repository
from lambent.services.cloudwatch.sink import Sink

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambent.clock import Clock
    from lambent.services.cloudwatch.lambda_metrics import Batch
    from lambent.store import Store

_log = logging.getLogger(__name__)
_DELAY_S = 10.0


class MetricBuffer:
    """Writes what a sink collects."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._something = asyncio.Event()
        self._writing = asyncio.Lock()
        self._unwritten: Iterator[Batch] = iter(())
        self.sink = Sink(time=clock.time, wake=self._something.set)
        """Where to count."""

    async def run_once(self) -> None:
        """Write everything that was counted before. What cannot be written is lost, and said in the log.

        Who reads metrics calls this first, and waits for a pass that is under way, so that it sees all of them.
        """
        async with self._writing:
            # Of a pass that was cancelled.
            await self._write(self._unwritten)
            self._something.clear()
            self._unwritten = self.sink.collect().batches()
            if self.sink.dropped:
                _log.error("too many metrics at once: %d samples were dropped", self.sink.dropped)
                self.sink.dropped = 0
            await self._write(self._unwritten)

    async def run(self) -> None:
        """Write whenever something was counted, gathering for some seconds first, but not beyond a minute's end."""
        while True:
            await self._something.wait()
            await self._clock.sleep(min(_DELAY_S, 60.0 - self._clock.time() % 60.0))
            await self.run_once()

    async def _write(self, batches: Iterator[Batch]) -> None:
        for batch in batches:
            await self._write_batch(batch)

    async def _write_batch(self, batch: Batch) -> None:
        now_s = int(self._clock.time())
        try:
            await self._store.write(lambda tx: repository.add(tx, batch, now_s))
        except Exception:  # noqa: BLE001  logged
            # The boundary of a pass: what comes next is to be written all the same.
            _log.exception("samples of %d metrics could not be written and are lost", len(batch))
