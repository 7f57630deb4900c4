from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any, cast

import pytest

from eventloop import turns
from lambent.clock import VirtualClock
from lambent.runtime.memory import MemoryGroup
from lambent.runtime.slot import Slots

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from lambent.runtime.zygote import Zygote


class FakeZygote:
    """Keeps the other ends of the control sockets of what it was asked for."""

    def __init__(self) -> None:
        self.gone = False
        self.ends: list[socket.socket] = []

    def spawn(self, fds: Sequence[int]) -> None:
        self.ends.append(socket.socket(fileno=socket.dup(fds[0])))

    def let_end(self) -> None:
        """Be processes that end when they are told to."""
        for end in self.ends:
            end.settimeout(1)
            assert end.recv(1) == b""
            end.close()


class Groups:
    """Folders, as control groups would be."""

    reason: str | None = None

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.acquired = self.released = 0
        self.broken = False

    def acquire(self) -> MemoryGroup | None:
        if self.broken:
            raise OSError("no space")
        self.acquired += 1
        path = self._folder / str(self.acquired)
        path.mkdir()
        (path / "cgroup.procs").write_text("")
        return MemoryGroup(path, 1)

    def release(self, _: MemoryGroup) -> None:
        self.released += 1

    async def close(self) -> None:
        """Nothing."""


class Scene:
    def __init__(self, folder: Path) -> None:
        self.clock = VirtualClock()
        self.groups = Groups(folder)
        self.slots = Slots(self.clock, self.groups)
        self.fake = FakeZygote()
        self.zygote = cast("Zygote", self.fake)


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    made = Scene(tmp_path)
    yield made
    for end in made.fake.ends:
        end.close()
    await turns(5)


def nobody(*_: Any) -> None:
    """Who does not care."""


async def test_places_are_made_ahead_and_made_anew_a_moment_after_they_were_taken(scene: Scene) -> None:
    scene.slots.fill(scene.zygote)
    assert len(scene.fake.ends) == 2
    for _ in range(2):
        scene.slots.take(scene.zygote).take(nobody, nobody)
    assert len(scene.fake.ends) == 2
    await scene.clock.run_until_idle()
    assert len(scene.fake.ends) == 4


async def test_a_place_is_made_at_once_when_none_is_ready(scene: Scene) -> None:
    for _ in range(3):
        scene.slots.take(scene.zygote).take(nobody, nobody)
    assert len(scene.fake.ends) == 3
    assert scene.groups.acquired == 3


async def test_a_place_that_is_lost_is_not_given_to_anybody(scene: Scene) -> None:
    scene.slots.fill(scene.zygote)
    for end in scene.fake.ends:
        end.close()
    await turns(5)
    assert scene.groups.released == 2
    slot = scene.slots.take(scene.zygote)
    assert len(scene.fake.ends) == 3
    slot.take(nobody, nobody)


async def test_a_place_that_was_taken_tells_its_new_owner_of_its_end(scene: Scene) -> None:
    lost: list[bool] = []
    slot = scene.slots.take(scene.zygote)
    slot.take(nobody, lambda: lost.append(True))
    scene.fake.ends[0].close()
    await turns(5)
    assert lost == [True]
    assert scene.groups.released == 0


async def test_no_place_is_made_ahead_on_a_zygote_that_is_gone(scene: Scene) -> None:
    scene.fake.gone = True
    scene.slots.fill(scene.zygote)
    assert scene.fake.ends == []


async def test_a_machine_that_refuses_a_place_refuses_who_needs_one_now(scene: Scene) -> None:
    scene.groups.broken = True
    scene.slots.fill(scene.zygote)
    with pytest.raises(OSError, match="no space"):
        scene.slots.take(scene.zygote)


async def test_stopping_ends_all_and_makes_no_more(scene: Scene) -> None:

    scene.slots.fill(scene.zygote)
    stop = asyncio.create_task(scene.slots.stop())
    await turns(2)
    assert not stop.done()
    scene.fake.let_end()
    await stop
    assert scene.groups.released == scene.groups.acquired == 2
    scene.slots.fill(scene.zygote)
    assert len(scene.fake.ends) == 2
