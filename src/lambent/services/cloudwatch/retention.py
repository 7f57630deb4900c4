"""How finely samples are kept as they grow older, and what brings those that are stored to it.

Reading looks at a sample's age by itself, so that it never matters when the roll-up last ran: it only saves room. So it
runs at most once an hour, and only when something was written. May import store, clock and below.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from lambent.services.cloudwatch import repository
from lambent.services.cloudwatch.ages import KEPT

if TYPE_CHECKING:
    from lambent.clock import Clock
    from lambent.store import Store

_log = logging.getLogger(__name__)
_EVERY_S = 3600.0
_ROWS = 500
"""Of one transaction, so that nobody waits long for it."""


class Retention:
    """Rolls old samples up, and removes those past their time."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._next = clock.monotonic()

    async def run_once(self) -> None:
        """Roll up everything that is old enough. What fails is logged, and tried again with the next pass."""
        self._next = self._clock.monotonic() + _EVERY_S
        now_s = self._clock.time()
        try:
            # The coarsest first, so that nothing is moved twice in a pass.
            for index in reversed(range(len(KEPT))):
                await self._roll_up(index, now_s)
            oldest = int(now_s - KEPT[-1].age_s)
            await self._store.write(lambda tx: repository.forget_metrics(tx, oldest))
        except Exception:  # noqa: BLE001  logged
            # The boundary of a pass: what is left over costs room and nothing else.
            _log.exception("metrics could not be rolled up")

    async def run(self) -> None:
        """Roll up whenever something was written and the last pass is an hour ago."""
        with self._store.signals.subscribe(repository.TOPIC) as news:
            while True:
                await news.wait()
                if self._clock.monotonic() >= self._next:
                    await self.run_once()

    async def _roll_up(self, index: int, now_s: float) -> None:
        """One step of KEPT, transaction by transaction."""
        period_s = KEPT[index].period_s
        into_s = KEPT[index + 1].period_s if index + 1 < len(KEPT) else None
        before = int(now_s - KEPT[index].age_s)
        if into_s is not None:
            # Whole slots only, so that none is written twice.
            before -= before % into_s
        moved = _ROWS
        while moved == _ROWS:
            moved = await self._store.write(lambda tx: repository.roll_up(tx, period_s, into_s, before, _ROWS))
