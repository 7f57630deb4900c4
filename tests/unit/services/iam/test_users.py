from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from lambent.access_keys import account_of
from lambent.errors import AwsError
from unit.services.iam.world import ACCOUNT, BASIC, DOCUMENT, World

NO_USER = r"^ValidationError: Must specify userName when calling with non-User credentials$"


async def key_of(world: World, user: str = "u") -> str:
    """A new access key of a user."""
    key: str = (await world.iam("CreateAccessKey", UserName=user))["AccessKey"]["AccessKeyId"]
    return key


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("GetUser", {}),
        ("UpdateUser", {"NewUserName": "v"}),
        ("DeleteUser", {}),
        ("ListUserTags", {}),
        ("ListUserPolicies", {}),
        ("ListAttachedUserPolicies", {}),
        ("ListGroupsForUser", {}),
        ("ListAccessKeys", {}),
        ("CreateAccessKey", {}),
        ("GetLoginProfile", {}),
        ("ListMFADevices", {}),
        ("ListSSHPublicKeys", {}),
    ],
)
async def test_a_user_that_does_not_exist_is_told_by_its_name(
    world: World, operation: str, params: dict[str, Any]
) -> None:
    with pytest.raises(AwsError, match=r"^NoSuchEntity: The user with name u cannot be found\.$"):
        await world.iam(operation, UserName="u", **params)


@pytest.mark.parametrize("operation", ["CreateAccessKey", "ListAccessKeys"])
async def test_whoever_is_no_user_must_name_one(world: World, operation: str) -> None:
    with pytest.raises(AwsError, match=NO_USER):
        await world.iam(operation)


async def test_a_user_is_not_deleted_while_something_hangs_on_it(world: World) -> None:
    await world.iam("CreateUser", UserName="u")
    key = await key_of(world)
    await world.iam("CreateGroup", GroupName="g")
    await world.iam("AddUserToGroup", GroupName="g", UserName="u")
    await world.iam("AttachUserPolicy", UserName="u", PolicyArn=BASIC)
    await world.iam("PutUserPolicy", UserName="u", PolicyName="p", PolicyDocument=DOCUMENT)

    for words, operation, params in (
        ("detach all policies", "DetachUserPolicy", {"PolicyArn": BASIC}),
        ("delete policies", "DeleteUserPolicy", {"PolicyName": "p"}),
        ("delete access keys", "DeleteAccessKey", {"AccessKeyId": key}),
        ("remove users from group", "RemoveUserFromGroup", {"GroupName": "g"}),
    ):
        with pytest.raises(AwsError, match=rf"^DeleteConflict: Cannot delete entity, must {words} first\.$"):
            await world.iam("DeleteUser", UserName="u")
        await world.iam(operation, UserName="u", **params)
    await world.iam("DeleteUser", UserName="u")
    assert (await world.iam("ListUsers"))["Users"] == []


async def test_a_new_name_must_be_free(world: World) -> None:
    await world.iam("CreateUser", UserName="u")
    await world.iam("CreateUser", UserName="v")
    with pytest.raises(AwsError, match=r"^EntityAlreadyExists: User with name V already exists\.$"):
        await world.iam("UpdateUser", UserName="u", NewUserName="V")
    await world.iam("UpdateUser", UserName="u", NewUserName="U")
    assert [one["UserName"] for one in (await world.iam("ListUsers"))["Users"]] == ["U", "v"]


async def test_a_renamed_user_keeps_all_it_had(world: World) -> None:
    made = (await world.iam("CreateUser", UserName="u", Tags=[{"Key": "k", "Value": "v"}]))["User"]
    await world.iam("AttachUserPolicy", UserName="u", PolicyArn=BASIC)
    key = await key_of(world)

    await world.iam("UpdateUser", UserName="u", NewUserName="w", NewPath="/p/")

    found = (await world.iam("GetUser", UserName="w"))["User"]
    assert found == {**made, "UserName": "w", "Path": "/p/", "Arn": f"arn:aws:iam::{ACCOUNT}:user/p/w"}
    assert len((await world.iam("ListAttachedUserPolicies", UserName="w"))["AttachedPolicies"]) == 1
    assert await world.arn_of(key) == found["Arn"]


async def test_the_account_and_a_user_may_ask_for_themselves(world: World) -> None:
    await world.iam("CreateUser", UserName="u")
    key = await key_of(world)

    assert (await world.iam("GetUser", by=key))["User"]["UserName"] == "u"
    root = (await world.iam("GetUser"))["User"]
    assert root == {
        "UserId": ACCOUNT,
        "Arn": f"arn:aws:iam::{ACCOUNT}:root",
        "CreateDate": datetime(1970, 1, 1, tzinfo=UTC),
    }


async def test_lists_of_users_show_no_tags(world: World) -> None:
    await world.iam("CreateUser", UserName="u", Tags=[{"Key": "k", "Value": "v"}], PermissionsBoundary=BASIC)
    [listed] = (await world.iam("ListUsers"))["Users"]
    assert set(listed) == {"Path", "UserName", "UserId", "Arn", "CreateDate"}
    assert listed["UserId"].startswith("AIDA")


# --- access keys


async def test_the_third_access_key_is_refused(world: World) -> None:
    await world.iam("CreateUser", UserName="u")
    await key_of(world)
    await key_of(world)
    with pytest.raises(AwsError, match=r"^LimitExceeded: Cannot exceed quota for AccessKeysPerUser: 2$"):
        await key_of(world)


async def test_a_key_of_somebody_else_is_not_found(world: World) -> None:
    await world.iam("CreateUser", UserName="u")
    await world.iam("CreateUser", UserName="v")
    key = await key_of(world)
    for operation, params in (("DeleteAccessKey", {}), ("UpdateAccessKey", {"Status": "Inactive"})):
        with pytest.raises(AwsError, match=rf"^NoSuchEntity: The Access Key with id {key} cannot be found\.$"):
            await world.iam(operation, UserName="v", AccessKeyId=key, **params)


async def test_who_used_an_unknown_key_is_not_told(world: World) -> None:
    key = "AKIAQAAAAAAAAAAAAAAA"
    with pytest.raises(
        AwsError,
        match=f"^AccessDenied: User: arn:aws:iam::{ACCOUNT}:root is not authorized to perform: "
        f"iam:GetAccessKeyLastUsed on resource: access key {key}$",
    ):
        await world.iam("GetAccessKeyLastUsed", AccessKeyId=key)


async def test_a_key_can_be_switched_off_and_on_but_does_not_expire(world: World) -> None:
    await world.iam("CreateUser", UserName="u")
    key = await key_of(world)
    await world.iam("UpdateAccessKey", UserName="u", AccessKeyId=key, Status="Inactive")
    with pytest.raises(AwsError, match=r"^InvalidClientTokenId: ") as refusal:
        await world.arn_of(key)
    assert refusal.value.status == 403
    with pytest.raises(AwsError, match=r"^ValidationError: "):
        await world.iam("UpdateAccessKey", UserName="u", AccessKeyId=key, Status="Expired")
    await world.iam("UpdateAccessKey", UserName="u", AccessKeyId=key, Status="Active")
    assert await world.arn_of(key) == f"arn:aws:iam::{ACCOUNT}:user/u"


async def test_a_key_carries_its_account_and_tells_its_secret_once(world: World) -> None:
    await world.iam("CreateUser", UserName="u")
    key = (await world.iam("CreateAccessKey", UserName="u"))["AccessKey"]
    assert account_of(key["AccessKeyId"]) == ACCOUNT
    assert len(key.pop("SecretAccessKey")) == 40

    listed = await world.iam("ListAccessKeys", by=key["AccessKeyId"])
    assert listed["AccessKeyMetadata"] == [key]
    used = await world.iam("GetAccessKeyLastUsed", AccessKeyId=key["AccessKeyId"])
    assert used == {"UserName": "u", "AccessKeyLastUsed": {"ServiceName": "N/A", "Region": "N/A"}}


# --- groups


async def test_a_group_is_not_deleted_while_it_has_users(world: World) -> None:
    await world.iam("CreateUser", UserName="u")
    await world.iam("CreateGroup", GroupName="g")
    await world.iam("AddUserToGroup", GroupName="g", UserName="u")
    with pytest.raises(AwsError, match=r"must remove users from group first\.$"):
        await world.iam("DeleteGroup", GroupName="g")
    await world.iam("RemoveUserFromGroup", GroupName="g", UserName="u")
    await world.iam("RemoveUserFromGroup", GroupName="g", UserName="u")
    await world.iam("DeleteGroup", GroupName="g")
    with pytest.raises(AwsError, match=r"^NoSuchEntity: The group with name g cannot be found\.$"):
        await world.iam("GetGroup", GroupName="g")


async def test_the_eleventh_group_of_a_user_is_refused(world: World) -> None:
    await world.iam("CreateUser", UserName="u")
    for number in range(11):
        await world.iam("CreateGroup", GroupName=f"g{number:02d}")
    for number in range(10):
        await world.iam("AddUserToGroup", GroupName=f"g{number:02d}", UserName="u")
    with pytest.raises(AwsError, match=r"^LimitExceeded: Cannot exceed quota for GroupsPerUser: 10$"):
        await world.iam("AddUserToGroup", GroupName="g10", UserName="u")
    first = await world.iam("ListGroupsForUser", UserName="u", MaxItems=9)
    rest = await world.iam("ListGroupsForUser", UserName="u", Marker=first["Marker"])
    assert [one["GroupName"] for one in rest["Groups"]] == ["g09"]


async def test_a_group_shows_its_users_in_pages(world: World) -> None:
    await world.iam("CreateGroup", GroupName="g", Path="/p/")
    for name in ("b", "A", "c"):
        await world.iam("CreateUser", UserName=name)
        await world.iam("AddUserToGroup", GroupName="g", UserName=name)
    await world.iam("UpdateGroup", GroupName="g", NewGroupName="h", NewPath="/q/")

    first = await world.iam("GetGroup", GroupName="h", MaxItems=2)
    rest = await world.iam("GetGroup", GroupName="h", Marker=first["Marker"])
    assert first["Group"]["Arn"] == f"arn:aws:iam::{ACCOUNT}:group/q/h"
    assert [one["UserName"] for one in first["Users"] + rest["Users"]] == ["A", "b", "c"]


# --- what nobody has here


async def test_a_user_has_no_password_and_none_of_the_things_that_cannot_be_made(world: World) -> None:
    await world.iam("CreateUser", UserName="u")
    for operation in ("GetLoginProfile", "DeleteLoginProfile"):
        with pytest.raises(AwsError, match=r"^NoSuchEntity: Login Profile for User u cannot be found\.$"):
            await world.iam(operation, UserName="u")
    assert await world.iam("ListMFADevices", UserName="u") == {"MFADevices": [], "IsTruncated": False}
    assert await world.iam("ListSigningCertificates", UserName="u") == {"Certificates": [], "IsTruncated": False}
    assert await world.iam("ListServiceSpecificCredentials", UserName="u") == {
        "ServiceSpecificCredentials": [],
        "IsTruncated": False,
    }
