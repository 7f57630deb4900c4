from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from lambent.errors import AwsError

if TYPE_CHECKING:
    from unit.services.lambda_.world import World

ARN = "arn:aws:lambda:eu-west-1:111111111111:function:f"
OPERATIONS = ["CreateFunctionUrlConfig", "UpdateFunctionUrlConfig", "GetFunctionUrlConfig", "DeleteFunctionUrlConfig"]


async def with_alias(world: World) -> None:
    await world.create()
    await world.call("PublishVersion", FunctionName="f")
    await world.call("CreateAlias", FunctionName="f", Name="live", FunctionVersion="1")


async def refused(world: World, operation: str, **params: Any) -> AwsError:
    with pytest.raises(AwsError) as refusal:
        await world.call(operation, **({"FunctionName": "f", "AuthType": "NONE"} | params))
    return refusal.value


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_there_is_no_url_without_a_function(world: World, operation: str) -> None:
    refusal = await refused(world, operation)
    assert refusal.code == "ResourceNotFoundException"
    told = "The resource you requested does not exist." if operation[0] in "GD" else "Function does not exist"
    assert refusal.message == told


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_there_is_no_url_without_its_alias(world: World, operation: str) -> None:
    await world.create()
    refusal = await refused(world, operation, Qualifier="none")
    told = "The resource you requested does not exist." if operation[0] in "GD" else "Function does not exist"
    assert (refusal.code, refusal.message) == ("ResourceNotFoundException", told)


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_two_qualifiers_must_agree(world: World, operation: str) -> None:
    await with_alias(world)
    refusal = await refused(world, operation, FunctionName=f"{ARN}:live", Qualifier="other")
    assert refusal.code == "InvalidParameterValueException"
    assert refusal.message == "The derived qualifier from the function name does not match the specified qualifier."


@pytest.mark.parametrize("operation", OPERATIONS[1:])
async def test_a_function_that_has_no_url_shows_none(world: World, operation: str) -> None:
    await world.create()
    refusal = await refused(world, operation)
    assert (refusal.code, refusal.message) == (
        "ResourceNotFoundException",
        "The resource you requested does not exist.",
    )


async def test_a_second_url_is_refused_and_changes_nothing(world: World) -> None:
    await world.create()
    first = await world.call("CreateFunctionUrlConfig", FunctionName="f", AuthType="NONE")
    refusal = await refused(world, "CreateFunctionUrlConfig", AuthType="AWS_IAM")
    assert refusal.code == "ResourceConflictException"
    assert refusal.message == (
        f"Failed to create function url config for [functionArn = {ARN}]. "
        "Error message:  FunctionUrlConfig exists for this Lambda function"
    )
    found = await world.call("GetFunctionUrlConfig", FunctionName="f")
    assert (found["FunctionUrl"], found["AuthType"]) == (first["FunctionUrl"], "NONE")


async def test_settings_that_cannot_stand_in_a_header_are_refused(world: World) -> None:
    await world.create()
    refusal = await refused(world, "CreateFunctionUrlConfig", Cors={"AllowOrigins": ["a\r\nb"]})
    assert refusal.code == "InvalidParameterValueException"
    await world.call("CreateFunctionUrlConfig", FunctionName="f", AuthType="NONE")
    refusal = await refused(world, "UpdateFunctionUrlConfig", Cors={"AllowHeaders": ["\r"]})
    assert refusal.code == "InvalidParameterValueException"


async def test_a_url_is_shown_as_it_was_made(world: World) -> None:
    await world.create()
    created = await world.call("CreateFunctionUrlConfig", FunctionName="f", AuthType="NONE")
    url = created["FunctionUrl"]
    assert re.fullmatch(r"http://[a-z0-9]{32}\.lambda-url\.eu-west-1\.localhost:4566/", url)
    assert created == {
        "FunctionUrl": url,
        "FunctionArn": ARN,
        "AuthType": "NONE",
        "CreationTime": "2026-01-01T00:00:00.000Z",
    }
    assert await world.call("GetFunctionUrlConfig", FunctionName="f") == {
        **created,
        "LastModifiedTime": "2026-01-01T00:00:00.000Z",
        "InvokeMode": "BUFFERED",
    }


async def test_an_update_changes_what_is_sent_and_nothing_else(world: World) -> None:
    await world.create()
    settings = {"AllowOrigins": ["*"], "MaxAge": 0}
    created = await world.call(
        "CreateFunctionUrlConfig", FunctionName="f", AuthType="NONE", Cors=settings, InvokeMode="BUFFERED"
    )
    assert (created["InvokeMode"], created["Cors"]) == ("BUFFERED", settings)
    await world.clock.advance(60)
    updated = await world.call("UpdateFunctionUrlConfig", FunctionName="f", InvokeMode="RESPONSE_STREAM")
    later = {"LastModifiedTime": "2026-01-01T00:01:00.000Z"}
    assert updated == {**created, "InvokeMode": "RESPONSE_STREAM", **later}
    assert await world.call("UpdateFunctionUrlConfig", FunctionName="f") == updated
    iam = await world.call("UpdateFunctionUrlConfig", FunctionName="f", AuthType="AWS_IAM", Cors={})
    assert iam["AuthType"] == "AWS_IAM"
    assert "Cors" not in iam


async def test_a_deleted_url_is_never_given_again(world: World) -> None:
    await world.create()
    first = await world.call("CreateFunctionUrlConfig", FunctionName="f", AuthType="NONE")
    await world.call("DeleteFunctionUrlConfig", FunctionName="f")
    second = await world.call("CreateFunctionUrlConfig", FunctionName="f", AuthType="NONE")
    assert first["FunctionUrl"] != second["FunctionUrl"]


async def test_an_alias_has_a_url_of_its_own(world: World) -> None:
    await with_alias(world)
    own = await world.call("CreateFunctionUrlConfig", FunctionName="f", AuthType="NONE")
    alias = await world.call("CreateFunctionUrlConfig", FunctionName="f", Qualifier="live", AuthType="AWS_IAM")
    assert alias["FunctionArn"] == f"{ARN}:live"
    assert own["FunctionUrl"] != alias["FunctionUrl"]
    await world.call("DeleteFunctionUrlConfig", FunctionName="f")
    assert (await world.call("GetFunctionUrlConfig", FunctionName=f"{ARN}:live"))["AuthType"] == "AWS_IAM"


async def test_a_list_of_urls_needs_a_function(world: World) -> None:
    refusal = await refused(world, "ListFunctionUrlConfigs")
    assert (refusal.code, refusal.message) == ("ResourceNotFoundException", "Function does not exist")


@pytest.mark.parametrize("size", [1, 2, 50])
async def test_pages_come_to_all_urls_the_functions_own_first(world: World, size: int) -> None:
    await with_alias(world)
    assert await world.call("ListFunctionUrlConfigs", FunctionName="f") == {"FunctionUrlConfigs": []}
    for name in ("another", "third"):
        await world.call("CreateAlias", FunctionName="f", Name=name, FunctionVersion="1")
    for qualifier in ("third", "live", None, "another"):
        await world.call("CreateFunctionUrlConfig", FunctionName="f", Qualifier=qualifier, AuthType="NONE")
    found: list[str] = []
    marker = None
    while True:
        page = await world.call("ListFunctionUrlConfigs", FunctionName="f", MaxItems=size, Marker=marker)
        assert len(page["FunctionUrlConfigs"]) <= size
        found += [url["FunctionArn"] for url in page["FunctionUrlConfigs"]]
        marker = page.get("NextMarker")
        if marker is None:
            break
    assert found == [ARN, f"{ARN}:another", f"{ARN}:live", f"{ARN}:third"]


async def test_urls_go_with_their_function(world: World) -> None:
    await world.create()
    await world.call("CreateFunctionUrlConfig", FunctionName="f", AuthType="NONE")
    await world.call("DeleteFunction", FunctionName="f")
    await world.create()
    assert await world.call("ListFunctionUrlConfigs", FunctionName="f") == {"FunctionUrlConfigs": []}


async def test_a_url_goes_with_its_alias(world: World) -> None:
    await with_alias(world)
    await world.call("CreateFunctionUrlConfig", FunctionName="f", Qualifier="live", AuthType="NONE")
    await world.call("DeleteAlias", FunctionName="f", Name="live")
    await world.call("CreateAlias", FunctionName="f", Name="live", FunctionVersion="1")
    assert await world.call("ListFunctionUrlConfigs", FunctionName="f") == {"FunctionUrlConfigs": []}
