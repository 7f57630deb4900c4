from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from lambent.errors import AwsError
from unit.services.lambda_.world import zipped

if TYPE_CHECKING:
    from unit.services.lambda_.world import World

ARN = "arn:aws:lambda:eu-west-1:111111111111:layer:l"
EVERYBODY = {"Action": "lambda:GetLayerVersion", "Principal": "*"}
MISMATCH = (
    "The Revision Id provided does not match the latest Revision Id. "
    "Call the GetLayerPolicy API to retrieve the latest Revision Id"
)


@pytest.fixture
async def layer(world: World) -> World:
    """A world with one layer of one version."""
    await world.call("PublishLayerVersion", LayerName="l", Content={"ZipFile": zipped()})
    return world


async def add(world: World, sid: str, **params: Any) -> dict[str, Any]:
    return await world.call(
        "AddLayerVersionPermission", **({"LayerName": "l", "VersionNumber": 1, "StatementId": sid} | EVERYBODY | params)
    )


async def remove(world: World, sid: str, **params: Any) -> dict[str, Any]:
    named = {"LayerName": "l", "VersionNumber": 1, "StatementId": sid}
    return await world.call("RemoveLayerVersionPermission", **(named | params))


async def policy(world: World, **params: Any) -> dict[str, Any]:
    return await world.call("GetLayerVersionPolicy", **({"LayerName": "l", "VersionNumber": 1} | params))


def told(refusal: pytest.ExceptionInfo[AwsError]) -> tuple[str, str | None]:
    return refusal.value.code, refusal.value.message


@pytest.mark.parametrize(
    ("where", "arn"),
    [({"LayerName": "none"}, f"{ARN[:-1]}none:1"), ({"VersionNumber": 2}, f"{ARN}:2")],
)
async def test_a_version_that_is_not_there_has_no_permissions(layer: World, where: dict[str, Any], arn: str) -> None:
    missing = ("ResourceNotFoundException", f"Layer version {arn} does not exist.")
    with pytest.raises(AwsError) as refusal:
        await add(layer, "s1", **where)
    assert told(refusal) == missing
    with pytest.raises(AwsError) as refusal:
        await remove(layer, "s1", **where)
    assert told(refusal) == missing
    with pytest.raises(AwsError) as refusal:
        await policy(layer, **where)
    assert told(refusal) == missing


async def test_a_version_has_no_policy_at_first(layer: World) -> None:
    for ask in (policy(layer), remove(layer, "s1")):
        with pytest.raises(AwsError) as refusal:
            await ask
        assert told(refusal) == ("ResourceNotFoundException", "No policy is associated with the given resource.")


async def test_a_statement_id_is_given_once(layer: World) -> None:
    await add(layer, "s1")
    with pytest.raises(AwsError) as refusal:
        await add(layer, "s1")
    assert told(refusal) == (
        "ResourceConflictException",
        (
            "The statement id (s1) provided already exists. "
            "Please provide a new statement id, or remove the existing statement."
        ),
    )


async def test_a_statement_that_is_not_there_is_not_removed(layer: World) -> None:
    await add(layer, "s1")
    with pytest.raises(AwsError) as refusal:
        await remove(layer, "other")
    assert told(refusal) == ("ResourceNotFoundException", "Statement other is not found in resource policy.")


async def test_a_revision_that_is_over_changes_nothing(layer: World) -> None:
    first = await add(layer, "s1")
    second = await add(layer, "s2", RevisionId=first["RevisionId"])
    for ask in (add(layer, "s3", RevisionId=first["RevisionId"]), remove(layer, "s1", RevisionId=first["RevisionId"])):
        with pytest.raises(AwsError) as refusal:
            await ask
        assert told(refusal) == ("PreconditionFailedException", MISMATCH)
    assert (await policy(layer))["RevisionId"] == second["RevisionId"]


async def test_a_policy_is_made_of_its_statements(layer: World) -> None:
    first = await add(layer, "s1")
    statement = {
        "Sid": "s1",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "lambda:GetLayerVersion",
        "Resource": f"{ARN}:1",
    }
    assert json.loads(first["Statement"]) == statement
    found = await policy(layer)
    assert found["RevisionId"] == first["RevisionId"]
    assert json.loads(found["Policy"]) == {"Version": "2012-10-17", "Id": "default", "Statement": [statement]}
    await add(layer, "s2", Principal="222222222222", OrganizationId="o-abcdefghij")
    await remove(layer, "s1")
    assert json.loads((await policy(layer))["Policy"])["Statement"] == [
        statement
        | {
            "Sid": "s2",
            "Principal": {"AWS": "arn:aws:iam::222222222222:root"},
            "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}},
        }
    ]


async def test_the_last_statement_takes_the_policy_with_it(layer: World) -> None:
    await add(layer, "s1")
    await remove(layer, "s1")
    with pytest.raises(AwsError, match="No policy is associated"):
        await policy(layer)


@pytest.mark.parametrize(
    ("params", "allowed"),
    [
        ({}, True),
        ({"Principal": "222222222222"}, True),
        ({"Principal": "arn:aws:iam::222222222222:root"}, True),
        ({"Principal": "333333333333"}, False),
        ({"OrganizationId": "o-abcdefghij"}, False),
    ],
)
async def test_another_account_may_do_what_the_policy_says(layer: World, params: dict[str, Any], allowed: bool) -> None:
    ask: dict[str, Any] = {
        "FunctionName": "f",
        "Runtime": "python3.12",
        "Handler": "m.h",
        "Role": "arn:aws:iam::222222222222:role/r",
    }
    ask |= {"Code": {"ZipFile": zipped()}, "Layers": [f"{ARN}:1"]}
    with pytest.raises(AwsError) as refusal:
        await layer.call_as("222222222222", "GetLayerVersionByArn", Arn=f"{ARN}:1")
    assert refusal.value.code == "AccessDeniedException"
    await add(layer, "s1", **params)
    if allowed:
        found = await layer.call_as("222222222222", "GetLayerVersionByArn", Arn=f"{ARN}:1")
        assert found["Version"] == 1
        created = await layer.call_as("222222222222", "CreateFunction", **ask)
        assert created["Layers"] == [{"Arn": f"{ARN}:1", "CodeSize": len(zipped())}]
        return
    with pytest.raises(AwsError) as refusal:
        await layer.call_as("222222222222", "CreateFunction", **ask)
    assert told(refusal) == (
        "AccessDeniedException",
        (
            "User: arn:aws:iam::222222222222:root is not authorized to perform: lambda:GetLayerVersion on resource: "
            f"{ARN}:1 because no resource-based policy allows the lambda:GetLayerVersion action"
        ),
    )
