from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventloop import turns
from lambent.errors import AwsError
from lambent.invoke.target import Target
from lambent.services.lambda_.alias import check_weights
from lambent.services.lambda_.directory import _Route
from lambent.services.lambda_.record import FunctionKey
from unit.services.lambda_.world import ACCOUNT, RECORD, REGION, World, zipped

if TYPE_CHECKING:
    from collections.abc import Mapping


def target(version: str) -> Target:
    return Target(RECORD.published(version, description=None, revision_id="r", generation=1).spec(), "Active", None)


ONE, TWO = target("1"), target("2")


async def with_two_versions(world: World) -> None:
    await world.create(Publish=True)
    await world.call("UpdateFunctionCode", FunctionName="f", ZipFile=zipped("h = 2\n"), Publish=True)
    for version in ("$LATEST", "1", "2"):
        await world.activation.settled(FunctionKey(ACCOUNT, REGION, "f", version))


async def alias(world: World, operation: str = "CreateAlias", **params: Any) -> dict[str, Any]:
    return await world.call(operation, FunctionName="f", Name="live", **params)


def cached(world: World, qualifier: str = "live") -> Target | None:
    return world.directory.cached(ACCOUNT, REGION, "f", qualifier)


async def found(world: World, qualifier: str = "live") -> str:
    return (await world.directory.find(ACCOUNT, REGION, "f", qualifier)).spec.version


@pytest.mark.parametrize(
    ("version", "weights"), [("1", {"2": 0.1, "3": 0.1}), ("1", {"1": 0.5}), ("$LATEST", {"1": 0.5})]
)
def test_weights_that_lambda_refuses_are_refused(version: str, weights: Mapping[str, float]) -> None:
    with pytest.raises(AwsError) as refusal:
        check_weights(version, weights)
    assert refusal.value.code == "InvalidParameterValueException"


@given(weight=st.floats(0, 1), lots=st.lists(st.floats(0, 1, exclude_max=True), max_size=50))
def test_a_call_goes_to_the_second_version_just_where_its_lot_lies_below_the_weight(
    weight: float, lots: list[float]
) -> None:
    route = _Route(ONE, TWO, weight)
    assert [route.drawn(lot) is TWO for lot in lots] == [lot < weight for lot in lots]
    assert route.drawn(0.0) is (TWO if weight > 0 else ONE)
    assert _Route(ONE, TWO, 1.0).drawn(0.999999) is TWO
    assert _Route(ONE).drawn(0.0) is ONE


async def test_an_alias_is_remembered_with_all_that_it_leads_to(world: World) -> None:
    await with_two_versions(world)
    await alias(world, FunctionVersion="1", RoutingConfig={"AdditionalVersionWeights": {"2": 0.5}})
    assert cached(world) is None
    await found(world)
    seen = {target.spec.version for target in (cached(world) for _ in range(200)) if target is not None}
    assert seen == {"1", "2"}


async def test_an_alias_that_changes_is_read_anew_and_nothing_else_is(world: World) -> None:
    await with_two_versions(world)
    await alias(world, FunctionVersion="1")
    for qualifier in ("live", "1", "2"):
        await found(world, qualifier)
    await alias(world, "UpdateAlias", FunctionVersion="2")
    assert cached(world) is None
    assert await found(world) == "2"
    assert cached(world, "1") is not None
    await alias(world, "DeleteAlias")
    assert cached(world) is None
    with pytest.raises(AwsError, match="Function not found"):
        await found(world)


async def test_an_update_of_the_latest_is_seen_through_its_alias_and_not_before_it_is_ready(world: World) -> None:
    await world.create()
    await alias(world, FunctionVersion="$LATEST")
    await found(world)
    before = cached(world)
    world.environments.go.clear()
    await world.call("UpdateFunctionConfiguration", FunctionName="f", Timeout=9)
    await turns(20)
    assert cached(world) is before
    world.environments.go.set()
    await world.activation.settled(FunctionKey(ACCOUNT, REGION, "f"))
    assert cached(world) is None
    assert (await world.directory.find(ACCOUNT, REGION, "f", "live")).spec.timeout_s == 9


async def test_who_looks_through_an_alias_in_the_middle_of_an_update_waits_for_its_end(world: World) -> None:
    await world.create()
    await alias(world, FunctionVersion="$LATEST")
    world.environments.go.clear()
    await world.call("UpdateFunctionConfiguration", FunctionName="f", Timeout=9)
    finding = asyncio.create_task(world.directory.find(ACCOUNT, REGION, "f", "live"))
    await turns(20)
    assert not finding.done()
    world.environments.go.set()
    assert (await finding).spec.timeout_s == 9


async def test_a_deleted_version_is_found_no_more_and_leaves_nothing_behind(world: World) -> None:
    await with_two_versions(world)
    await found(world, "1")
    await world.call("DeleteFunction", FunctionName="f", Qualifier="1")
    assert cached(world, "1") is None
    await world.call("DeleteFunction", FunctionName="f")
    assert world.directory._routes == {}
    assert world.directory._count == 0
