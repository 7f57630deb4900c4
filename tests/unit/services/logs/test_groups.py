from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from unit.services.logs.world import ACCOUNT, GROUP, arn

if TYPE_CHECKING:
    from unit.services.logs.world import World

NOT_FOUND = ("ResourceNotFoundException", "The specified log group does not exist.")


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("DeleteLogGroup", {"logGroupName": "g"}),
        ("PutRetentionPolicy", {"logGroupName": "g", "retentionInDays": 1}),
        ("DeleteRetentionPolicy", {"logGroupName": "g"}),
        ("CreateLogStream", {"logGroupName": "g", "logStreamName": "s"}),
        ("DeleteLogStream", {"logGroupName": "g", "logStreamName": "s"}),
        ("DescribeLogStreams", {"logGroupName": "g"}),
        ("DescribeLogStreams", {"logGroupIdentifier": arn("g")}),
        ("DescribeLogStreams", {"logGroupIdentifier": "arn:aws:logs:eu-west-1:123456789012:log-group:g"}),
        ("PutLogEvents", {"logGroupName": "g", "logStreamName": "s", "logEvents": [{"timestamp": 1, "message": "m"}]}),
        ("GetLogEvents", {"logGroupName": "g", "logStreamName": "s"}),
        ("FilterLogEvents", {"logGroupName": "g"}),
        ("StartLiveTail", {"logGroupIdentifiers": [arn("g")]}),
        ("TagLogGroup", {"logGroupName": "g", "tags": {"a": "b"}}),
        ("TagResource", {"resourceArn": arn("g"), "tags": {"a": "b"}}),
        ("ListTagsForResource", {"resourceArn": arn("g")}),
        ("PutLogGroupDeletionProtection", {"logGroupIdentifier": "g", "deletionProtectionEnabled": True}),
        ("DescribeSubscriptionFilters", {"logGroupName": "g"}),
        ("DeleteMetricFilter", {"logGroupName": "g", "filterName": "f"}),
    ],
)
async def test_a_group_that_is_not_there_is_not_found(world: World, operation: str, params: dict[str, Any]) -> None:
    assert await world.refused(operation, **params) == NOT_FOUND


async def test_a_name_is_given_once(world: World) -> None:
    await world.make()
    assert await world.refused("CreateLogGroup", logGroupName=GROUP) == (
        "ResourceAlreadyExistsException",
        "The specified log group already exists",
    )


async def test_names_of_aws_are_reserved(world: World) -> None:
    code, _ = await world.refused("CreateLogGroup", logGroupName="aws/mine")
    assert code == "InvalidParameterException"


@pytest.mark.parametrize(
    ("params", "named"),
    [({"kmsKeyId": "arn:aws:kms:us-east-1:1:key/k"}, "kmsKeyId"), ({"logGroupClass": "DELIVERY"}, "DELIVERY")],
)
async def test_what_cannot_be_honoured_is_refused_by_name(world: World, params: dict[str, str], named: str) -> None:
    code, text = await world.refused("CreateLogGroup", logGroupName=GROUP, **params)
    assert code == "NotImplementedException"
    assert named in (text or "")
    assert (await world.call("DescribeLogGroups"))["logGroups"] == []


async def test_a_group_is_shown_as_on_aws(world: World) -> None:
    await world.call("CreateLogGroup", logGroupName=GROUP, tags={"a": "b"})
    assert (await world.call("DescribeLogGroups"))["logGroups"] == [
        {
            "logGroupName": GROUP,
            "creationTime": world.now_ms,
            "metricFilterCount": 0,
            "arn": f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:{GROUP}:*",
            "storedBytes": 0,
            "logGroupClass": "STANDARD",
            "logGroupArn": arn(),
            "deletionProtectionEnabled": False,
        }
    ]
    assert await world.call("ListTagsLogGroup", logGroupName=GROUP) == {"tags": {"a": "b"}}


async def test_accounts_and_regions_are_apart(world: World) -> None:
    await world.make()
    assert (await world.call("DescribeLogGroups", region="eu-west-1"))["logGroups"] == []
    assert (await world.call("DescribeLogGroups", account="000000000000"))["logGroups"] == []


@pytest.mark.parametrize(
    ("params", "names"),
    [
        ({}, ["a", "aws", "b", "b/1", "b/2", "c"]),
        ({"logGroupNamePrefix": "b"}, ["b", "b/1", "b/2"]),
        ({"logGroupNamePattern": "/"}, ["b/1", "b/2"]),
        ({"logGroupNamePattern": "B"}, []),
        ({"logGroupIdentifiers": ["c", "nobody", "a"]}, ["a", "c"]),
        ({"logGroupClass": "STANDARD"}, ["a", "aws", "b", "b/1", "b/2"]),
        ({"logGroupClass": "ESSENTIALS"}, ["c"]),
        ({"includeLinkedAccounts": True, "accountIdentifiers": ["000000000000"]}, []),
    ],
)
async def test_groups_are_found_by_name(world: World, params: dict[str, Any], names: list[str]) -> None:
    for name in ["b/2", "b", "a", "b/1", "aws"]:
        await world.make(group=name)
    await world.call("CreateLogGroup", logGroupName="c", logGroupClass="INFREQUENT_ACCESS")
    for limit in (1, 2, 50):
        found: list[str] = []
        token: dict[str, str] = {}
        while True:
            answer = await world.call("DescribeLogGroups", limit=limit, **params, **token)
            assert len(answer["logGroups"]) <= limit
            found += [group["logGroupName"] for group in answer["logGroups"]]
            if "nextToken" not in answer:
                break
            token = {"nextToken": answer["nextToken"]}
        assert found == names


async def test_filters_that_exclude_each_other_are_refused(world: World) -> None:
    code, _ = await world.refused("DescribeLogGroups", logGroupNamePrefix="a", logGroupNamePattern="b")
    assert code == "InvalidParameterException"
    code, _ = await world.refused("DescribeLogGroups", logGroupNamePrefix="a", logGroupIdentifiers=["b"])
    assert code == "InvalidParameterException"


@pytest.mark.parametrize("token", ["x", "bm90IGpzb24=", "WzFd", "é"])
async def test_a_token_that_was_never_given_is_refused(world: World, token: str) -> None:
    assert await world.refused("DescribeLogGroups", nextToken=token) == (
        "InvalidParameterException",
        "The specified nextToken is invalid.",
    )


@pytest.mark.parametrize(
    ("params", "names"),
    [
        ({}, ["/aws/lambda/one", "/aws/lambda/two", "two-more"]),
        ({"logGroupNamePattern": "^/aws/lambda"}, ["/aws/lambda/one", "/aws/lambda/two"]),
        ({"logGroupNamePattern": "one|more"}, ["/aws/lambda/one", "two-more"]),
        ({"logGroupNamePattern": "^two"}, ["two-more"]),
        ({"logGroupTags": [{"key": "team", "values": ["red"]}]}, ["/aws/lambda/one"]),
        ({"logGroupTags": [{"key": "team"}]}, ["/aws/lambda/one", "two-more"]),
    ],
)
async def test_groups_are_listed_in_short(world: World, params: dict[str, Any], names: list[str]) -> None:
    await world.call("CreateLogGroup", logGroupName="/aws/lambda/one", tags={"team": "red"})
    await world.call("CreateLogGroup", logGroupName="/aws/lambda/two")
    await world.call("CreateLogGroup", logGroupName="two-more", tags={"team": "blue"})
    answer = await world.call("ListLogGroups", **params)
    assert [group["logGroupName"] for group in answer["logGroups"]] == names
    assert all(group.keys() == {"logGroupName", "logGroupArn", "logGroupClass"} for group in answer["logGroups"])


async def test_a_protected_group_stays(world: World) -> None:
    await world.call("CreateLogGroup", logGroupName=GROUP, deletionProtectionEnabled=True)
    code, _ = await world.refused("DeleteLogGroup", logGroupName=GROUP)
    assert code == "ValidationException"
    await world.call("PutLogGroupDeletionProtection", logGroupIdentifier=arn(), deletionProtectionEnabled=False)
    await world.call("DeleteLogGroup", logGroupName=GROUP)
    assert (await world.call("DescribeLogGroups"))["logGroups"] == []


async def test_a_deleted_group_takes_everything_along_and_may_come_anew(world: World) -> None:
    await world.make("s")
    await world.put("s", (0, "old"))
    await world.call("TagLogGroup", logGroupName=GROUP, tags={"a": "b"})
    await world.call("DeleteLogGroup", logGroupName=GROUP)
    assert await world.refused("FilterLogEvents", logGroupName=GROUP) == NOT_FOUND

    await world.log("s", (0, "new"))
    assert await world.messages("FilterLogEvents") == ["new"]
    assert await world.call("ListTagsLogGroup", logGroupName=GROUP) == {"tags": {}}

    await world.expiry.run_once()
    assert await world.rows("log_groups") == await world.rows("log_streams") == await world.rows("log_chunks") == 1
    assert await world.rows("log_tags") == 0
    assert await world.messages("FilterLogEvents") == ["new"]


async def test_a_function_makes_its_group_with_its_first_line(world: World) -> None:
    await world.log("2026/01/01/[$LATEST]abc", (0, "START\n"), group="/aws/lambda/f")
    (group,) = (await world.call("DescribeLogGroups", logGroupNamePrefix="/aws/lambda/"))["logGroups"]
    assert group["logGroupName"] == "/aws/lambda/f"
    assert group["storedBytes"] == 6 + 26


@pytest.mark.parametrize("identifier", [arn("g") + ":x", "arn:aws:logs", "arn:aws:s3:::bucket"])
async def test_an_arn_of_something_else_is_refused(world: World, identifier: str) -> None:
    code, _ = await world.refused("DescribeLogStreams", logGroupIdentifier=identifier)
    assert code == "InvalidParameterException"


async def test_a_group_is_named_once(world: World) -> None:
    await world.make()
    for params in ({}, {"logGroupName": GROUP, "logGroupIdentifier": GROUP}):
        code, _ = await world.refused("DescribeLogStreams", **params)
        assert code == "InvalidParameterException"


# --- tags


async def test_a_group_has_fifty_tags_at_most(world: World) -> None:
    await world.make()
    await world.call("TagResource", resourceArn=arn(), tags={f"k{number}": "" for number in range(50)})
    code, _ = await world.refused("TagResource", resourceArn=arn(), tags={"one": "more"})
    assert code == "TooManyTagsException"
    await world.call("TagResource", resourceArn=arn(), tags={"k1": "changed"})
    await world.call("UntagResource", resourceArn=arn(), tagKeys=["k1", "k2", "nobody"])
    assert len((await world.call("ListTagsForResource", resourceArn=arn()))["tags"]) == 48


async def test_tags_of_aws_are_refused(world: World) -> None:
    await world.make()
    for operation in ("TagLogGroup", "CreateLogGroup"):
        code, _ = await world.refused(operation, logGroupName="x", tags={"aws:x": "y"})
        assert code == "InvalidParameterException"


async def test_tags_by_name_and_by_arn_are_the_same(world: World) -> None:
    await world.make()
    await world.call("TagLogGroup", logGroupName=GROUP, tags={"a": "1", "b": "2"})
    await world.call("UntagLogGroup", logGroupName=GROUP, tags=["a"])
    assert await world.call("ListTagsForResource", resourceArn=arn()) == {"tags": {"b": "2"}}


async def test_only_groups_have_tags(world: World) -> None:
    resource = f"arn:aws:logs:us-east-1:{ACCOUNT}:destination:d"
    code, _ = await world.refused("ListTagsForResource", resourceArn=resource)
    assert code == "ResourceNotFoundException"


# --- what is not there


async def test_what_cannot_be_made_is_not_there(world: World) -> None:
    await world.make()
    assert await world.call("DescribeSubscriptionFilters", logGroupName=GROUP) == {"subscriptionFilters": []}
    assert await world.call("DescribeMetricFilters") == {"metricFilters": []}
    assert await world.refused("DeleteSubscriptionFilter", logGroupName=GROUP, filterName="f") == (
        "ResourceNotFoundException",
        "The specified subscription filter does not exist.",
    )
