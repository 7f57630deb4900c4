"""Create, update and delete, and what happens where they meet."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

import pytest

from eventloop import turns
from lambent.errors import AwsError
from lambent.runtime.archive import BadArchive
from lambent.services.lambda_ import repository
from lambent.services.lambda_.activation import Activation
from lambent.services.lambda_.directory import FunctionDirectory
from lambent.services.lambda_.record import FunctionKey, FunctionRecord, State, UpdateStatus
from unit.services.lambda_.world import ACCOUNT, KEY, REGION, ROLE, FakeEnvironments, World, zipped

if TYPE_CHECKING:
    from lambent.runtime.environments import Environments

NEW: dict[str, Any] = {
    "FunctionName": "f",
    "Runtime": "python3.12",
    "Handler": "m.h",
    "Role": ROLE,
    "Code": {"ZipFile": zipped()},
}


async def found(world: World, name: str = "f") -> FunctionRecord:
    record = await world.store.read(lambda tx: repository.load(tx, FunctionKey(ACCOUNT, REGION, name)))
    assert record is not None
    return record


async def refused(world: World, operation: str, **params: Any) -> AwsError:
    with pytest.raises(AwsError) as refusal:
        await world.call(operation, **params)
    return refusal.value


# --- refusals


async def test_a_name_that_is_taken_is_refused_and_changes_nothing(world: World) -> None:
    await world.create(Tags={"a": "1"})
    before = await found(world)
    refusal = await refused(world, "CreateFunction", **NEW, Tags={"b": "2"})
    assert (refusal.code, refusal.message) == ("ResourceConflictException", "Function already exist: f")
    assert await found(world) == before
    assert (await world.call("GetFunction", FunctionName="f"))["Tags"] == {"a": "1"}


async def test_of_many_who_create_the_same_function_one_does(world: World) -> None:
    results = await asyncio.gather(*(world.call("CreateFunction", **NEW) for _ in range(20)), return_exceptions=True)
    refusals = [result for result in results if isinstance(result, AwsError)]
    assert len(refusals) == 19
    assert {refusal.code for refusal in refusals} == {"ResourceConflictException"}


@pytest.mark.parametrize(
    ("operation", "change"),
    [("UpdateFunctionCode", {"ZipFile": zipped("new")}), ("UpdateFunctionConfiguration", {"Timeout": 9})],
)
async def test_an_update_is_refused_where_it_does_not_fit(world: World, operation: str, change: dict[str, Any]) -> None:
    refusal = await refused(world, operation, FunctionName="f", **change)
    assert refusal.code == "ResourceNotFoundException"

    world.environments.go.clear()
    await world.call("CreateFunction", **NEW)
    refusal = await refused(world, operation, FunctionName="f", **change)
    assert (refusal.code, "Pending" in str(refusal)) == ("ResourceConflictException", True)

    world.environments.go.set()
    await world.activation.settled(KEY)
    refusal = await refused(world, operation, FunctionName="f", RevisionId="another", **change)
    assert refusal.code == "PreconditionFailedException"

    world.environments.go.clear()
    await world.call(operation, FunctionName="f", **change)
    refusal = await refused(world, operation, FunctionName="f", **change)
    assert (refusal.code, "An update is in progress" in str(refusal)) == ("ResourceConflictException", True)


async def test_of_many_who_update_at_once_one_does(world: World) -> None:
    await world.create()
    world.environments.go.clear()
    results = await asyncio.gather(
        *(world.call("UpdateFunctionConfiguration", FunctionName="f", Timeout=timeout) for timeout in range(10, 20)),
        return_exceptions=True,
    )
    answers = [result for result in results if isinstance(result, dict)]
    assert len(answers) == 1
    assert (await found(world)).configuration.timeout_s == answers[0]["Timeout"]
    assert {result.code for result in results if isinstance(result, AwsError)} == {"ResourceConflictException"}


@pytest.mark.parametrize(
    ("qualifier", "code"),
    [("$LATEST", "InvalidParameterValueException"), ("alias", "InvalidParameterValueException")],
)
async def test_a_part_that_cannot_be_deleted_is_refused(world: World, qualifier: str, code: str) -> None:
    await world.create()
    assert (await refused(world, "DeleteFunction", FunctionName="f", Qualifier=qualifier)).code == code
    assert (await found(world)).state is State.ACTIVE


async def test_deleting_a_version_that_does_not_exist_is_a_success_and_deletes_nothing(world: World) -> None:
    await world.create()
    await world.call("DeleteFunction", FunctionName="f", Qualifier="7")
    assert (await found(world)).state is State.ACTIVE


# --- what becomes of it


async def test_a_new_function_is_answered_pending_and_becomes_active(world: World) -> None:
    answer = await world.create()
    assert (answer["State"], answer["StateReasonCode"]) == ("Pending", "Creating")
    assert (await found(world)).state is State.ACTIVE


async def test_an_update_is_answered_in_progress_and_becomes_successful(world: World) -> None:
    await world.create()
    answer = await world.call("UpdateFunctionCode", FunctionName="f", ZipFile=zipped("new"))
    assert (answer["State"], answer["LastUpdateStatus"]) == ("Active", "InProgress")
    await world.activation.settled(KEY)
    after = await found(world)
    assert after.last_update_status is UpdateStatus.SUCCESSFUL
    assert after.code.sha256 == answer["CodeSha256"]
    assert world.environments.discarded[-1] == ("f", after.generation)


async def test_an_update_that_fails_says_why_and_leaves_the_function_active(world: World) -> None:
    await world.create()
    before = await world.directory.find(*KEY)
    world.environments.problems = [BadArchive("it is torn")]
    await world.call("UpdateFunctionCode", FunctionName="f", ZipFile=zipped("new"))
    await world.activation.settled(KEY)

    view = await world.call("GetFunctionConfiguration", FunctionName="f")
    assert (view["State"], view["LastUpdateStatus"]) == ("Active", "Failed")
    assert "it is torn" in view["LastUpdateStatusReason"]
    assert world.directory.cached(*KEY) is before
    await world.call("UpdateFunctionCode", FunctionName="f", ZipFile=zipped("newer"))


async def test_a_dry_run_answers_as_the_update_would_and_changes_nothing(world: World) -> None:
    await world.create()
    before = await found(world)
    answer = await world.call("UpdateFunctionCode", FunctionName="f", ZipFile=zipped("new"), DryRun=True)
    assert answer["CodeSha256"] != before.code.sha256
    assert await found(world) == before


async def test_generations_grow_though_the_clock_stands_still(world: World) -> None:
    await world.create()
    generations = [(await found(world)).generation]
    for timeout in range(5, 15):
        await world.call("UpdateFunctionConfiguration", FunctionName="f", Timeout=timeout)
        await world.activation.settled(KEY)
        generations.append((await found(world)).generation)
    assert generations == sorted(set(generations))


async def test_what_was_left_half_way_is_finished_after_a_restart(world: World) -> None:
    await world.create("updated")
    world.environments.go.clear()
    await world.call("CreateFunction", **NEW)
    await world.call("UpdateFunctionConfiguration", FunctionName="updated", Timeout=9)
    await turns(20)
    await world.activation.stop()
    assert (await found(world)).state is State.PENDING

    environments = FakeEnvironments()
    again = Activation(
        store=world.store,
        clock=world.clock,
        environments=cast("Environments", environments),
        directory=FunctionDirectory(world.store),
    )
    await again.resume()
    for name in ("f", "updated"):
        await again.settled(FunctionKey(ACCOUNT, REGION, name))
        assert (await found(world, name)).last_update_status is UpdateStatus.SUCCESSFUL
    assert sorted(spec.name for spec in environments.prepared) == ["f", "updated"]


async def test_a_function_made_anew_is_not_finished_by_the_task_of_the_old_one(world: World) -> None:
    world.environments.go.clear()
    await world.call("CreateFunction", **NEW)
    old = await found(world)
    await world.environments.asked.wait()
    await world.call("DeleteFunction", FunctionName="f")
    await world.call("CreateFunction", **(NEW | {"Description": "new"}))
    await turns(20)
    assert (await found(world)).state is State.PENDING

    world.environments.go.set()
    await world.activation.settled(KEY)

    new = await found(world)
    assert (new.state, new.configuration.description) == (State.ACTIVE, "new")
    assert [spec.generation for spec in world.environments.prepared] == [old.generation, new.generation]
    # What the old task prepared is for nobody.
    assert ("f", old.generation + 1) in world.environments.discarded


async def test_a_package_is_kept_while_a_function_refers_to_it_and_swept_after(world: World) -> None:
    async def live() -> set[str]:
        return await world.store.read(repository.blobs)

    await world.create()
    await world.create("twin")
    blob = (await found(world)).code.blob
    await world.call("UpdateFunctionCode", FunctionName="f", ZipFile=zipped("new"))
    await world.activation.settled(KEY)
    assert await world.store.blobs.sweep(live) == 0
    await world.call("DeleteFunction", FunctionName="twin")
    assert await world.store.blobs.sweep(live) == 1
    assert await world.store.blobs.get(blob) is None
    assert await world.store.blobs.get((await found(world)).code.blob) is not None
