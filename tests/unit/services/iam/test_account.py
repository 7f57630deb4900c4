from __future__ import annotations

import re
from typing import Any

import pytest

from lambent.errors import AwsError
from lambent.services.iam.record import USER
from lambent.services.iam.service import service
from lambent.wire.model import load_service
from unit.services.iam.world import ACCOUNT, BASIC, DOCUMENT, TRUST, World


async def test_an_alias_belongs_to_one_account(world: World) -> None:
    await world.iam("CreateAccountAlias", AccountAlias="first")
    await world.iam("CreateAccountAlias", AccountAlias="second")
    with pytest.raises(AwsError, match=r"^EntityAlreadyExists: The account alias second already exists\.$"):
        await world.iam("CreateAccountAlias", by="210987654321", AccountAlias="second")
    with pytest.raises(AwsError, match=r"^NoSuchEntity: The account alias with name first cannot be found\.$"):
        await world.iam("DeleteAccountAlias", AccountAlias="first")

    assert (await world.iam("ListAccountAliases"))["AccountAliases"] == ["second"]
    await world.iam("DeleteAccountAlias", AccountAlias="second")
    assert (await world.iam("ListAccountAliases"))["AccountAliases"] == []


async def test_no_more_is_made_than_there_may_be(world: World) -> None:
    summary = (await world.iam("GetAccountSummary"))["SummaryMap"]
    assert summary["GroupsQuota"] == 300
    for number in range(300):
        await world.iam("CreateGroup", GroupName=f"g{number}")
    with pytest.raises(AwsError, match=r"^LimitExceeded: Cannot exceed quota for GroupsPerAccount: 300$"):
        await world.iam("CreateGroup", GroupName="more")
    assert (await world.iam("GetAccountSummary"))["SummaryMap"]["Groups"] == 300


async def test_the_summary_counts_what_there_is(world: World) -> None:
    await world.iam("CreateUser", UserName="u")
    await world.iam("CreatePolicy", PolicyName="p", PolicyDocument=DOCUMENT)
    await world.iam("CreatePolicyVersion", PolicyArn=f"arn:aws:iam::{ACCOUNT}:policy/p", PolicyDocument=DOCUMENT)
    summary = (await world.iam("GetAccountSummary"))["SummaryMap"]
    assert (summary["Users"], summary["Policies"], summary["PolicyVersionsInUse"], summary["Roles"]) == (1, 1, 2, 0)
    assert summary["UsersQuota"] == USER.most


async def test_the_details_hold_everything_in_whatever_pages(world: World) -> None:
    await world.iam("CreateGroup", GroupName="g")
    await world.iam("CreateUser", UserName="u", Tags=[{"Key": "k", "Value": "v"}])
    await world.iam("AddUserToGroup", GroupName="g", UserName="u")
    await world.iam("CreateRole", RoleName="r", AssumeRolePolicyDocument=TRUST)
    await world.iam("PutRolePolicy", RoleName="r", PolicyName="own", PolicyDocument=DOCUMENT)
    await world.iam("AttachRolePolicy", RoleName="r", PolicyArn=BASIC)
    await world.iam("CreateInstanceProfile", InstanceProfileName="i")
    await world.iam("AddRoleToInstanceProfile", InstanceProfileName="i", RoleName="r")
    await world.iam("CreatePolicy", PolicyName="p", PolicyDocument=DOCUMENT)

    whole = await world.iam("GetAccountAuthorizationDetails")
    assert whole["UserDetailList"][0]["GroupList"] == ["g"]
    [role] = whole["RoleDetailList"]
    assert [one["PolicyName"] for one in role["RolePolicyList"]] == ["own"]
    assert role["AttachedManagedPolicies"] == [{"PolicyName": "AWSLambdaBasicExecutionRole", "PolicyArn": BASIC}]
    assert role["InstanceProfileList"][0]["InstanceProfileName"] == "i"
    assert [one["PolicyName"] for one in whole["Policies"]] == ["AWSLambdaBasicExecutionRole", "p"]
    assert [len(one["PolicyVersionList"]) for one in whole["Policies"]] == [1, 1]

    only = await world.iam("GetAccountAuthorizationDetails", Filter=["Group"])
    assert {name: len(only[name]) for name in only if name.endswith("List")} == {
        "UserDetailList": 0,
        "RoleDetailList": 0,
        "GroupDetailList": 1,
    }
    pieces: dict[str, list[Any]] = {"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [], "Policies": []}
    more: dict[str, Any] = {}
    while True:
        page = await world.iam("GetAccountAuthorizationDetails", MaxItems=2, **more)
        for name in pieces:
            pieces[name] += page[name]
        if not page["IsTruncated"]:
            break
        more = {"Marker": page["Marker"]}
    assert pieces == {name: whole[name] for name in pieces}


async def test_an_instance_profile_has_one_role(world: World) -> None:
    for name in ("r", "s"):
        await world.iam("CreateRole", RoleName=name, AssumeRolePolicyDocument=TRUST)
    await world.iam("CreateInstanceProfile", InstanceProfileName="i", Path="/p/", Tags=[{"Key": "k", "Value": "v"}])
    with pytest.raises(AwsError, match=r"^EntityAlreadyExists: Instance Profile I already exists\.$"):
        await world.iam("CreateInstanceProfile", InstanceProfileName="I")
    with pytest.raises(AwsError, match=r"^NoSuchEntity: Instance Profile j cannot be found\.$"):
        await world.iam("GetInstanceProfile", InstanceProfileName="j")
    with pytest.raises(AwsError, match=r"^NoSuchEntity: The role with name r cannot be found\.$"):
        await world.iam("RemoveRoleFromInstanceProfile", InstanceProfileName="i", RoleName="r")
    await world.iam("AddRoleToInstanceProfile", InstanceProfileName="i", RoleName="r")
    with pytest.raises(
        AwsError, match=r"^LimitExceeded: Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1$"
    ):
        await world.iam("AddRoleToInstanceProfile", InstanceProfileName="i", RoleName="s")
    with pytest.raises(AwsError, match=r"must remove roles from instance profile first\.$"):
        await world.iam("DeleteInstanceProfile", InstanceProfileName="i")

    found = (await world.iam("GetInstanceProfile", InstanceProfileName="i"))["InstanceProfile"]
    assert found["Arn"] == f"arn:aws:iam::{ACCOUNT}:instance-profile/p/i"
    assert found["InstanceProfileId"].startswith("AIPA")
    assert [role["RoleName"] for role in found["Roles"]] == ["r"]
    assert found.pop("Tags") == [{"Key": "k", "Value": "v"}]
    assert (await world.iam("ListInstanceProfilesForRole", RoleName="r"))["InstanceProfiles"] == [found]
    assert (await world.iam("ListInstanceProfiles"))["InstanceProfiles"] == [found]


async def test_there_is_no_password_policy(world: World) -> None:
    with pytest.raises(AwsError, match=rf"^NoSuchEntity: The Password Policy with domain name {ACCOUNT} cannot be"):
        await world.iam("GetAccountPasswordPolicy")


async def test_a_role_of_a_service_that_cannot_be_is_refused(world: World) -> None:
    with pytest.raises(AwsError, match=r"^InvalidInput: Service lambda does not exist"):
        await world.iam("CreateServiceLinkedRole", AWSServiceName="lambda")


def test_every_operation_of_the_table_is_one_of_aws() -> None:
    nothing: Any = None
    built = service(nothing).operations.keys()
    assert built <= set(load_service("iam").botocore.operation_names)
    assert all(re.fullmatch(r"[A-Z]\w+", name) for name in built)
