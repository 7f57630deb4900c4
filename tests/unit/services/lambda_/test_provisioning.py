from __future__ import annotations

from typing import Any

import pytest

from eventloop import turns
from lambent.errors import AwsError
from lambent.invoke.concurrency import NO_CLAIMS, Claims
from lambent.runtime.environments import CapacityExceeded
from lambent.runtime.provisioned import InitFailed
from lambent.services.lambda_ import repository
from lambent.services.lambda_.provisioning import INIT_FAILURE, Provisioning
from lambent.store import StoreError
from unit.services.lambda_.world import ACCOUNT, KEY, RECORD, REGION, World

F = (ACCOUNT, REGION, "f")


async def published(world: World) -> None:
    await world.create(Publish=True)
    await world.activation.settled(KEY._replace(version="1"))


async def put(world: World, count: int, qualifier: str = "1") -> dict[str, Any]:
    return await world.call(
        "PutProvisionedConcurrencyConfig",
        FunctionName="f",
        Qualifier=qualifier,
        ProvisionedConcurrentExecutions=count,
    )


async def got(world: World, qualifier: str = "1") -> dict[str, Any]:
    return await world.call("GetProvisionedConcurrencyConfig", FunctionName="f", Qualifier=qualifier)


async def test_a_version_that_is_not_ready_cannot_be_provisioned(world: World) -> None:
    await world.create()
    version = RECORD.published("1", description=None, revision_id="r", generation=2)
    await world.store.write(lambda tx: repository.insert(tx, version))
    with pytest.raises(AwsError, match="currently in the following state: Pending") as refusal:
        await put(world, 1)
    assert refusal.value.code == "ResourceConflictException"


@pytest.mark.parametrize(
    ("problem", "reason"),
    [
        (InitFailed("no"), INIT_FAILURE),
        (CapacityExceeded("all 2 environments are busy"), "Lambent could not start the environments: all 2"),
        (OSError(28, "No space left on device"), "Lambent could not start the environments: [Errno 28]"),
    ],
)
async def test_what_cannot_be_started_fails_with_a_reason_and_claims_nothing(
    world: World, problem: Exception, reason: str
) -> None:
    await published(world)
    world.environments.problems.append(problem)
    await put(world, 2)
    await world.provisioning.settled(KEY)
    found = await got(world)
    assert (found["Status"], found["StatusReason"].startswith(reason)) == ("FAILED", True)
    assert world.concurrency.claims(*F) == NO_CLAIMS
    assert world.environments.kept == {}

    await put(world, 2)
    await world.provisioning.settled(KEY)
    assert (await got(world))["Status"] == "READY"


async def test_a_database_that_fails_for_a_while_is_asked_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await published(world)
    read = world.store.read
    fails = [True, True]

    async def failing(work: Any) -> Any:
        if fails and fails.pop(0):
            raise StoreError("disk I/O error")
        return await read(work)

    monkeypatch.setattr(world.store, "read", failing)
    assert (await put(world, 2))["Status"] == "IN_PROGRESS"
    await world.clock.advance(0.9)
    assert world.concurrency.claims(*F) == NO_CLAIMS
    await world.clock.advance(0.2)
    await world.provisioning.settled(KEY)
    assert world.concurrency.claims(*F) == Claims(None, {"1": 2})
    assert world.environments.kept == {("f", "1"): 2}


async def test_claims_hold_at_once_and_environments_come_behind(world: World) -> None:
    await published(world)
    world.environments.go.clear()
    answer = await put(world, 2)
    assert (answer["Status"], (await got(world))["Status"]) == ("IN_PROGRESS", "IN_PROGRESS")
    assert world.concurrency.claims(*F) == Claims(None, {"1": 2})
    world.environments.go.set()
    await world.provisioning.settled(KEY)
    assert world.environments.kept == {("f", "1"): 2}
    assert (await got(world))["Status"] == "READY"


async def test_who_asks_again_meanwhile_gets_what_was_asked_for_last(world: World) -> None:
    await published(world)
    world.environments.go.clear()
    for count in (5, 1, 3):
        await put(world, count)
        await turns(5)
    world.environments.go.set()
    await world.provisioning.settled(KEY)
    assert world.environments.kept == {("f", "1"): 3}


async def test_what_is_deleted_meanwhile_is_started_for_nobody(world: World) -> None:
    await published(world)
    world.environments.go.clear()
    await put(world, 5)
    await turns(5)
    await world.call("DeleteFunction", FunctionName="f")
    world.environments.go.set()
    await world.provisioning.settled(KEY)
    assert world.environments.kept == {}
    assert world.concurrency.claims(*F) == NO_CLAIMS


async def test_a_function_is_deleted_with_all_that_it_claims(world: World) -> None:
    await published(world)
    await put(world, 2)
    await world.call("PutFunctionConcurrency", FunctionName="f", ReservedConcurrentExecutions=2)
    await world.provisioning.settled(KEY)
    await world.call("DeleteFunction", FunctionName="f")
    await world.provisioning.settled(KEY)
    assert world.environments.kept == {}
    assert world.concurrency._worlds == {}


async def test_a_start_puts_into_force_what_was_claimed(world: World) -> None:
    await published(world)
    await world.create("g")
    await put(world, 2)
    await world.call("PutFunctionConcurrency", FunctionName="g", ReservedConcurrentExecutions=0)
    await world.provisioning.settled(KEY)
    world.environments.kept.clear()
    world.concurrency.claim(*F, NO_CLAIMS)

    again = Provisioning(
        store=world.store,
        clock=world.clock,
        environments=world.provisioning._environments,
        concurrency=world.concurrency,
    )
    await again.resume()
    assert world.concurrency.claims(*F) == Claims(None, {"1": 2})
    assert world.concurrency.reserved(ACCOUNT, REGION, "g") == 0
    await again.settled(KEY)
    assert world.environments.kept == {("f", "1"): 2}


async def test_an_alias_that_moves_lets_what_failed_be_tried_again(world: World) -> None:
    await published(world)
    await world.call("UpdateFunctionConfiguration", FunctionName="f", Timeout=9)
    await world.activation.settled(KEY)
    await world.call("PublishVersion", FunctionName="f")
    await world.call("CreateAlias", FunctionName="f", Name="live", FunctionVersion="1")
    world.environments.problems.append(InitFailed("no"))
    await put(world, 2, "live")
    await world.provisioning.settled(KEY)
    assert (await got(world, "live"))["Status"] == "FAILED"
    await world.call("UpdateAlias", FunctionName="f", Name="live", FunctionVersion="2")
    await world.provisioning.settled(KEY)
    assert (await got(world, "live"))["Status"] == "READY"
    assert world.environments.kept == {("f", "2"): 2}


async def test_what_was_not_provisioned_says_so(world: World) -> None:
    await published(world)
    with pytest.raises(AwsError) as refusal:
        await got(world)
    assert refusal.value.code == "ProvisionedConcurrencyConfigNotFoundException"
