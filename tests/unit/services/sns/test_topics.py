from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from unit.services.sns.world import ACCOUNT, OTHER

if TYPE_CHECKING:
    from unit.services.sns.world import World

INVALID = "InvalidParameter"
ARN = f"arn:aws:sns:us-east-1:{ACCOUNT}:topic"


@pytest.mark.parametrize("name", ["", "a b", "x" * 257, "topic.fifo", "a.b"])
async def test_a_name_that_is_none_is_refused(world: World, name: str) -> None:
    assert await world.refusal("CreateTopic", Name=name) == (INVALID, "Invalid parameter: Topic Name")


async def test_a_fifo_topic_needs_its_suffix(world: World) -> None:
    refusal = await world.refusal("CreateTopic", Name="topic", Attributes={"FifoTopic": "true"})
    assert refusal == (INVALID, "Invalid parameter: Topic Name")


async def test_a_topic_that_is_not_there_is_not_found(world: World) -> None:
    assert await world.refusal("GetTopicAttributes", TopicArn=ARN) == ("NotFound", "Topic does not exist")


@pytest.mark.parametrize(
    ("arn", "words"),
    [
        ("topic", "TopicArn Reason: An ARN must have at least 6 elements, not 1"),
        (f"arn:aws:sns:eu-west-1:{ACCOUNT}:topic", "TopicArn"),
        (f"arn:aws:sqs:us-east-1:{ACCOUNT}:topic", "TopicArn"),
    ],
)
async def test_an_arn_of_no_topic_here_is_refused(world: World, arn: str, words: str) -> None:
    assert await world.refusal("GetTopicAttributes", TopicArn=arn) == (INVALID, f"Invalid parameter: {words}")


async def test_a_topic_is_made_once_and_found_again(world: World) -> None:
    assert await world.topic() == ARN
    assert await world.topic() == ARN
    assert (await world.call("ListTopics"))["Topics"] == [{"TopicArn": ARN}]


async def test_what_exists_with_something_different_is_refused(world: World) -> None:
    await world.call("CreateTopic", Name="topic", Tags=[{"Key": "a", "Value": "1"}], Attributes={"DisplayName": "x"})
    tags = await world.refusal("CreateTopic", Name="topic", Tags=[{"Key": "a", "Value": "2"}])
    assert tags == (INVALID, "Invalid parameter: Tags Reason: Topic already exists with different tags")
    attributes = await world.refusal("CreateTopic", Name="topic", Attributes={"DisplayName": "y"})
    assert attributes == (
        INVALID,
        "Invalid parameter: Attributes Reason: Topic already exists with different attributes",
    )


async def test_the_attributes_of_a_fifo_topic_are_those_recorded(world: World) -> None:
    arn = await world.topic("topic.fifo", DisplayName="TestTopic", SignatureVersion="2")
    shown = (await world.call("GetTopicAttributes", TopicArn=arn))["Attributes"]
    policy = json.loads(shown.pop("Policy"))
    assert policy["Statement"][0]["Condition"] == {"StringEquals": {"AWS:SourceOwner": ACCOUNT}}
    assert json.loads(shown.pop("EffectiveDeliveryPolicy")) == {
        "http": {
            "defaultHealthyRetryPolicy": {
                "minDelayTarget": 20,
                "maxDelayTarget": 20,
                "numRetries": 3,
                "numMaxDelayRetries": 0,
                "numNoDelayRetries": 0,
                "numMinDelayRetries": 0,
                "backoffFunction": "linear",
            },
            "disableSubscriptionOverrides": False,
            "defaultRequestPolicy": {"headerContentType": "text/plain; charset=UTF-8"},
        }
    }
    assert shown == {
        "ContentBasedDeduplication": "false",
        "DisplayName": "TestTopic",
        "FifoTopic": "true",
        "Owner": ACCOUNT,
        "SignatureVersion": "2",
        "SubscriptionsConfirmed": "0",
        "SubscriptionsDeleted": "0",
        "SubscriptionsPending": "0",
        "TopicArn": arn,
    }


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("Fake", "x", INVALID),
        ("SignatureVersion", "3", INVALID),
        ("ContentBasedDeduplication", "true", INVALID),
        ("Policy", "{", INVALID),
        ("DeliveryPolicy", '{"http": {"defaultHealthyRetryPolicy": {"minDelayTarget": 30}}}', INVALID),
        ("KmsMasterKeyId", "alias/aws/sns", "NotImplementedException"),
        ("SQSFailureFeedbackRoleArn", "arn:aws:iam::1:role/r", "NotImplementedException"),
        ("TracingConfig", "Active", "NotImplementedException"),
        ("ArchivePolicy", "{}", "NotImplementedException"),
    ],
)
async def test_attributes_that_are_not_honoured_are_refused(world: World, name: str, value: str, code: str) -> None:
    arn = await world.topic()
    refusal = await world.refusal("SetTopicAttributes", TopicArn=arn, AttributeName=name, AttributeValue=value)
    assert refusal[0] == code


async def test_an_attribute_is_set_and_taken_back(world: World) -> None:
    arn = await world.topic()

    async def name() -> str:
        return str((await world.call("GetTopicAttributes", TopicArn=arn))["Attributes"]["DisplayName"])

    await world.call("SetTopicAttributes", TopicArn=arn, AttributeName="DisplayName", AttributeValue="Hello")
    assert await name() == "Hello"
    await world.call("SetTopicAttributes", TopicArn=arn, AttributeName="DisplayName", AttributeValue="")
    assert await name() == ""


async def test_a_topic_goes_with_its_subscriptions_and_tags(world: World) -> None:
    arn = await world.topic()
    await world.subscribe(arn)
    for _ in range(2):
        await world.call("DeleteTopic", TopicArn=arn)
    assert (await world.call("ListSubscriptions"))["Subscriptions"] == []
    assert await world.refusal("ListTagsForResource", ResourceArn=arn) == (
        "ResourceNotFound",
        "Resource does not exist",
    )


async def test_lists_come_in_pages_of_a_hundred(world: World) -> None:
    for number in range(101):
        await world.topic(f"t-{number:03d}")
    first = await world.call("ListTopics")
    rest = await world.call("ListTopics", NextToken=first["NextToken"])
    assert len(first["Topics"]) == 100
    assert [topic["TopicArn"][-5:] for topic in rest["Topics"]] == ["t-100"]
    assert "NextToken" not in rest


async def test_tags_are_put_listed_and_removed(world: World) -> None:
    arn = await world.topic()
    twice = [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]
    refusal = await world.refusal("TagResource", ResourceArn=arn, Tags=twice)
    assert refusal == (INVALID, "Invalid parameter: Duplicated keys are not allowed.")
    await world.call("TagResource", ResourceArn=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    await world.call("UntagResource", ResourceArn=arn, TagKeys=["a", "never"])
    assert (await world.call("ListTagsForResource", ResourceArn=arn))["Tags"] == [{"Key": "b", "Value": "2"}]
    many = [{"Key": str(number), "Value": ""} for number in range(50)]
    assert (await world.refusal("TagResource", ResourceArn=arn, Tags=many))[0] == "TagLimitExceeded"
    assert len((await world.call("ListTagsForResource", ResourceArn=arn))["Tags"]) == 1


async def test_other_accounts_may_do_what_a_permission_says(world: World) -> None:
    arn = await world.topic()
    wanted: dict[str, Any] = {"TopicArn": arn, "Message": "m", "account": OTHER}
    code, words = await world.refusal("Publish", **wanted)
    assert code == "AuthorizationError"
    assert str(words).startswith(f"User: arn:aws:iam::{OTHER}:root is not authorized to perform: SNS:Publish on")
    permission: dict[str, Any] = {"TopicArn": arn, "Label": "l", "AWSAccountId": [OTHER], "ActionName": ["Publish"]}
    await world.call("AddPermission", **permission)
    assert await world.refusal("AddPermission", **permission) == (
        INVALID,
        "Invalid parameter: Statement already exists",
    )
    assert (await world.call("Publish", **wanted))["MessageId"]
    assert (await world.refusal("GetTopicAttributes", TopicArn=arn, account=OTHER))[0] == "AuthorizationError"
    await world.call("RemovePermission", TopicArn=arn, Label="l")
    assert (await world.refusal("Publish", **wanted))[0] == "AuthorizationError"
    assert (await world.refusal("RemovePermission", TopicArn=arn, Label="l"))[0] == "NotFound"
