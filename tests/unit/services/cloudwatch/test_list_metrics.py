from __future__ import annotations

from typing import Any

import pytest

from unit.services.cloudwatch.world import World, dimensions


async def names(world: World, **params: Any) -> list[str]:
    return [one["MetricName"] for one in (await world.call("ListMetrics", **params))["Metrics"]]


async def test_a_token_that_was_never_given_is_refused(world: World) -> None:
    for token in ("x", "eyJ9", "WzEsMiwzXQ=="):
        assert await world.refused("ListMetrics", NextToken=token) == ("InvalidParameterValue", "Invalid NextToken.")


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"RecentlyActive": "PT1H"}, "InvalidParameterValue"),
        ({"Dimensions": dimensions(**{f"d{index}": "1" for index in range(11)})}, "InvalidParameterValue"),
        ({"Dimensions": [{}]}, "MissingParameter"),
        ({"Dimensions": [None]}, "MissingParameter"),
        ({"Namespace": "n" * 256}, "InvalidParameterValue"),
    ],
)
async def test_filters_that_will_not_do_are_refused(world: World, params: dict[str, Any], code: str) -> None:
    assert (await world.refused("ListMetrics", **params))[0] == code


async def test_metrics_are_found_by_namespace_name_and_dimensions(world: World) -> None:
    await world.put({"MetricName": "A", "Value": 1.0, "Dimensions": dimensions(host="1", disk="x")})
    await world.put({"MetricName": "A", "Value": 1.0, "Dimensions": dimensions(host="2")})
    await world.put({"MetricName": "B", "Value": 1.0})
    await world.put({"MetricName": "B", "Value": 1.0}, namespace="Other")

    assert await names(world) == ["A", "A", "B", "B"]
    assert await names(world, Namespace="Other") == ["B"]
    assert await names(world, MetricName="A") == ["A", "A"]
    assert len(await names(world, Dimensions=[{"Name": "host"}])) == 2
    answer = await world.call("ListMetrics", Dimensions=dimensions(host="1"))
    assert answer["Metrics"] == [
        {"Namespace": "App", "MetricName": "A", "Dimensions": dimensions(disk="x", host="1")},
    ]
    assert await names(world, Dimensions=dimensions(host="3")) == []
    assert await names(world, OwningAccount="999999999999") == []


async def test_pages_have_500_metrics_and_miss_none(world: World) -> None:
    expected = [f"m{number:04d}" for number in range(1100)]
    for start in range(0, 1100, 100):
        await world.put(*[{"MetricName": name, "Value": 1.0} for name in expected[start : start + 100]])
    found: list[str] = []
    token: dict[str, str] = {}
    sizes: list[int] = []
    while True:
        answer = await world.call("ListMetrics", Namespace="App", **token)
        sizes.append(len(answer["Metrics"]))
        found += [one["MetricName"] for one in answer["Metrics"]]
        if "NextToken" not in answer:
            break
        token = {"NextToken": answer["NextToken"]}
    assert found == expected
    assert sizes == [500, 500, 100]


async def test_metrics_without_new_samples_are_left_out_after_a_while(world: World) -> None:
    await world.put({"MetricName": "old", "Value": 1.0})
    await world.clock.advance(4 * 3600)
    await world.put({"MetricName": "new", "Value": 1.0})
    assert await names(world, RecentlyActive="PT3H") == ["new"]
    assert await names(world) == ["new", "old"]
    await world.clock.advance(14 * 86_400 - 60)
    assert await names(world) == ["new"]


async def test_linked_accounts_are_none_but_the_own(world: World) -> None:
    await world.put({"Value": 1.0})
    answer = await world.call("ListMetrics", IncludeLinkedAccounts=True)
    assert answer["OwningAccounts"] == ["123456789012"]
