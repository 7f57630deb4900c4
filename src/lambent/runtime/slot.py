"""Places for execution environments: a process in namespaces of its own and a memory group, without a function yet.

A few are made ahead of need. To move a process into a control group takes the kernel up to 20 ms, and forking the
process another two; a cold start does not wait for that when a place is ready.

May import clock, control, memory and zygote.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from lambent.runtime.control import ControlSocket

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambent.clock import Clock, Timer
    from lambent.runtime.memory import MemoryGroup, MemoryGroups
    from lambent.runtime.zygote import Zygote

_log = logging.getLogger(__name__)
_AHEAD = 2
_REFILL_AFTER_S = 0.02
"""Places are made anew once the cold start that took one is likely to be over."""


class Slot:
    """One place. Whoever takes it gets its control socket and gives the group back when that closes."""

    def __init__(self, zygote: Zygote, group: MemoryGroup | None, on_lost: Callable[[Slot], None]) -> None:
        """on_lost: once, when its process ends before anybody took it. Raises OSError."""
        self.group = group
        ours, theirs = socket.socketpair()
        self._control = ControlSocket(ours, self._told, lambda: on_lost(self))
        with theirs:
            if group is None:
                zygote.spawn([theirs.fileno()])
                return
            procs = group.open_procs()
            try:
                zygote.spawn([theirs.fileno(), procs])
            finally:
                os.close(procs)

    def take(
        self, on_message: Callable[[dict[str, Any], int | None], None], on_close: Callable[[], None]
    ) -> ControlSocket:
        """The control socket, which from now on tells these."""
        self._control.hand_over(on_message, on_close)
        return self._control

    def end(self) -> None:
        """End its process; `on_lost` follows."""
        self._control.finish()

    def _told(self, message: dict[str, Any], _: int | None) -> None:
        _log.warning("a place for an environment could not be made: %s", message.get("reason"))


class Slots:
    """All places that nobody has taken. The constructor starts nothing."""

    def __init__(self, clock: Clock, groups: MemoryGroups) -> None:
        self._clock = clock
        self._groups = groups
        self._free: defaultdict[Zygote, list[Slot]] = defaultdict(list)
        self._refills: dict[Zygote, Timer] = {}
        self._all_ended = asyncio.Event()
        self._stopping = False

    def take(self, zygote: Zygote) -> Slot:
        """A place on this zygote, made ahead or now. Raises OSError."""
        free = self._free[zygote]
        slot = free.pop() if free else self._make(zygote)
        if zygote not in self._refills:
            self._refills[zygote] = self._clock.call_later(_REFILL_AFTER_S, lambda: self.fill(zygote))
        return slot

    def fill(self, zygote: Zygote) -> None:
        """Make places ahead."""
        self._refills.pop(zygote, None)
        free = self._free[zygote]
        try:
            while len(free) < _AHEAD and not zygote.gone and not self._stopping:
                free.append(self._make(zygote))
        except OSError as problem:
            # Whoever needs one will try again and be told.
            _log.warning("no place for an environment could be made ahead: %s", problem)

    async def stop(self) -> None:
        """End all, and wait until they have ended."""
        self._stopping = True
        for timer in self._refills.values():
            timer.cancel()
        for slot in [slot for free in self._free.values() for slot in free]:
            slot.end()
        while any(self._free.values()):
            self._all_ended.clear()
            await self._all_ended.wait()

    def _make(self, zygote: Zygote) -> Slot:
        group = self._groups.acquire()
        try:
            return Slot(zygote, group, lambda slot: self._lost(zygote, slot))
        except OSError:
            if group is not None:
                self._groups.release(group)
            raise

    def _lost(self, zygote: Zygote, slot: Slot) -> None:
        if slot in self._free[zygote]:
            self._free[zygote].remove(slot)
        if slot.group is not None:
            self._groups.release(slot.group)
        if zygote.gone and not self._free[zygote]:
            del self._free[zygote]
        self._all_ended.set()
