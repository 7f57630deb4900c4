from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from lambent.errors import AwsError
from unit.services.lambda_.world import zipped

if TYPE_CHECKING:
    from unit.services.lambda_.world import World

ARN = "arn:aws:lambda:eu-west-1:111111111111:layer:l"
OTHERS = "arn:aws:lambda:eu-west-1:222222222222:layer:l"
ELSEWHERE = "arn:aws:lambda:us-east-1:111111111111:layer:l"


async def publish(world: World, name: str = "l", **params: Any) -> dict[str, Any]:
    return await world.call("PublishLayerVersion", LayerName=name, **({"Content": {"ZipFile": zipped()}} | params))


async def refused(world: World, operation: str, **params: Any) -> tuple[str, str | None]:
    with pytest.raises(AwsError) as refusal:
        await world.call(operation, **params)
    return refusal.value.code, refusal.value.message


@pytest.mark.parametrize(
    ("content", "code", "text"),
    [
        ({"S3Bucket": "bucket", "S3Key": "key"}, "NotImplementedException", "deployment packages in S3"),
        ({"ZipFile": b"no zip"}, "InvalidParameterValueException", "Could not unzip uploaded file"),
        ({}, "InvalidParameterValueException", "Please provide a source"),
        ({"ZipFile": b"x" * 52_428_801}, "RequestEntityTooLargeException", "Zipped size must be smaller"),
    ],
)
async def test_what_is_no_layer_is_refused_and_takes_no_number(
    world: World, content: dict[str, Any], code: str, text: str
) -> None:
    found, told = await refused(world, "PublishLayerVersion", LayerName="l", Content=content)
    assert found == code
    assert text in (told or "")
    assert (await publish(world))["Version"] == 1


@pytest.mark.parametrize("version", [0, -1])
async def test_no_version_is_less_than_one(world: World, version: int) -> None:
    for operation in ("GetLayerVersion", "DeleteLayerVersion", "GetLayerVersionPolicy"):
        answer = await refused(world, operation, LayerName="l", VersionNumber=version)
        assert answer == ("InvalidParameterValueException", "Layer Version Cannot be less than 1")


@pytest.mark.parametrize("version", [2, 1 << 70])
async def test_a_version_that_is_not_there_is_not_found(world: World, version: int) -> None:
    await publish(world)
    missing = ("ResourceNotFoundException", "The resource you requested does not exist.")
    assert await refused(world, "GetLayerVersion", LayerName="l", VersionNumber=version) == missing
    assert await refused(world, "GetLayerVersionByArn", Arn=f"{ARN}:{version}") == missing
    assert await refused(world, "GetLayerVersion", LayerName=ELSEWHERE, VersionNumber=1) == missing
    assert await refused(world, "GetLayerVersionByArn", Arn="arn:aws:lambda:::awslayer:AmazonLinux1803") == missing


@pytest.mark.parametrize("operation", ["PublishLayerVersion", "DeleteLayerVersion", "ListLayerVersions"])
async def test_another_accounts_layer_cannot_be_changed(world: World, operation: str) -> None:
    params = {"LayerName": OTHERS, "VersionNumber": 1, "Content": {"ZipFile": zipped()}}
    code, _ = await refused(world, operation, **params)
    assert code == "AccessDeniedException"


@pytest.mark.parametrize("operation", ["DeleteLayerVersion", "GetLayerVersionPolicy"])
async def test_a_refusal_names_the_version_that_another_account_asked_for(world: World, operation: str) -> None:
    _, message = await refused(world, operation, LayerName=OTHERS, VersionNumber=3)
    assert message is not None
    assert f"lambda:{operation} on resource: {OTHERS}:3 because" in message


async def test_a_version_is_shown_as_it_was_published(world: World) -> None:
    created = await publish(
        world, Description="d", LicenseInfo="MIT", CompatibleRuntimes=["python3.12"], CompatibleArchitectures=["arm64"]
    )
    location = created["Content"].pop("Location")
    assert location.startswith("http://localhost:4566/_lambent/code/")
    size = len(zipped())
    assert created == {
        "LayerArn": ARN,
        "LayerVersionArn": f"{ARN}:1",
        "Version": 1,
        "Description": "d",
        "LicenseInfo": "MIT",
        "CreatedDate": "2026-01-01T00:00:00.000+0000",
        "CompatibleRuntimes": ["python3.12"],
        "CompatibleArchitectures": ["arm64"],
        "Content": {"CodeSha256": created["Content"]["CodeSha256"], "CodeSize": size},
    }
    for found in (
        await world.call("GetLayerVersion", LayerName="l", VersionNumber=1),
        await world.call("GetLayerVersion", LayerName=ARN, VersionNumber=1),
        await world.call("GetLayerVersionByArn", Arn=f"{ARN}:1"),
    ):
        assert found["Content"].pop("Location")
        assert found == created


async def test_a_version_without_details_shows_empty_ones(world: World) -> None:
    created = await publish(world)
    assert (created["Description"], created["CompatibleRuntimes"], created["CompatibleArchitectures"]) == ("", [], [])
    assert "LicenseInfo" not in created


async def test_numbers_are_never_given_twice(world: World) -> None:
    assert [(await publish(world))["Version"] for _ in range(2)] == [1, 2]
    for version in (1, 2, 2, 9):
        assert await world.call("DeleteLayerVersion", LayerName="l", VersionNumber=version) == {}
    assert await world.call("ListLayerVersions", LayerName="l") == {"LayerVersions": []}
    assert (await publish(world))["Version"] == 3
    assert (await publish(world, "other"))["Version"] == 1


@pytest.mark.parametrize("size", [1, 2, 50])
async def test_pages_come_to_all_versions_the_newest_first(world: World, size: int) -> None:
    for _ in range(5):
        await publish(world)
    found: list[int] = []
    marker = None
    while True:
        page = await world.call("ListLayerVersions", LayerName="l", MaxItems=size, Marker=marker)
        found += [version["Version"] for version in page["LayerVersions"]]
        marker = page.get("NextMarker")
        if marker is None:
            break
    assert found == [5, 4, 3, 2, 1]


async def test_layers_are_listed_by_name_with_the_newest_version_that_fits(world: World) -> None:
    await publish(world, "b", CompatibleRuntimes=["python3.11"], CompatibleArchitectures=["x86_64"])
    await publish(world, "b", CompatibleRuntimes=["python3.12", "python3.13"])
    await publish(world, "a")

    async def listed(**params: Any) -> list[tuple[str, int]]:
        found = (await world.call("ListLayers", **params))["Layers"]
        return [(layer["LayerName"], layer["LatestMatchingVersion"]["Version"]) for layer in found]

    assert await listed() == [("a", 1), ("b", 2)]
    assert await listed(CompatibleRuntime="python3.11") == [("b", 1)]
    assert await listed(CompatibleRuntime="python3.13") == [("b", 2)]
    assert await listed(CompatibleRuntime="python3.1") == []
    assert await listed(CompatibleArchitecture="x86_64") == [("b", 1)]
    assert await listed(CompatibleArchitecture="arm64") == []
    first = await world.call("ListLayers", MaxItems=1)
    assert [layer["LayerArn"] for layer in first["Layers"]] == [ARN[:-1] + "a"]
    second = await world.call("ListLayers", MaxItems=1, Marker=first["NextMarker"])
    assert [layer["LayerName"] for layer in second["Layers"]] == ["b"]
    assert "NextMarker" not in second


@pytest.mark.parametrize("marker", ["!", "bm90IGEgbnVtYmVy"])
async def test_a_marker_that_was_never_given_is_refused(world: World, marker: str) -> None:
    answer = await refused(world, "ListLayerVersions", LayerName="l", Marker=marker)
    assert answer == ("InvalidParameterValueException", "Invalid marker.")


async def test_zips_count_as_code_of_the_account(world: World) -> None:
    before = (await world.call("GetAccountSettings"))["AccountUsage"]["TotalCodeSize"]
    await publish(world)
    assert (await world.call("GetAccountSettings"))["AccountUsage"]["TotalCodeSize"] == before + len(zipped())
