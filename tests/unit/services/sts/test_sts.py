from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest

from lambent.access_keys import account_of
from lambent.errors import AwsError
from unit.services.iam.world import ACCOUNT, TRUST, World

ROLE = f"arn:aws:iam::{ACCOUNT}:role/a/r"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"


async def role(world: World, **settings: Any) -> str:
    """A role; its unique id."""
    made = await world.iam("CreateRole", RoleName="r", Path="/a/", AssumeRolePolicyDocument=TRUST, **settings)
    role_id: str = made["Role"]["RoleId"]
    return role_id


async def user(world: World) -> str:
    """A user; an access key of theirs."""
    await world.iam("CreateUser", UserName="u")
    key: str = (await world.iam("CreateAccessKey", UserName="u"))["AccessKey"]["AccessKeyId"]
    return key


async def assumed(world: World, **params: Any) -> Any:
    return await world.sts("AssumeRole", **({"RoleArn": ROLE, "RoleSessionName": "session"} | params))


@pytest.mark.parametrize(
    "arn",
    [
        ROLE.replace("/a/", "/"),
        ROLE.replace("/a/r", "/a/R"),
        ROLE.replace(":role/", ":user/"),
        ROLE.replace(ACCOUNT, "210987654321"),
    ],
)
async def test_a_role_that_does_not_exist_cannot_be_assumed(world: World, arn: str) -> None:
    await role(world)
    with pytest.raises(
        AwsError, match=f"^AccessDenied: User: {ROOT} is not authorized to perform: sts:AssumeRole on resource: {arn}$"
    ) as refusal:
        await assumed(world, RoleArn=arn)
    assert refusal.value.status == 403


@pytest.mark.parametrize(
    ("arn", "words"),
    [
        ("a-role-without-an-arn", "a-role-without-an-arn is invalid"),
        ("arn:aws:iam::12:role/short", "Request ARN is invalid"),
        ("arn:aws:s3:::a-bucket-of-mine", "Request ARN is invalid"),
    ],
)
async def test_what_is_no_arn_is_refused(world: World, arn: str, words: str) -> None:
    with pytest.raises(AwsError, match=f"^ValidationError: {words}$"):
        await assumed(world, RoleArn=arn)


async def test_a_session_is_not_longer_than_its_role_allows(world: World) -> None:
    await role(world, MaxSessionDuration=7200)
    words = "ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
    with pytest.raises(AwsError, match=f"^{words}$"):
        await assumed(world, DurationSeconds=7201)
    first = await assumed(world, DurationSeconds=7200)
    assert first["Credentials"]["Expiration"] == world.clock.now() + timedelta(hours=2)

    with pytest.raises(AwsError, match="exceeds the 1 hour session limit for roles assumed by role chaining"):
        await assumed(world, by=first["Credentials"]["AccessKeyId"], DurationSeconds=3601)


async def test_credentials_end_by_the_clock(world: World) -> None:
    await role(world)
    key = (await assumed(world))["Credentials"]["AccessKeyId"]

    await world.clock.advance(3599)
    assert await world.arn_of(key) == f"arn:aws:sts::{ACCOUNT}:assumed-role/r/session"
    await world.clock.advance(1)
    with pytest.raises(AwsError, match=r"^ExpiredToken: The security token included in the request is expired$"):
        await world.arn_of(key)


async def test_credentials_that_ended_a_week_ago_are_forgotten(world: World) -> None:
    await role(world)
    key = (await assumed(world))["Credentials"]["AccessKeyId"]

    def kept() -> Any:
        return world.store.read(lambda tx: tx.one("SELECT count(*) AS number FROM sts_sessions", {}))

    await world.clock.advance(7 * 86_400 + 3600)
    await assumed(world)
    assert (await kept())["number"] == 2
    await world.clock.advance(1)
    await assumed(world)
    assert (await kept())["number"] == 2
    assert account_of(key) == ACCOUNT


@pytest.mark.parametrize(
    ("params", "code", "words"),
    [
        ({"Policy": "{"}, "MalformedPolicyDocument", "This policy contains invalid Json"),
        ({"Policy": "[1]"}, "MalformedPolicyDocument", "Syntax errors in policy."),
        ({"Tags": [{"Key": "k", "Value": ""}, {"Key": "K", "Value": ""}]}, "ValidationError", "Duplicate tag keys"),
        ({"SerialNumber": "arn:aws:iam::1:mfa/u", "TokenCode": "123456"}, "AccessDenied", "MultiFactorAuthentication"),
        ({"ProvidedContexts": [{"ProviderArn": ROLE}]}, "NotImplementedException", "does not implement Provided"),
    ],
)
async def test_what_cannot_be_honoured_is_refused(world: World, params: dict[str, Any], code: str, words: str) -> None:
    await role(world)
    with pytest.raises(AwsError, match=words) as refusal:
        await assumed(world, **params)
    assert refusal.value.code == code


async def test_a_session_policy_that_does_not_fit_is_refused(world: World) -> None:
    await role(world)
    actions = [f"s3:{hashlib.sha256(bytes([number])).hexdigest()}" for number in range(250)]
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions}]})
    with pytest.raises(AwsError, match=r"^PackedPolicyTooLarge: Packed policy consumes \d{3,}% of allotted space"):
        await assumed(world, Policy=policy)


async def test_an_assumed_role_is_known_by_its_key(world: World) -> None:
    role_id = await role(world)

    answer = await assumed(world, SourceIdentity="me", PolicyArns=[{"arn": ROLE}], MinimumSessionTokenSize=1000)

    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/r/session"
    assert answer["AssumedRoleUser"] == {"AssumedRoleId": f"{role_id}:session", "Arn": arn}
    assert answer["SourceIdentity"] == "me"
    assert answer["PackedPolicySize"] > 0
    credentials = answer["Credentials"]
    assert credentials["AccessKeyId"].startswith("ASIA")
    assert len(credentials["SecretAccessKey"]) == 40
    assert len(credentials["SessionToken"]) == answer["SessionTokenSize"] == 1000
    assert await world.sts("GetCallerIdentity", by=credentials["AccessKeyId"]) == {
        "UserId": f"{role_id}:session",
        "Account": ACCOUNT,
        "Arn": arn,
    }


async def test_a_role_of_another_account_can_be_assumed(world: World) -> None:
    await role(world)
    answer = await assumed(world, by="210987654321")
    key = answer["Credentials"]["AccessKeyId"]
    assert account_of(key) == ACCOUNT
    assert (await world.sts("GetCallerIdentity", by=key))["Account"] == ACCOUNT


async def test_arns_are_those_of_the_partition(world: World) -> None:
    await role(world)
    key = (await assumed(world, region="cn-north-1"))["Credentials"]["AccessKeyId"]
    found = await world.sts("GetCallerIdentity", by=key, region="cn-north-1")
    assert found["Arn"] == f"arn:aws-cn:sts::{ACCOUNT}:assumed-role/r/session"


@pytest.mark.parametrize("operation", ["GetSessionToken", "GetFederationToken"])
async def test_temporary_credentials_do_not_beget_such(world: World, operation: str) -> None:
    await role(world)
    key = (await assumed(world))["Credentials"]["AccessKeyId"]
    params = {"Name": "guest"} if operation == "GetFederationToken" else {}
    with pytest.raises(AwsError, match=f"^AccessDenied: Cannot call {operation} with session credentials$"):
        await world.sts(operation, by=key, **params)


async def test_a_user_with_temporary_credentials_is_the_same_user(world: World) -> None:
    lasting = await user(world)
    answer = await world.sts("GetSessionToken", by=lasting)
    key = answer["Credentials"]["AccessKeyId"]

    assert answer["Credentials"]["Expiration"] == world.clock.now() + timedelta(hours=12)
    assert await world.arn_of(key) == await world.arn_of(lasting) == f"arn:aws:iam::{ACCOUNT}:user/u"
    assert (await world.iam("GetUser", by=key))["User"]["UserName"] == "u"

    await world.iam("DeleteAccessKey", UserName="u", AccessKeyId=lasting)
    await world.iam("DeleteUser", UserName="u")
    with pytest.raises(AwsError, match=r"^InvalidClientTokenId: "):
        await world.arn_of(key)


async def test_the_account_itself_gets_an_hour_whatever_it_asks_for(world: World) -> None:
    answer = await world.sts("GetSessionToken", DurationSeconds=7200)
    assert answer["Credentials"]["Expiration"] == world.clock.now() + timedelta(hours=1)
    assert await world.arn_of(answer["Credentials"]["AccessKeyId"]) == ROOT


async def test_somebody_vouched_for_has_a_name_of_their_own(world: World) -> None:
    key = await user(world)
    answer = await world.sts("GetFederationToken", by=key, Name="guest", DurationSeconds=900)
    arn = f"arn:aws:sts::{ACCOUNT}:federated-user/guest"
    assert answer["FederatedUser"] == {"FederatedUserId": f"{ACCOUNT}:guest", "Arn": arn}
    assert await world.arn_of(answer["Credentials"]["AccessKeyId"]) == arn
    with pytest.raises(AwsError, match="Must specify userName when calling with non-User credentials"):
        await world.iam("GetUser", by=answer["Credentials"]["AccessKeyId"])


@pytest.mark.parametrize("key", [ACCOUNT, "AKIAIOSFODNN7EXAMPLE", "anything"])
async def test_a_key_that_nobody_made_stands_for_the_account(world: World, key: str) -> None:
    assert await world.sts("GetCallerIdentity", by=key) == {"UserId": ACCOUNT, "Account": ACCOUNT, "Arn": ROOT}


async def test_a_key_says_whose_it_is(world: World) -> None:
    found = await world.sts("GetAccessKeyInfo", AccessKeyId=await user(world), by="210987654321")
    assert found == {"Account": ACCOUNT}
    with pytest.raises(AwsError, match=r"^ValidationError: Invalid access key ID: AKIAIOSFODNN7EXAMPLE$"):
        await world.sts("GetAccessKeyInfo", AccessKeyId="AKIAIOSFODNN7EXAMPLE")
