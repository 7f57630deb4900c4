"""Users, roles and policies through boto3 and the `aws` command, as Terraform's provider and people use them."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from system.harness import SCRIPTS, create

if TYPE_CHECKING:
    from collections.abc import Callable

    from system.harness import Server

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": "Read", "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::b/*"}],
}
VIOLATION = "1 validation error detected: Value '{}' at 'roleName' failed to satisfy constraint:"
BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"


@pytest.fixture
def iam(server: Server) -> Any:
    return server.client("iam")


def with_keys(server: Server, service: str, credentials: dict[str, Any]) -> Any:
    """A client that signs with credentials as IAM or STS gave them."""
    return boto3.client(
        service,
        endpoint_url=server.endpoint,
        region_name="us-east-1",
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials.get("SessionToken"),
    )


def aws(server: Server, *arguments: str) -> Any:
    """The answer of the `aws` command."""
    environ = {
        "PATH": os.environ["PATH"],
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    command = [str(SCRIPTS / "aws"), "--endpoint-url", server.endpoint, "--output", "json", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=environ, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout.strip() else None


@pytest.mark.parametrize(
    ("operation", "params", "code", "status", "words"),
    [
        ("get_role", {"RoleName": "gone"}, "NoSuchEntity", 404, "The role with name gone cannot be found."),
        ("get_user", {"UserName": "gone"}, "NoSuchEntity", 404, "The user with name gone cannot be found."),
        (
            "get_policy",
            {"PolicyArn": "arn:aws:iam::000000000000:policy/gone"},
            "NoSuchEntity",
            404,
            "Policy arn:aws:iam::000000000000:policy/gone was not found.",
        ),
        (
            "create_role",
            {"RoleName": "r", "AssumeRolePolicyDocument": "{"},
            "MalformedPolicyDocument",
            400,
            "This policy contains invalid Json",
        ),
        (
            "create_policy",
            {"PolicyName": "p", "PolicyDocument": "{"},
            "MalformedPolicyDocument",
            400,
            "Syntax errors in policy.",
        ),
        (
            "create_role",
            {"RoleName": "a/b", "AssumeRolePolicyDocument": "{}"},
            "ValidationError",
            400,
            f"{VIOLATION.format('a/b')} Member must satisfy regular expression pattern: [\\w+=,.@-]+",
        ),
        (
            "create_role",
            {"RoleName": "r" * 65, "AssumeRolePolicyDocument": "{}"},
            "ValidationError",
            400,
            f"{VIOLATION.format('r' * 65)} Member must have length less than or equal to 64",
        ),
        (
            "simulate_principal_policy",
            {"PolicySourceArn": "arn:aws:iam::000000000000:role/r", "ActionNames": ["s3:GetObject"]},
            "NotImplementedException",
            501,
            "Lambent does not implement iam.SimulatePrincipalPolicy",
        ),
    ],
)
def test_refusals_reach_clients_in_their_own_form(
    iam: Any, operation: str, params: dict[str, Any], code: str, status: int, words: str
) -> None:
    with pytest.raises(ClientError) as refusal:
        getattr(iam, operation)(**params)
    error = refusal.value.response["Error"]
    assert (error["Code"], error["Message"]) == (code, words)
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


def test_a_role_and_its_policies_are_read_back_without_a_difference(iam: Any) -> None:
    """What Terraform asks for, in its order: create, attach, read, read again, delete."""
    name = "terraform"
    made = iam.create_role(
        RoleName=name,
        Path="/service/",
        AssumeRolePolicyDocument=json.dumps(TRUST),
        MaxSessionDuration=7200,
        Description="made by a test",
        Tags=[{"Key": "Team", "Value": "ä + b@c"}],
    )["Role"]
    arn = iam.create_policy(PolicyName="terraform", PolicyDocument=json.dumps(POLICY), Tags=[])["Policy"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=json.dumps(POLICY))
    for policy in (arn, BASIC):
        iam.attach_role_policy(RoleName=name, PolicyArn=policy)

    def read() -> list[Any]:
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        return [
            iam.get_role(RoleName=name)["Role"],
            iam.list_role_policies(RoleName=name)["PolicyNames"],
            iam.get_role_policy(RoleName=name, PolicyName="inline")["PolicyDocument"],
            iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"],
            iam.list_role_tags(RoleName=name)["Tags"],
            iam.list_instance_profiles_for_role(RoleName=name)["InstanceProfiles"],
            iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"],
        ]

    first = read()
    assert first == read()
    assert first[0]["Arn"] == made["Arn"] == f"arn:aws:iam::000000000000:role/service/{name}"
    assert first[0]["AssumeRolePolicyDocument"] == TRUST
    assert first[1:3] == [["inline"], POLICY]
    assert {one["PolicyArn"] for one in first[3]} == {arn, BASIC}
    assert first[4:] == [[{"Key": "Team", "Value": "ä + b@c"}], [], POLICY]

    for policy in (arn, BASIC):
        iam.detach_role_policy(RoleName=name, PolicyArn=policy)
    iam.delete_role_policy(RoleName=name, PolicyName="inline")
    iam.delete_role(RoleName=name)
    iam.delete_policy(PolicyArn=arn)
    iam.get_waiter("policy_exists").wait(PolicyArn=BASIC)
    assert [role for role in iam.list_roles()["Roles"] if role["RoleName"] == name] == []


def test_a_user_is_created_and_taken_apart_as_terraform_does_it(iam: Any) -> None:
    name = "terraform-user"
    iam.create_user(UserName=name, Path="/people/")
    iam.get_waiter("user_exists").wait(UserName=name)
    iam.create_group(GroupName="people")
    iam.add_user_to_group(GroupName="people", UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]

    for group in iam.list_groups_for_user(UserName=name)["Groups"]:
        iam.remove_user_from_group(GroupName=group["GroupName"], UserName=name)
    for found in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
        assert found["AccessKeyId"] == key
        iam.delete_access_key(UserName=name, AccessKeyId=key)
    assert iam.list_ssh_public_keys(UserName=name)["SSHPublicKeys"] == []
    assert iam.list_virtual_mfa_devices()["VirtualMFADevices"] == []
    assert iam.list_mfa_devices(UserName=name)["MFADevices"] == []
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.delete_login_profile(UserName=name)
    assert iam.list_signing_certificates(UserName=name)["Certificates"] == []
    assert iam.list_service_specific_credentials(UserName=name)["ServiceSpecificCredentials"] == []
    iam.delete_user(UserName=name)
    iam.delete_group(GroupName="people")


def test_paginators_see_everything(iam: Any) -> None:
    for number in range(7):
        iam.create_group(GroupName=f"page-{number}", Path="/pages/")
    pages = iam.get_paginator("list_groups").paginate(PathPrefix="/pages/", PaginationConfig={"PageSize": 3})
    assert [len(page["Groups"]) for page in pages] == [3, 3, 1]
    policies = [
        one["PolicyName"]
        for page in iam.get_paginator("list_policies").paginate(Scope="AWS", PaginationConfig={"PageSize": 25})
        for one in page["Policies"]
    ]
    assert len(policies) == len(set(policies))
    assert "AdministratorAccess" in policies


def test_keys_that_iam_gives_are_those_of_their_user(server: Server, iam: Any) -> None:
    iam.create_user(UserName="signer")
    key = iam.create_access_key(UserName="signer")["AccessKey"]
    identity = with_keys(server, "sts", key).get_caller_identity()
    assert identity["Arn"] == "arn:aws:iam::000000000000:user/signer"
    assert with_keys(server, "iam", key).get_user()["User"]["UserId"] == identity["UserId"]


def test_keys_find_the_account_that_they_were_made_in(server: Server) -> None:
    other = server.client("iam", account="111122223333")
    other.create_user(UserName="elsewhere")
    key = other.create_access_key(UserName="elsewhere")["AccessKey"]
    assert with_keys(server, "sts", key).get_caller_identity()["Arn"] == "arn:aws:iam::111122223333:user/elsewhere"
    create(with_keys(server, "lambda", key), "elsewhere", "def handler(event, context): return 1")
    assert server.client(account="111122223333").get_function(FunctionName="elsewhere")


def test_an_assumed_role_acts_in_its_account(server: Server, iam: Any) -> None:
    arn = iam.create_role(RoleName="assumed", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    caller = server.client("sts", account="444455556666")
    with pytest.raises(ClientError, match="is not authorized to perform: sts:AssumeRole on resource") as refusal:
        caller.assume_role(RoleArn=arn + "x", RoleSessionName="session")
    assert refusal.value.response["Error"]["Code"] == "AccessDenied"

    answer = caller.assume_role(RoleArn=arn, RoleSessionName="session", DurationSeconds=900)
    identity = with_keys(server, "sts", answer["Credentials"]).get_caller_identity()
    assert identity["Arn"] == "arn:aws:sts::000000000000:assumed-role/assumed/session"
    assert identity["Account"] == "000000000000"


def test_the_command_line_makes_a_role_for_a_function(server: Server) -> None:
    assert aws(server, "sts", "get-caller-identity") == {
        "UserId": "000000000000",
        "Account": "000000000000",
        "Arn": "arn:aws:iam::000000000000:root",
    }
    trust = json.dumps(TRUST)
    made = aws(server, "iam", "create-role", "--role-name", "cli", "--assume-role-policy-document", trust)
    assert made["Role"]["AssumeRolePolicyDocument"] == TRUST
    assert aws(server, "iam", "attach-role-policy", "--role-name", "cli", "--policy-arn", BASIC) is None
    attached = aws(server, "iam", "list-attached-role-policies", "--role-name", "cli")
    assert attached == {"AttachedPolicies": [{"PolicyName": "AWSLambdaBasicExecutionRole", "PolicyArn": BASIC}]}
    create(server.client(), "with-a-role", "def handler(event, context): return 1", Role=made["Role"]["Arn"])


def test_all_of_it_is_there_after_a_kill(start: Callable[..., Server]) -> None:
    server = start()
    iam = server.client("iam")
    arn = iam.create_role(RoleName="kept", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    iam.attach_role_policy(RoleName="kept", PolicyArn=BASIC)
    session = server.client("sts").assume_role(RoleArn=arn, RoleSessionName="session")["Credentials"]
    server.kill()
    server.restart()

    iam = server.client("iam")
    assert iam.get_role(RoleName="kept")["Role"]["Arn"] == arn
    assert iam.list_attached_role_policies(RoleName="kept")["AttachedPolicies"][0]["PolicyArn"] == BASIC
    identity = with_keys(server, "sts", session).get_caller_identity()
    assert identity["Arn"] == "arn:aws:sts::000000000000:assumed-role/kept/session"
