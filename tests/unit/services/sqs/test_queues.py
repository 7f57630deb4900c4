from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from unit.services.sqs.world import ACCOUNT, ENDPOINT, arn

if TYPE_CHECKING:
    from unit.services.sqs.world import World

STRANGER = "999999999999"


# --- refusals


@pytest.mark.parametrize("name", ["a b", "x" * 81, "f.fifo", "ü"])
async def test_a_name_that_no_standard_queue_may_have_is_refused(world: World, name: str) -> None:
    text = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"
    assert await world.refused("CreateQueue", QueueName=name) == ("InvalidParameterValueException", text)


async def test_a_fifo_queue_needs_its_suffix(world: World) -> None:
    code, text = await world.refused("CreateQueue", QueueName="f", Attributes={"FifoQueue": "true"})
    assert code == "InvalidParameterValueException"
    assert text is not None
    assert "must end with .fifo suffix" in text


@pytest.mark.parametrize(
    ("attribute", "text"),
    [
        ("FifoQueue", "Unknown Attribute FifoQueue."),
        ("ContentBasedDeduplication", "Unknown Attribute ContentBasedDeduplication."),
        ("DeduplicationScope", "You can specify the DeduplicationScope only when FifoQueue is set to true."),
        ("FifoThroughputLimit", "You can specify the FifoThroughputLimit only when FifoQueue is set to true."),
        ("Nonsense", "Unknown Attribute Nonsense."),
    ],
)
async def test_a_standard_queue_has_no_attributes_of_fifo_queues(world: World, attribute: str, text: str) -> None:
    refused = await world.refused("CreateQueue", QueueName="q", Attributes={attribute: "false"})
    assert refused == ("InvalidAttributeName", text)


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("DelaySeconds", "901"),
        ("DelaySeconds", "x"),
        ("MaximumMessageSize", "1023"),
        ("MaximumMessageSize", "1048577"),
        ("MessageRetentionPeriod", "59"),
        ("VisibilityTimeout", "-1"),
        ("VisibilityTimeout", "9" * 5000),
        ("ReceiveMessageWaitTimeSeconds", "21"),
        ("SqsManagedSseEnabled", "maybe"),
        ("Policy", "{"),
    ],
)
async def test_a_value_out_of_range_is_refused(world: World, attribute: str, value: str) -> None:
    refused = await world.refused("CreateQueue", QueueName="q", Attributes={attribute: value})
    assert refused == ("InvalidAttributeValue", f"Invalid value for the parameter {attribute}.")


async def test_encryption_by_keys_is_refused_by_name(world: World) -> None:
    code, text = await world.refused("CreateQueue", QueueName="q", Attributes={"KmsMasterKeyId": "alias/k"})
    assert code == "NotImplementedException"
    assert "KmsMasterKeyId" in str(text)


async def test_a_queue_of_other_attributes_takes_no_second_name(world: World) -> None:
    await world.make("q", VisibilityTimeout="40")
    refused = await world.refused("CreateQueue", QueueName="q", Attributes={"DelaySeconds": "7"})
    text = "A queue already exists with the same name and a different value for attribute DelaySeconds"
    assert refused == ("QueueNameExists", text)


async def test_a_deleted_queue_keeps_its_name_for_a_minute(world: World) -> None:
    url = await world.make()
    await world.call("DeleteQueue", QueueUrl=url)
    assert (await world.refused("CreateQueue", QueueName="q"))[0] == "QueueDeletedRecently"
    assert await world.refused("DeleteQueue", QueueUrl=url) == (
        "QueueDoesNotExist",
        "The specified queue does not exist.",
    )
    await world.clock.advance(60)
    await world.make()


async def test_a_second_purge_within_a_minute_is_refused(world: World) -> None:
    url = await world.make()
    await world.call("PurgeQueue", QueueUrl=url)
    refused = await world.refused("PurgeQueue", QueueUrl=url)
    assert refused == (
        "PurgeQueueInProgress",
        "Only one PurgeQueue operation on q is allowed every 60 seconds.",
    )
    await world.clock.advance(60)
    await world.call("PurgeQueue", QueueUrl=url)


async def test_the_kind_of_a_queue_never_changes(world: World) -> None:
    url = await world.make()
    refused = await world.refused("SetQueueAttributes", QueueUrl=url, Attributes={"FifoQueue": "true"})
    text = "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported."
    assert refused == ("InvalidAttributeValue", text)


async def test_missing_parameters_are_named(world: World) -> None:
    code = "MissingRequiredParameterException"
    assert await world.refused("DeleteQueue") == (code, "The request must contain the parameter QueueUrl.")
    assert await world.refused("CreateQueue") == (code, "The request must contain the parameter QueueName.")


async def test_another_accounts_queue_is_closed_until_its_policy_opens_it(world: World) -> None:
    url = await world.make()
    assert (await world.refused("SendMessage", account=STRANGER, QueueUrl=url, MessageBody="x"))[0] == "AccessDenied"
    await world.call("AddPermission", QueueUrl=url, Label="l", AWSAccountIds=[STRANGER], Actions=["SendMessage"])
    await world.call("SendMessage", account=STRANGER, QueueUrl=url, MessageBody="x")
    assert (await world.refused("ReceiveMessage", account=STRANGER, QueueUrl=url))[0] == "AccessDenied"
    assert (await world.refused("DeleteQueue", account=STRANGER, QueueUrl=url))[0] == "AccessDenied"


# --- what works


async def test_attributes_hold_their_defaults_as_on_aws(world: World) -> None:
    url = await world.make("f.fifo")
    answer = await world.call("GetQueueAttributes", QueueUrl=url, AttributeNames=["All"])
    now = str(world.now_ms // 1000)
    assert answer["Attributes"] == {
        "ApproximateNumberOfMessages": "0",
        "ApproximateNumberOfMessagesDelayed": "0",
        "ApproximateNumberOfMessagesNotVisible": "0",
        "ContentBasedDeduplication": "false",
        "CreatedTimestamp": now,
        "DeduplicationScope": "queue",
        "DelaySeconds": "0",
        "FifoQueue": "true",
        "FifoThroughputLimit": "perQueue",
        "LastModifiedTimestamp": now,
        "MaximumMessageSize": "1048576",
        "MessageRetentionPeriod": "345600",
        "QueueArn": arn("f.fifo"),
        "ReceiveMessageWaitTimeSeconds": "0",
        "SqsManagedSseEnabled": "true",
        "VisibilityTimeout": "30",
    }
    assert await world.call("GetQueueAttributes", QueueUrl=url) == {}


async def test_creating_again_finds_the_queue_that_is_there(world: World) -> None:
    url = await world.make("q", VisibilityTimeout="40")
    assert await world.make("q") == url
    assert await world.make("q", VisibilityTimeout="40", DelaySeconds="0") == url


async def test_set_attributes_hold_and_leave_the_others(world: World) -> None:
    url = await world.make("q", DelaySeconds="5")
    await world.clock.advance(3)
    await world.call("SetQueueAttributes", QueueUrl=url, Attributes={"VisibilityTimeout": "69"})
    assert await world.attribute(url, "VisibilityTimeout") == "69"
    assert await world.attribute(url, "DelaySeconds") == "5"
    modified = int(await world.attribute(url, "LastModifiedTimestamp"))
    assert modified == int(await world.attribute(url, "CreatedTimestamp")) + 3


@pytest.mark.parametrize(
    "url",
    [
        f"{ENDPOINT}/{ACCOUNT}/q",
        f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/q",
        f"http://sqs.us-east-1.localhost:4566/{ACCOUNT}/q",
        f"http://us-east-1.queue.localhost.localstack.cloud:4566/{ACCOUNT}/q",
        f"http://[::1]:4566/queue/us-east-1/{ACCOUNT}/q",
        f"http://localhost:4566/queue/{ACCOUNT}/q",
        f"https://queue.amazonaws.com/{ACCOUNT}/q",
        "q",
    ],
)
async def test_a_queue_is_found_by_every_form_of_its_url(world: World, url: str) -> None:
    await world.make()
    assert await world.attribute(url, "QueueArn") == arn("q")


async def test_the_region_in_a_url_counts(world: World) -> None:
    await world.make()
    url = f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/q"
    assert (await world.refused("GetQueueAttributes", QueueUrl=url))[0] == "QueueDoesNotExist"


@pytest.mark.parametrize("url", ["http://localhost/", "http://localhost/123/q", "a b", "ftp://x/123456789012/q"])
async def test_what_is_no_url_of_a_queue_is_an_invalid_address(world: World, url: str) -> None:
    assert (await world.refused("DeleteQueue", QueueUrl=url))[0] == "InvalidAddress"


async def test_lists_come_by_prefix_and_in_pages(world: World) -> None:
    for name in ("a1", "b1", "a3", "a2"):
        await world.make(name)
    assert (await world.call("ListQueues", QueueNamePrefix="z")) == {}
    first = await world.call("ListQueues", QueueNamePrefix="a", MaxResults=2)
    assert [url.rpartition("/")[2] for url in first["QueueUrls"]] == ["a1", "a2"]
    rest = await world.call("ListQueues", QueueNamePrefix="a", MaxResults=2, NextToken=first["NextToken"])
    assert [url.rpartition("/")[2] for url in rest["QueueUrls"]] == ["a3"]
    assert "NextToken" not in rest


async def test_tags_come_and_go(world: World) -> None:
    url = await world.make()
    assert await world.call("ListQueueTags", QueueUrl=url) == {}
    await world.call("TagQueue", QueueUrl=url, Tags={"a": "1", "b": "2"})
    await world.call("TagQueue", QueueUrl=url, Tags={"a": "3"})
    await world.call("UntagQueue", QueueUrl=url, TagKeys=["b", "c"])
    assert await world.call("ListQueueTags", QueueUrl=url) == {"Tags": {"a": "3"}}
    assert (await world.refused("TagQueue", QueueUrl=url, Tags={"aws:x": ""}))[0] == "InvalidParameterValueException"


async def test_permissions_are_statements_of_the_policy(world: World) -> None:
    url = await world.make()
    await world.call("AddPermission", QueueUrl=url, Label="one", AWSAccountIds=[STRANGER], Actions=["SendMessage"])
    policy = json.loads(await world.attribute(url, "Policy"))
    assert policy == {
        "Version": "2008-10-17",
        "Id": f"{arn('q')}/SQSDefaultPolicy",
        "Statement": [
            {
                "Sid": "one",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{STRANGER}:root"},
                "Action": "SQS:SendMessage",
                "Resource": arn("q"),
            }
        ],
    }
    again = await world.refused(
        "AddPermission", QueueUrl=url, Label="one", AWSAccountIds=[STRANGER], Actions=["SendMessage"]
    )
    assert again[1] == "Value one for parameter Label is invalid. Reason: Already exists."
    await world.call("RemovePermission", QueueUrl=url, Label="one")
    gone = await world.refused("RemovePermission", QueueUrl=url, Label="one")
    assert gone[1] == "Value one for parameter Label is invalid. Reason: can't find label."


async def test_a_purge_removes_everything_whatever_its_state_and_forgets_duplicates(world: World) -> None:
    url = await world.make("f.fifo", ContentBasedDeduplication="true")
    await world.send(url, "a", MessageGroupId="1")
    await world.send(url, "b", MessageGroupId="2")
    (taken,) = await world.receive(url, 1)
    await world.call("PurgeQueue", QueueUrl=url)
    assert await world.counts(url) == (0, 0, 0)
    await world.delete(url, taken)
    await world.send(url, "a", MessageGroupId="1")
    assert await world.bodies(url) == ["a"]
    await world.expiry.run_once()
    assert (await world.rows("sqs_lots"), await world.rows("sqs_messages")) == (1, 1)
