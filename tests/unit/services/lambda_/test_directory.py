from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from eventloop import turns
from lambent.errors import AwsError
from lambent.services.lambda_ import directory as module
from lambent.services.lambda_ import repository
from lambent.services.lambda_.directory import FunctionDirectory
from unit.services.lambda_.world import ACCOUNT, KEY, RECORD, REGION, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambent.services.lambda_.record import FunctionRecord
    from lambent.store import Store

ACTIVE = RECORD.settled(revision_id="second")
NAMED = (ACCOUNT, REGION, "f", None)


class SlowStore:
    """A store whose answers are a while on their way."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.answered = asyncio.Event()
        self.go = asyncio.Event()

    async def read(self, work: Callable[[Any], Any]) -> Any:
        result = await self._store.read(work)
        self.answered.set()
        await self.go.wait()
        return result

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


async def insert(world: World, record: FunctionRecord) -> None:
    await world.store.write(lambda tx: repository.insert(tx, record))


@pytest.mark.parametrize(("qualifier", "named"), [(None, "$LATEST"), ("$LATEST", "$LATEST"), ("3", "3")])
async def test_a_function_that_does_not_exist_is_named_with_its_version(
    world: World, qualifier: str | None, named: str
) -> None:
    with pytest.raises(AwsError) as refusal:
        await world.directory.find(ACCOUNT, REGION, "f", qualifier)
    assert refusal.value.code == "ResourceNotFoundException"
    assert str(refusal.value.message).endswith(f":function:f:{named}")


@pytest.mark.parametrize("record", [RECORD, RECORD.failed("torn", revision_id="x")])
async def test_what_cannot_be_called_is_found_and_not_remembered(world: World, record: FunctionRecord) -> None:
    await insert(world, record)
    target = await world.directory.find(*NAMED)
    assert (target.state, target.state_reason) == (record.state, record.state_reason)
    assert world.directory.cached(*NAMED) is None


async def test_what_can_be_called_is_remembered_under_both_its_names(world: World) -> None:
    await insert(world, replace(ACTIVE, configuration=replace(ACTIVE.configuration, tracing_mode="Active")))
    assert world.directory.cached(*NAMED) is None
    target = await world.directory.find(*NAMED)
    assert target.traced
    assert target.spec.generation == 1
    assert world.directory.cached(*NAMED) is target
    assert world.directory.cached(ACCOUNT, REGION, "f", "$LATEST") is target
    assert world.directory.cached(ACCOUNT, "us-east-1", "f", None) is None
    assert await world.directory.find(*NAMED) is target


async def test_what_was_forgotten_on_the_way_does_not_come_back(world: World) -> None:
    await insert(world, ACTIVE)
    slow = SlowStore(world.store)
    directory = FunctionDirectory(slow)
    finding = asyncio.create_task(directory.find(*NAMED))
    await slow.answered.wait()

    await world.store.write(lambda tx: repository.save(tx, replace(ACTIVE, generation=2), read=ACTIVE))
    directory.forget(KEY)
    slow.go.set()

    assert (await finding).spec.generation == 1
    assert directory.cached(*NAMED) is None
    assert (await directory.find(*NAMED)).spec.generation == 2


async def test_calls_go_on_with_the_old_code_while_an_update_is_in_progress(world: World) -> None:
    await world.create()
    before = await world.directory.find(*NAMED)
    world.environments.go.clear()
    await world.call("UpdateFunctionConfiguration", FunctionName="f", Timeout=9)
    await turns(20)
    assert world.directory.cached(*NAMED) is before

    world.environments.go.set()
    await world.activation.settled(KEY)
    assert world.directory.cached(*NAMED) is None
    assert (await world.directory.find(*NAMED)).spec.timeout_s == 9


async def test_who_looks_in_the_middle_of_an_update_waits_for_its_end(world: World) -> None:
    await world.create()
    world.environments.go.clear()
    world.environments.asked.clear()
    await world.call("UpdateFunctionConfiguration", FunctionName="f", Timeout=9)
    finding = asyncio.create_task(world.directory.find(*NAMED))
    await world.environments.asked.wait()
    await turns(20)
    assert not finding.done()

    world.environments.go.set()
    target = await finding
    assert target.spec.timeout_s == 9
    assert target.spec in world.environments.prepared
    assert world.directory.cached(*NAMED) is target


async def test_a_function_that_was_deleted_and_made_anew_is_another(world: World) -> None:
    await world.create()
    before = await world.directory.find(*NAMED)
    await world.call("DeleteFunction", FunctionName="f")
    assert world.directory.cached(*NAMED) is None
    with pytest.raises(AwsError, match="Function not found"):
        await world.directory.find(*NAMED)

    await world.create()
    after = await world.directory.find(*NAMED)
    assert after.spec.generation > before.spec.generation


async def test_memory_is_bounded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_CACHED", 3)
    for name in "abcde":
        await insert(world, replace(ACTIVE, key=KEY._replace(name=name)))
        await world.directory.find(ACCOUNT, REGION, name, None)
    remembered = [name for name in "abcde" if world.directory.cached(ACCOUNT, REGION, name, None)]
    assert remembered == ["c", "d", "e"]
