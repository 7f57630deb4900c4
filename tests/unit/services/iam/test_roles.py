from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

import pytest

from lambent.errors import AwsError
from unit.services.iam.world import ACCOUNT, BASIC, DOCUMENT, TRUST, World


async def role(world: World, name: str = "r", **settings: Any) -> Any:
    answer = await world.iam("CreateRole", RoleName=name, AssumeRolePolicyDocument=TRUST, **settings)
    return answer["Role"]


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("GetRole", {}),
        ("DeleteRole", {}),
        ("UpdateRole", {}),
        ("UpdateRoleDescription", {"Description": "d"}),
        ("UpdateAssumeRolePolicy", {"PolicyDocument": TRUST}),
        ("TagRole", {"Tags": [{"Key": "k", "Value": "v"}]}),
        ("UntagRole", {"TagKeys": ["k"]}),
        ("ListRoleTags", {}),
        ("ListRolePolicies", {}),
        ("ListAttachedRolePolicies", {}),
        ("AttachRolePolicy", {"PolicyArn": BASIC}),
        ("DetachRolePolicy", {"PolicyArn": BASIC}),
        ("PutRolePolicy", {"PolicyName": "p", "PolicyDocument": DOCUMENT}),
        ("GetRolePolicy", {"PolicyName": "p"}),
        ("PutRolePermissionsBoundary", {"PermissionsBoundary": BASIC}),
        ("ListInstanceProfilesForRole", {}),
        ("DeleteServiceLinkedRole", {}),
    ],
)
async def test_a_role_that_does_not_exist_is_told_by_its_name(
    world: World, operation: str, params: dict[str, Any]
) -> None:
    await role(world, "Other")

    for name in ("gone", "other"):
        with pytest.raises(AwsError, match=f"^NoSuchEntity: The role with name {name} cannot be found.$") as refusal:
            await world.iam(operation, RoleName=name, **params)
        assert refusal.value.status == 404


async def test_a_name_is_taken_in_whatever_case(world: World) -> None:
    await role(world, "Role")
    with pytest.raises(AwsError, match=r"^EntityAlreadyExists: Role with name ROLE already exists\.$") as refusal:
        await role(world, "ROLE")
    assert refusal.value.status == 409


async def test_a_trust_policy_has_a_limit_that_does_not_count_white_space(world: World) -> None:
    padded = TRUST.replace("{", "{" + " " * 3000, 1)
    await world.iam("CreateRole", RoleName="padded", AssumeRolePolicyDocument=padded)

    long = json.loads(TRUST)
    long["Statement"][0]["Condition"] = {"StringEquals": {"aws:PrincipalTag/x": "x" * 2048}}
    with pytest.raises(AwsError, match=r"^LimitExceeded: Cannot exceed quota for ACLSizePerRole: 2048$"):
        await world.iam("CreateRole", RoleName="long", AssumeRolePolicyDocument=json.dumps(long))


@pytest.mark.parametrize(
    ("tags", "code", "words"),
    [
        ([("a", "1"), ("A", "2")], "InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case"),
        ([(f"k{n}", "") for n in range(51)], "ValidationError", "length less than or equal to 50"),
    ],
)
async def test_tags_that_cannot_be_are_refused_with_the_role(
    world: World, tags: list[tuple[str, str]], code: str, words: str
) -> None:
    with pytest.raises(AwsError, match=words) as refusal:
        await role(world, Tags=[{"Key": key, "Value": value} for key, value in tags])
    assert refusal.value.code == code
    assert (await world.iam("ListRoles"))["Roles"] == []


async def test_the_fifty_first_tag_is_refused(world: World) -> None:
    await role(world, Tags=[{"Key": f"k{n}", "Value": ""} for n in range(50)])
    with pytest.raises(AwsError, match=r"^LimitExceeded: Cannot exceed quota for TagsPerRole: 50$"):
        await world.iam("TagRole", RoleName="r", Tags=[{"Key": "more", "Value": ""}])


async def test_a_role_is_not_deleted_while_something_hangs_on_it(world: World) -> None:
    await role(world)
    await world.iam("AttachRolePolicy", RoleName="r", PolicyArn=BASIC)
    await world.iam("PutRolePolicy", RoleName="r", PolicyName="p", PolicyDocument=DOCUMENT)
    await world.iam("CreateInstanceProfile", InstanceProfileName="i")
    await world.iam("AddRoleToInstanceProfile", InstanceProfileName="i", RoleName="r")

    with pytest.raises(
        AwsError, match=r"DeleteConflict: Cannot delete entity, must remove roles from instance profile first\."
    ):
        await world.iam("DeleteRole", RoleName="r")
    await world.iam("RemoveRoleFromInstanceProfile", InstanceProfileName="i", RoleName="r")
    with pytest.raises(AwsError, match=r"must detach all policies first\."):
        await world.iam("DeleteRole", RoleName="r")
    await world.iam("DetachRolePolicy", RoleName="r", PolicyArn=BASIC)
    with pytest.raises(AwsError, match=r"must delete policies first\."):
        await world.iam("DeleteRole", RoleName="r")
    await world.iam("DeleteRolePolicy", RoleName="r", PolicyName="p")
    await world.iam("DeleteRole", RoleName="r")

    assert (await world.iam("ListRoles"))["Roles"] == []


async def test_a_boundary_must_exist(world: World) -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:policy/none"
    with pytest.raises(AwsError, match=f"NoSuchEntity: Scope ARN: {arn} does not exist or is not attachable."):
        await role(world, PermissionsBoundary=arn)


async def test_a_role_is_shown_as_it_was_made(world: World) -> None:
    made = await role(world, Path="/a/b/", Description="d", MaxSessionDuration=7200, Tags=[{"Key": "K", "Value": "v"}])

    assert made["Arn"] == f"arn:aws:iam::{ACCOUNT}:role/a/b/r"
    assert made["RoleId"].startswith("AROA")
    assert len(made["RoleId"]) == 21
    assert made["CreateDate"] == world.clock.now()
    assert unquote(made["AssumeRolePolicyDocument"]) == TRUST
    assert made["AssumeRolePolicyDocument"].startswith("%7B%22Version%22%3A%20%222012-10-17%22")
    found = (await world.iam("GetRole", RoleName="r"))["Role"]
    assert found == {**made, "Description": "d", "MaxSessionDuration": 7200, "RoleLastUsed": {}}


async def test_lists_show_no_tags_and_no_boundary(world: World) -> None:
    await role(world, Tags=[{"Key": "K", "Value": "v"}], PermissionsBoundary=BASIC)
    [listed] = (await world.iam("ListRoles"))["Roles"]
    assert set(listed) == {
        *("Path", "RoleName", "RoleId", "Arn", "CreateDate", "AssumeRolePolicyDocument", "MaxSessionDuration")
    }


async def test_an_update_changes_what_was_sent_and_nothing_else(world: World) -> None:
    await role(world, Description="before", MaxSessionDuration=7200)

    await world.iam("UpdateRole", RoleName="r", Description="")
    found = (await world.iam("GetRole", RoleName="r"))["Role"]
    assert (found["Description"], found["MaxSessionDuration"]) == ("", 7200)

    described = (await world.iam("UpdateRoleDescription", RoleName="r", Description="after"))["Role"]
    assert described["Description"] == "after"
    assert "MaxSessionDuration" not in described


async def test_a_new_trust_policy_is_shown(world: World) -> None:
    await role(world)
    other = TRUST.replace("lambda", "edgelambda")
    await world.iam("UpdateAssumeRolePolicy", RoleName="r", PolicyDocument=other)
    found = (await world.iam("GetRole", RoleName="r"))["Role"]
    assert unquote(found["AssumeRolePolicyDocument"]) == other


async def test_what_sign_in_needs_is_refused_by_name(world: World) -> None:
    with pytest.raises(AwsError, match="does not implement MaxSigninSessionDuration of roles") as refusal:
        await role(world, MaxSigninSessionDuration=3600)
    assert refusal.value.status == 501


async def test_tags_keep_their_case_and_are_the_same_in_any(world: World) -> None:
    await role(world, Tags=[{"Key": "Team", "Value": "a"}, {"Key": "x", "Value": ""}])
    await world.iam("TagRole", RoleName="r", Tags=[{"Key": "TEAM", "Value": "b"}])
    await world.iam("UntagRole", RoleName="r", TagKeys=["X", "none"])
    assert (await world.iam("ListRoleTags", RoleName="r")) == {
        "Tags": [{"Key": "TEAM", "Value": "b"}],
        "IsTruncated": False,
    }


async def test_a_boundary_comes_and_goes(world: World) -> None:
    await role(world)
    await world.iam("PutRolePermissionsBoundary", RoleName="r", PermissionsBoundary=BASIC)
    found = (await world.iam("GetRole", RoleName="r"))["Role"]
    assert found["PermissionsBoundary"] == {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": BASIC}
    policy = (await world.iam("GetPolicy", PolicyArn=BASIC))["Policy"]
    assert (policy["AttachmentCount"], policy["PermissionsBoundaryUsageCount"]) == (0, 1)

    await world.iam("DeleteRolePermissionsBoundary", RoleName="r")
    assert "PermissionsBoundary" not in (await world.iam("GetRole", RoleName="r"))["Role"]


async def test_accounts_do_not_see_each_others_roles_and_regions_do(world: World) -> None:
    await role(world)
    assert (await world.iam("ListRoles", by="210987654321"))["Roles"] == []
    assert (await world.iam("GetRole", RoleName="r", region="eu-west-1"))["Role"]["RoleName"] == "r"
    china = (await world.iam("GetRole", RoleName="r", region="cn-north-1"))["Role"]
    assert china["Arn"] == f"arn:aws-cn:iam::{ACCOUNT}:role/r"


async def test_pages_go_through_all_roles_of_a_path_by_name(world: World) -> None:
    for name in ("c", "A", "b", "d"):
        await role(world, name, Path="/in/")
    await role(world, "aa", Path="/out/")

    first = await world.iam("ListRoles", PathPrefix="/in/", MaxItems=3)
    assert [one["RoleName"] for one in first["Roles"]] == ["A", "b", "c"]
    assert first["IsTruncated"] is True
    await world.iam("DeleteRole", RoleName="c")
    second = await world.iam("ListRoles", PathPrefix="/in/", MaxItems=3, Marker=first["Marker"])
    assert [one["RoleName"] for one in second["Roles"]] == ["d"]
    assert second["IsTruncated"] is False
    assert "Marker" not in second


@pytest.mark.parametrize("marker", ["?", "a", "ÿ", "_w=="])
async def test_a_marker_that_was_never_given_is_refused(world: World, marker: str) -> None:
    with pytest.raises(AwsError, match=r"^ValidationError: Invalid Marker\.$"):
        await world.iam("ListRoles", Marker=marker)


# --- roles of services


async def test_a_service_role_cannot_be_changed_by_its_account(world: World) -> None:
    await world.iam("CreateServiceLinkedRole", AWSServiceName="lambda.amazonaws.com")
    name = "AWSServiceRoleForLambda"
    words = (
        f"UnmodifiableEntity: Cannot perform the operation on the protected role '{name}' - "
        "this role is only modifiable by AWS"
    )
    for operation, params in (
        ("DeleteRole", {}),
        ("UpdateRole", {}),
        ("AttachRolePolicy", {"PolicyArn": BASIC}),
        ("PutRolePolicy", {"PolicyName": "p", "PolicyDocument": DOCUMENT}),
    ):
        with pytest.raises(AwsError, match=words):
            await world.iam(operation, RoleName=name, **params)


async def test_a_service_role_is_made_once_for_each_suffix(world: World) -> None:
    await world.iam("CreateServiceLinkedRole", AWSServiceName="spot.amazonaws.com")
    with pytest.raises(
        AwsError,
        match=r"^InvalidInput: Service role name AWSServiceRoleForEC2Spot has been taken in this account, "
        r"please try a different suffix\.$",
    ):
        await world.iam("CreateServiceLinkedRole", AWSServiceName="spot.amazonaws.com")
    suffixed = await world.iam("CreateServiceLinkedRole", AWSServiceName="spot.amazonaws.com", CustomSuffix="two")
    assert suffixed["Role"]["Arn"] == (
        f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot_two"
    )


async def test_a_service_role_is_deleted_by_a_task_that_can_be_asked_for(world: World) -> None:
    await world.iam("CreateServiceLinkedRole", AWSServiceName="lambda.amazonaws.com")
    task = (await world.iam("DeleteServiceLinkedRole", RoleName="AWSServiceRoleForLambda"))["DeletionTaskId"]
    assert task.startswith("task/aws-service-role/lambda.amazonaws.com/AWSServiceRoleForLambda/")
    status = await world.iam("GetServiceLinkedRoleDeletionStatus", DeletionTaskId=task)
    assert status["Status"] == "SUCCEEDED"
    with pytest.raises(AwsError, match="NoSuchEntity"):
        await world.iam("GetServiceLinkedRoleDeletionStatus", DeletionTaskId=task + "0")
    assert (await world.iam("ListRoles"))["Roles"] == []
