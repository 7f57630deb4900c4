"""How functions become callable, and what happens when the machine cannot make it so."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Any, cast

import pytest

from eventloop import turns
from lambent.clock import VirtualClock
from lambent.runtime.archive import BadArchive
from lambent.services.lambda_ import repository
from lambent.services.lambda_.activation import Activation
from lambent.services.lambda_.directory import FunctionDirectory
from lambent.services.lambda_.record import Code, Configuration, FunctionKey, FunctionRecord, State, UpdateStatus
from lambent.store import StoreFullError, make_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from lambent.runtime.spec import FunctionSpec
    from lambent.store import Store, Tx

KEY = FunctionKey("000000000000", "us-east-1", "f")
RECORD = FunctionRecord(
    key=KEY,
    configuration=Configuration(runtime="python3.12", handler="m.h", role="r"),
    code=Code("0" * 64, "sha", 1),
    revision_id="created",
    generation=1,
    last_modified_ms=0,
)


class Environments:
    """What prepares code: fails as often as it is told to."""

    def __init__(self) -> None:
        self.problems: list[Exception] = []
        self.prepared: list[FunctionSpec] = []
        self.discarded: list[int] = []
        self.during: Callable[[], Any] | None = None

    async def prepare(self, spec: FunctionSpec) -> None:
        self.prepared.append(spec)
        if self.during is not None:
            await self.during()
        if self.problems:
            raise self.problems.pop(0)

    def discard(self, account: str, region: str, name: str, version: str, before_generation: int) -> None:
        self.discarded.append(before_generation)


class World:
    """A store in memory, a clock that stands still, and the activation between them."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.clock = VirtualClock()
        self.environments = Environments()
        self.directory = FunctionDirectory(store)
        self.activation = Activation(
            store=store,
            clock=self.clock,
            environments=cast("Any", self.environments),
            directory=self.directory,
        )

    async def insert(self, record: FunctionRecord) -> None:
        await self.store.write(lambda tx: repository.insert(tx, record))

    async def found(self) -> FunctionRecord | None:
        return await self.store.read(lambda tx: repository.load(tx, KEY))

    async def pass_time(self) -> None:
        """Jump over the waits between attempts until there is no timer left."""
        settled = self.activation.settled(KEY)
        while self.activation._tasks:
            await self.clock.run_until_idle()
            # The store answers from a thread: the loop has to turn until it does.
            await self.store.read(lambda _: None)
            await turns(3)
        await settled


@pytest.fixture
async def world() -> AsyncIterator[World]:
    store = make_store(None)
    await store.open()
    yield World(store)
    await store.close()


async def test_a_function_becomes_active_with_a_new_revision(world: World) -> None:
    await world.insert(RECORD)
    world.activation.begin(KEY)
    await world.activation.settled(KEY)

    found = await world.found()
    assert found is not None
    assert (found.state, found.last_update_status) == (State.ACTIVE, UpdateStatus.SUCCESSFUL)
    assert found.revision_id != "created"


async def test_code_that_cannot_be_run_fails_the_function_with_the_reason(world: World) -> None:
    await world.insert(RECORD)
    world.environments.problems = [BadArchive("it is torn")]
    world.activation.begin(KEY)
    await world.activation.settled(KEY)

    found = await world.found()
    assert found is not None
    assert (found.state, found.state_reason_code) == (State.FAILED, "InternalError")
    assert "it is torn" in str(found.state_reason)


async def test_a_full_disk_is_waited_for(world: World) -> None:
    await world.insert(RECORD)
    world.environments.problems = [OSError(errno.ENOSPC, "No space left on device")] * 3
    world.activation.begin(KEY)
    await world.pass_time()

    found = await world.found()
    assert found is not None
    assert found.state is State.ACTIVE
    assert len(world.environments.prepared) == 4


async def test_a_disk_that_stays_full_fails_the_function_at_last(world: World) -> None:
    await world.insert(RECORD)
    world.environments.problems = [OSError(errno.ENOSPC, "No space left on device")] * 99
    world.activation.begin(KEY)
    await world.pass_time()

    found = await world.found()
    assert found is not None
    assert found.state is State.FAILED
    assert "No space left on device" in str(found.state_reason)
    assert world.clock.monotonic() >= 30


async def test_a_result_that_cannot_be_kept_is_kept_later(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.insert(RECORD)
    write, full = world.store.write, [1, 1]

    async def failing(work: Callable[[Tx], Any]) -> Any:
        if full:
            full.pop()
            raise StoreFullError("there is no room")
        return await write(work)

    monkeypatch.setattr(world.store, "write", failing)
    world.activation.begin(KEY)
    await world.pass_time()

    found = await world.found()
    assert found is not None
    assert found.state is State.ACTIVE


async def test_an_update_that_fails_leaves_calls_with_what_was_there(world: World) -> None:
    await world.insert(RECORD.settled(revision_id="r"))
    before = await world.directory.find(*KEY)
    changed = RECORD.settled(revision_id="r").changed(revision_id="u", generation=2, now_ms=1)
    await world.store.write(lambda tx: repository.save(tx, changed, read=RECORD))
    world.environments.problems = [BadArchive("it is torn")]
    world.activation.begin(KEY)
    await world.activation.settled(KEY)

    found = await world.found()
    assert found is not None
    assert (found.state, found.last_update_status) == (State.ACTIVE, UpdateStatus.FAILED)
    assert world.directory.cached(*KEY) is before
    assert world.environments.discarded == []


async def test_an_update_that_succeeds_ends_older_environments(world: World) -> None:
    await world.insert(RECORD.settled(revision_id="r"))
    await world.directory.find(*KEY)
    changed = RECORD.settled(revision_id="r").changed(revision_id="u", generation=2, now_ms=1)
    await world.store.write(lambda tx: repository.save(tx, changed, read=RECORD))
    world.activation.begin(KEY)
    await world.activation.settled(KEY)

    assert world.directory.cached(*KEY) is None
    assert world.environments.discarded == [2]


async def test_what_was_prepared_for_a_function_that_is_deleted_meanwhile_is_given_up(world: World) -> None:
    await world.insert(RECORD)

    async def delete() -> None:
        await world.store.write(lambda tx: repository.delete(tx, KEY))

    world.environments.during = delete
    world.activation.begin(KEY)
    await world.activation.settled(KEY)

    assert await world.found() is None
    assert world.environments.discarded == [2]


async def test_what_a_stop_left_half_way_is_resumed(world: World) -> None:
    await world.insert(RECORD)
    await world.activation.resume()
    await world.activation.settled(KEY)

    found = await world.found()
    assert found is not None
    assert found.state is State.ACTIVE
