from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lambent.errors import AwsError

if TYPE_CHECKING:
    from unit.services.lambda_.world import World

ARN = "arn:aws:lambda:eu-west-1:111111111111:function:f"
FIFTY = {f"k{number}": "v" for number in range(50)}


async def tags(world: World) -> dict[str, str]:
    found: dict[str, str] = (await world.call("ListTags", Resource=ARN))["Tags"]
    return found


@pytest.mark.parametrize(
    ("operation", "more"),
    [("TagResource", {"Tags": {"a": "1"}}), ("UntagResource", {"TagKeys": ["a"]}), ("ListTags", {})],
)
@pytest.mark.parametrize(
    ("arn", "code"),
    [
        (f"{ARN}-not-there", "ResourceNotFoundException"),
        (f"{ARN}:1", "InvalidParameterValueException"),
        ("arn:aws:lambda:eu-west-1:111111111111:event-source-mapping:x", "ResourceNotFoundException"),
        ("arn:aws:lambda:us-east-1:111111111111:function:f", "ResourceNotFoundException"),
        ("arn:aws:lambda:eu-west-1:222222222222:function:f", "AccessDeniedException"),
    ],
)
async def test_what_has_no_tags_is_refused(
    world: World, operation: str, more: dict[str, object], arn: str, code: str
) -> None:
    await world.create()
    with pytest.raises(AwsError) as refusal:
        await world.call(operation, Resource=arn, **more)
    assert refusal.value.code == code


async def test_more_than_fifty_tags_are_refused_and_none_of_them_kept(world: World) -> None:
    await world.create(Tags=FIFTY)
    with pytest.raises(AwsError, match="Number of tags exceeds resource tag limit"):
        await world.call("TagResource", Resource=ARN, Tags={"k0": "changed", "one more": "v"})
    assert await tags(world) == FIFTY

    await world.call("TagResource", Resource=ARN, Tags={"k0": "changed"})
    assert (await tags(world))["k0"] == "changed"


async def test_a_function_with_too_many_tags_is_not_created(world: World) -> None:
    with pytest.raises(AwsError, match="Number of tags exceeds resource tag limit"):
        await world.create(Tags=FIFTY | {"one more": "v"})
    with pytest.raises(AwsError, match="Function not found"):
        await world.call("GetFunction", FunctionName="f")


async def test_no_tags_at_all_are_refused(world: World) -> None:
    await world.create()
    with pytest.raises(AwsError) as refusal:
        await world.call("TagResource", Resource=ARN, Tags={})
    assert refusal.value.code == "InvalidParameterValueException"


async def test_tags_are_added_replaced_and_removed(world: World) -> None:
    await world.create(Tags={"a": "1", "b": "2"})
    await world.call("TagResource", Resource=ARN, Tags={"b": "3", "c": ""})
    await world.call("UntagResource", Resource=ARN, TagKeys=["a", "never there"])
    assert await tags(world) == {"b": "3", "c": ""}
    assert (await world.call("GetFunction", FunctionName="f"))["Tags"] == {"b": "3", "c": ""}


async def test_a_function_without_tags_shows_none(world: World) -> None:
    await world.create()
    assert await tags(world) == {}
    assert "Tags" not in await world.call("GetFunction", FunctionName="f")


async def test_each_change_of_tags_is_a_new_revision_and_no_other_change(world: World) -> None:
    await world.create()
    before = await world.call("GetFunctionConfiguration", FunctionName="f")
    await world.call("TagResource", Resource=ARN, Tags={"a": "1"})
    tagged = await world.call("GetFunctionConfiguration", FunctionName="f")
    await world.call("UntagResource", Resource=ARN, TagKeys=["a"])
    untagged = await world.call("GetFunctionConfiguration", FunctionName="f")
    assert len({view["RevisionId"] for view in (before, tagged, untagged)}) == 3
    assert before | {"RevisionId": ""} == untagged | {"RevisionId": ""}


async def test_tags_go_with_their_function(world: World) -> None:
    await world.create(Tags={"a": "1"})
    await world.call("DeleteFunction", FunctionName="f")
    await world.create()
    assert await tags(world) == {}
