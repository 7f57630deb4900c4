from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

import pytest

from lambent.errors import AwsError
from unit.services.iam.world import ACCOUNT, BASIC, DOCUMENT, TRUST, World

ARN = f"arn:aws:iam::{ACCOUNT}:policy/p"


async def policy(world: World, name: str = "p", **settings: Any) -> str:
    answer = await world.iam("CreatePolicy", PolicyName=name, PolicyDocument=DOCUMENT, **settings)
    arn: str = answer["Policy"]["Arn"]
    return arn


def sized(characters: int) -> str:
    """A policy of so many characters without white space."""
    whole = json.dumps(json.loads(DOCUMENT) | {"Id": ""})
    return whole.replace('"Id": ""', f'"Id": "{"x" * (characters - len(whole.replace(" ", "")))}"')


@pytest.mark.parametrize(
    ("operation", "params", "words"),
    [
        ("GetPolicy", {}, "was not found."),
        ("DeletePolicy", {}, "was not found."),
        ("ListPolicyVersions", {}, "was not found."),
        ("ListPolicyTags", {}, "was not found."),
        ("CreatePolicyVersion", {"PolicyDocument": DOCUMENT}, "was not found."),
        ("GetPolicyVersion", {"VersionId": "v1"}, "version v1 does not exist or is not attachable."),
        ("SetDefaultPolicyVersion", {"VersionId": "v1"}, "was not found."),
        ("ListEntitiesForPolicy", {}, "does not exist or is not attachable."),
        ("AttachRolePolicy", {"RoleName": "r"}, "does not exist or is not attachable."),
        ("DetachRolePolicy", {"RoleName": "r"}, "was not found."),
    ],
)
async def test_a_policy_that_does_not_exist_is_told_by_its_arn(
    world: World, operation: str, params: dict[str, Any], words: str
) -> None:
    await world.iam("CreateRole", RoleName="r", AssumeRolePolicyDocument=TRUST)
    await policy(world, Path="/elsewhere/")
    for arn in (ARN, "arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole"):
        if arn == ARN or not operation.startswith(("Delete", "Create", "Set")):
            with pytest.raises(AwsError, match=f"^NoSuchEntity: Policy {arn} {words}$"):
                await world.iam(operation, PolicyArn=arn, **params)


@pytest.mark.parametrize("arn", ["arn:aws:iam::1:policy/p", "arn:aws:s3:::a-bucket-of-mine", "twenty characters long"])
async def test_what_is_no_arn_of_a_policy_is_refused(world: World, arn: str) -> None:
    with pytest.raises(AwsError, match=f"^ValidationError: ARN {arn} is not valid.$"):
        await world.iam("GetPolicy", PolicyArn=arn)


@pytest.mark.parametrize(
    ("operation", "params", "words"),
    [
        ("DeletePolicy", {}, "Cannot delete policies outside your own account."),
        (
            "DeletePolicyVersion",
            {"VersionId": "v1"},
            "Cannot delete policy versions for policies outside your own account.",
        ),
        ("SetDefaultPolicyVersion", {"VersionId": "v1"}, "Cannot update policies outside your own account."),
        (
            "CreatePolicyVersion",
            {"PolicyDocument": DOCUMENT},
            "Cannot create policy versions for policies outside your own account.",
        ),
        ("TagPolicy", {"Tags": []}, "Cannot tag policies outside your own account."),
    ],
)
async def test_policies_of_others_cannot_be_changed(
    world: World, operation: str, params: dict[str, Any], words: str
) -> None:
    for arn in (BASIC, "arn:aws:iam::210987654321:policy/p"):
        with pytest.raises(AwsError, match=f"^AccessDenied: {words}$") as refusal:
            await world.iam(operation, PolicyArn=arn, **params)
        assert refusal.value.status == 403


async def test_a_name_is_taken_whatever_its_path_and_case(world: World) -> None:
    await policy(world)
    with pytest.raises(
        AwsError, match=r"^EntityAlreadyExists: A policy called P already exists\. Duplicate names are not allowed\.$"
    ):
        await policy(world, "P", Path="/other/")


async def test_a_document_has_a_limit(world: World) -> None:
    await world.iam("CreatePolicy", PolicyName="fits", PolicyDocument=sized(6144))
    with pytest.raises(AwsError, match=r"^LimitExceeded: Cannot exceed quota for PolicySize: 6144$"):
        await world.iam("CreatePolicy", PolicyName="long", PolicyDocument=sized(6145))


async def test_a_policy_is_not_deleted_while_it_is_used_or_has_versions(world: World) -> None:
    await policy(world)
    await world.iam("CreateUser", UserName="u", PermissionsBoundary=ARN)
    await world.iam("CreateGroup", GroupName="g")
    await world.iam("AttachGroupPolicy", GroupName="g", PolicyArn=ARN)

    attached = r"DeleteConflict: Cannot delete a policy attached to entities\."
    with pytest.raises(AwsError, match=attached):
        await world.iam("DeletePolicy", PolicyArn=ARN)
    await world.iam("DetachGroupPolicy", GroupName="g", PolicyArn=ARN)
    with pytest.raises(AwsError, match=attached):
        await world.iam("DeletePolicy", PolicyArn=ARN)
    await world.iam("DeleteUserPermissionsBoundary", UserName="u")
    await world.iam("CreatePolicyVersion", PolicyArn=ARN, PolicyDocument=DOCUMENT)
    with pytest.raises(AwsError, match=r"DeleteConflict: This policy has more than one version\. Before you delete"):
        await world.iam("DeletePolicy", PolicyArn=ARN)
    await world.iam("DeletePolicyVersion", PolicyArn=ARN, VersionId="v2")
    await world.iam("DeletePolicy", PolicyArn=ARN)
    assert (await world.iam("ListPolicies", Scope="Local"))["Policies"] == []


async def test_the_sixth_version_is_refused_and_numbers_are_not_given_twice(world: World) -> None:
    await policy(world)
    for _ in range(4):
        await world.iam("CreatePolicyVersion", PolicyArn=ARN, PolicyDocument=DOCUMENT)
    with pytest.raises(AwsError, match=r"^LimitExceeded: A managed policy can have up to 5 versions\. Before you"):
        await world.iam("CreatePolicyVersion", PolicyArn=ARN, PolicyDocument=DOCUMENT)

    await world.iam("DeletePolicyVersion", PolicyArn=ARN, VersionId="v5")
    made = await world.iam("CreatePolicyVersion", PolicyArn=ARN, PolicyDocument=DOCUMENT, SetAsDefault=True)
    assert made["PolicyVersion"] == {"VersionId": "v6", "IsDefaultVersion": True, "CreateDate": world.clock.now()}
    with pytest.raises(AwsError, match=r"^DeleteConflict: Cannot delete the default version of a policy\.$"):
        await world.iam("DeletePolicyVersion", PolicyArn=ARN, VersionId="v6")
    with pytest.raises(AwsError, match=r"^NoSuchEntity: Policy .*:policy/p version v5 does not exist or is not att"):
        await world.iam("SetDefaultPolicyVersion", PolicyArn=ARN, VersionId="v5")

    await world.iam("SetDefaultPolicyVersion", PolicyArn=ARN, VersionId="v1")
    versions = (await world.iam("ListPolicyVersions", PolicyArn=ARN))["Versions"]
    assert [(one["VersionId"], one["IsDefaultVersion"]) for one in versions] == [
        *(("v6", False), ("v4", False), ("v3", False), ("v2", False), ("v1", True))
    ]


async def test_a_policy_is_shown_as_it_was_made(world: World) -> None:
    arn = await policy(world, Path="/a/", Description="d", Tags=[{"Key": "k", "Value": "v"}])

    found = (await world.iam("GetPolicy", PolicyArn=arn))["Policy"]
    assert found.pop("PolicyId").startswith("ANPA")
    assert found == {
        "PolicyName": "p",
        "Arn": f"arn:aws:iam::{ACCOUNT}:policy/a/p",
        "Path": "/a/",
        "DefaultVersionId": "v1",
        "AttachmentCount": 0,
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": True,
        "Description": "d",
        "CreateDate": world.clock.now(),
        "UpdateDate": world.clock.now(),
        "Tags": [{"Key": "k", "Value": "v"}],
    }
    version = (await world.iam("GetPolicyVersion", PolicyArn=arn, VersionId="v1"))["PolicyVersion"]
    assert unquote(version["Document"]) == DOCUMENT
    assert version["IsDefaultVersion"] is True


async def test_keys_of_a_policys_tags_differ_by_case(world: World) -> None:
    await policy(world, Tags=[{"Key": "k", "Value": "1"}, {"Key": "K", "Value": "2"}])
    with pytest.raises(AwsError, match=r"^InvalidInput: Duplicate tag keys found\.$"):
        await world.iam("TagPolicy", PolicyArn=ARN, Tags=[{"Key": "k", "Value": "1"}, {"Key": "k", "Value": "2"}])
    first = await world.iam("ListPolicyTags", PolicyArn=ARN, MaxItems=1)
    second = await world.iam("ListPolicyTags", PolicyArn=ARN, MaxItems=1, Marker=first["Marker"])
    assert first["Tags"] + second["Tags"] == [{"Key": "K", "Value": "2"}, {"Key": "k", "Value": "1"}]
    assert second["IsTruncated"] is False


# --- AWS's own


async def test_what_users_of_lambda_attach_is_there(world: World) -> None:
    found: dict[str, Any] = {}
    marker: dict[str, str] = {}
    while True:
        page = await world.iam("ListPolicies", Scope="AWS", MaxItems=40, **marker)
        found |= {one["PolicyName"]: one for one in page["Policies"]}
        if not page["IsTruncated"]:
            break
        marker = {"Marker": page["Marker"]}

    wanted = (
        "AWSLambdaBasicExecutionRole AWSLambdaSQSQueueExecutionRole AWSLambdaKinesisExecutionRole "
        "AWSLambdaDynamoDBExecutionRole AWSLambdaVPCAccessExecutionRole AdministratorAccess ReadOnlyAccess"
    )
    assert found.keys() >= set(wanted.split())
    assert found["AdministratorAccess"]["Arn"] == "arn:aws:iam::aws:policy/AdministratorAccess"
    version = await world.iam("GetPolicyVersion", PolicyArn=BASIC, VersionId="v1")
    assert json.loads(unquote(version["PolicyVersion"]["Document"]))["Statement"] == [
        {
            "Effect": "Allow",
            "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": "*",
        }
    ]


async def test_a_policy_of_aws_has_the_arn_of_the_partition(world: World) -> None:
    china = BASIC.replace("arn:aws:", "arn:aws-cn:")
    assert (await world.iam("GetPolicy", PolicyArn=china, region="cn-north-1"))["Policy"]["Arn"] == china


async def test_lists_are_narrowed_by_scope_path_and_use(world: World) -> None:
    arn = await policy(world, Path="/mine/")
    await policy(world, "q")
    await world.iam("CreateRole", RoleName="r", AssumeRolePolicyDocument=TRUST, PermissionsBoundary=arn)
    await world.iam("AttachRolePolicy", RoleName="r", PolicyArn=BASIC)

    async def names(**filters: Any) -> list[str]:
        found = (await world.iam("ListPolicies", MaxItems=1000, **filters))["Policies"]
        return [one["PolicyName"] for one in found]

    assert await names(Scope="Local") == ["p", "q"]
    assert await names(PathPrefix="/mine/") == ["p"]
    assert await names(OnlyAttached=True) == ["AWSLambdaBasicExecutionRole"]
    assert await names(PolicyUsageFilter="PermissionsBoundary") == ["p"]
    assert {"p", "q", "AdministratorAccess"} <= set(await names())


# --- who has them


async def test_a_policy_knows_whom_it_is_attached_to_and_whom_it_bounds(world: World) -> None:
    await policy(world)
    await world.iam("CreateRole", RoleName="r", AssumeRolePolicyDocument=TRUST)
    await world.iam("CreateUser", UserName="u", Path="/in/")
    await world.iam("CreateUser", UserName="bound", PermissionsBoundary=ARN)
    await world.iam("CreateGroup", GroupName="g")
    for kind, name in (("Role", "r"), ("User", "u"), ("Group", "g")):
        await world.iam(f"Attach{kind}Policy", PolicyArn=ARN, **{f"{kind}Name": name})

    async def entities(**filters: Any) -> dict[str, list[str]]:
        answer = await world.iam("ListEntitiesForPolicy", PolicyArn=ARN, **filters)
        return {
            kind: [one[f"{kind}Name"] for one in answer[f"Policy{kind}s"]]
            for kind in ("Role", "User", "Group")
            if answer[f"Policy{kind}s"]
        }

    assert await entities() == {"Role": ["r"], "User": ["u"], "Group": ["g"]}
    assert await entities(EntityFilter="Role") == {"Role": ["r"]}
    assert await entities(PathPrefix="/in/") == {"User": ["u"]}
    assert await entities(PolicyUsageFilter="PermissionsBoundary") == {"User": ["bound"]}
    first = await world.iam("ListEntitiesForPolicy", PolicyArn=ARN, MaxItems=2)
    assert first["IsTruncated"] is True
    assert await entities(Marker=first["Marker"]) == {"User": ["u"]}


async def test_the_eleventh_policy_of_a_role_is_refused_and_one_again_is_not(world: World) -> None:
    await world.iam("CreateRole", RoleName="r", AssumeRolePolicyDocument=TRUST)
    arns = [await policy(world, f"p{n}") for n in range(10)]
    for arn in [*arns, arns[0]]:
        await world.iam("AttachRolePolicy", RoleName="r", PolicyArn=arn)
    with pytest.raises(AwsError, match=r"^LimitExceeded: Cannot exceed quota for PoliciesPerRole: 10$"):
        await world.iam("AttachRolePolicy", RoleName="r", PolicyArn=BASIC)

    await world.iam("DetachRolePolicy", RoleName="r", PolicyArn=arns[0])
    await world.iam("AttachRolePolicy", RoleName="r", PolicyArn=BASIC)
    attached = (await world.iam("ListAttachedRolePolicies", RoleName="r"))["AttachedPolicies"]
    assert attached[0] == {"PolicyName": "AWSLambdaBasicExecutionRole", "PolicyArn": BASIC}
    assert [one["PolicyArn"] for one in attached[1:]] == arns[1:]
    narrowed = await world.iam("ListAttachedRolePolicies", RoleName="r", PathPrefix="/service-role/")
    assert narrowed["AttachedPolicies"] == attached[:1]


async def test_the_policy_of_a_service_is_not_for_others(world: World) -> None:
    await world.iam("CreateRole", RoleName="r", AssumeRolePolicyDocument=TRUST)
    arn = "arn:aws:iam::aws:policy/aws-service-role/AWSLambdaServiceRolePolicy"
    with pytest.raises(
        AwsError, match=r"^PolicyNotAttachable: Cannot attach a Service Role Policy to a Customer Role\.$"
    ):
        await world.iam("AttachRolePolicy", RoleName="r", PolicyArn=arn)


@pytest.mark.parametrize(("kind", "limit"), [("User", 2048), ("Group", 5120), ("Role", 10_240)])
async def test_all_inline_policies_of_a_holder_together_have_a_limit(world: World, kind: str, limit: int) -> None:
    more = {"AssumeRolePolicyDocument": TRUST} if kind == "Role" else {}
    name = {f"{kind}Name": "h"}
    await world.iam(f"Create{kind}", **name, **more)
    await world.iam(f"Put{kind}Policy", **name, PolicyName="a", PolicyDocument=sized(1000))
    with pytest.raises(
        AwsError, match=f"^LimitExceeded: Maximum policy size of {limit} bytes exceeded for {kind.lower()} h$"
    ):
        await world.iam(f"Put{kind}Policy", **name, PolicyName="b", PolicyDocument=sized(limit - 999))
    await world.iam(f"Put{kind}Policy", **name, PolicyName="a", PolicyDocument=sized(limit))

    assert (await world.iam(f"List{kind}Policies", **name))["PolicyNames"] == ["a"]
    found = await world.iam(f"Get{kind}Policy", **name, PolicyName="a")
    assert unquote(found["PolicyDocument"]) == sized(limit)
    with pytest.raises(AwsError, match=f"^NoSuchEntity: The {kind.lower()} policy with name b cannot be found.$"):
        await world.iam(f"Get{kind}Policy", **name, PolicyName="b")
    with pytest.raises(AwsError, match=f"^NoSuchEntity: The {kind.lower()} policy with name b cannot be found.$"):
        await world.iam(f"Delete{kind}Policy", **name, PolicyName="b")
    await world.iam(f"Delete{kind}Policy", **name, PolicyName="a")
    assert (await world.iam(f"List{kind}Policies", **name))["PolicyNames"] == []
