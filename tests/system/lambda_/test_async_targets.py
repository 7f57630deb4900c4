"""Where the ends of events are told: queues, topics, buses, and functions behind them, through real clients."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import pytest

from system.harness import Server, create
from system.lambda_.answers import A

if TYPE_CHECKING:
    from collections.abc import Iterator

BAD = "def handler(event, context):\n    raise ValueError('on purpose')\n"
GOOD = "def handler(event, context):\n    return 'good'\n"
REST = ":us-east-1:000000000000:"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that does not wait long before retries."""
    running = Server(tmp_path_factory.mktemp("server") / "data", "--async-retry-delays-s", "0.1,0.2")
    yield running
    running.close()


def queue(server: Server, name: str) -> str:
    """A new queue's ARN."""
    server.client("sqs").create_queue(QueueName=name)
    return f"arn:aws:sqs{REST}{name}"


def message(server: Server, arn: str) -> dict[str, Any]:
    """The next message of a queue, which it loses."""
    client, name = server.client("sqs"), arn.rpartition(":")[2]
    url = client.get_queue_url(QueueName=name)["QueueUrl"]
    answer: dict[str, Any] = {}
    while "Messages" not in answer:
        answer = client.receive_message(
            QueueUrl=url, WaitTimeSeconds=20, MessageAttributeNames=["All"], AttributeNames=["All"]
        )
    found: dict[str, Any] = answer["Messages"][0]
    client.delete_message(QueueUrl=url, ReceiptHandle=found["ReceiptHandle"])
    return found


def told(client: Any, name: str, **destinations: str) -> None:
    """Where the ends of a function's events go, which has no retries."""
    client.put_function_event_invoke_config(
        FunctionName=name,
        MaximumRetryAttempts=0,
        DestinationConfig={outcome: {"Destination": arn} for outcome, arn in destinations.items()},
    )


def send(client: Any, name: str, payload: bytes) -> str:
    answer = client.invoke(FunctionName=name, InvocationType="Event", Payload=payload)
    return str(answer["ResponseMetadata"]["RequestId"])


def test_a_target_that_does_not_exist_costs_the_outcome_and_nothing_else(server: Server, client: Any) -> None:
    create(client, "lost", BAD, DeadLetterConfig={"TargetArn": f"arn:aws:sqs{REST}missing"})
    told(client, "lost", OnFailure=queue(server, "lost-ends"))
    send(client, "lost", b"1")
    assert json.loads(message(server, f"arn:aws:sqs{REST}lost-ends")["Body"])["requestPayload"] == 1
    assert "could not be handed to arn:aws:sqs:us-east-1:000000000000:missing" in server.log()


def test_a_failure_is_told_to_the_dead_letter_queue_and_the_destination(server: Server, client: Any) -> None:
    dead, failed = queue(server, "both-dead"), queue(server, "both-failed")
    create(client, "both", BAD, DeadLetterConfig={"TargetArn": dead})
    told(client, "both", OnFailure=failed)
    request = send(client, "both", b'{"a":  1}')

    letter, record = message(server, dead), message(server, failed)

    assert letter["Body"] == '{"a":  1}'
    assert letter["MessageAttributes"] == {
        "RequestID": {"DataType": "String", "StringValue": request},
        "ErrorCode": {"DataType": "Number", "StringValue": "200"},
        "ErrorMessage": {"DataType": "String", "StringValue": "on purpose"},
    }
    assert "MessageAttributes" not in record
    assert record["Attributes"]["AWSTraceHeader"].startswith("Root=1-")
    assert json.loads(record["Body"])["requestContext"] == {
        "requestId": request,
        "functionArn": f"{A}both:$LATEST",
        "condition": "RetriesExhausted",
        "approximateInvokeCount": 1,
    }


def test_a_topic_brings_the_record_to_a_function_whose_end_is_told_in_turn(server: Server, client: Any) -> None:
    topic = server.client("sns").create_topic(Name="ends")["TopicArn"]
    ends = queue(server, "chain-ends")
    create(client, "chained", GOOD)
    told(client, "chained", OnSuccess=ends)
    server.client("sns").subscribe(TopicArn=topic, Protocol="lambda", Endpoint=f"{A}chained")
    create(client, "first", BAD)
    told(client, "first", OnFailure=topic)
    request = send(client, "first", b"2")

    record = json.loads(message(server, ends)["Body"])

    assert record["responsePayload"] == "good"
    notified = json.loads(record["requestPayload"]["Records"][0]["Sns"]["Message"])
    assert (notified["requestContext"]["requestId"], notified["requestPayload"]) == (request, 2)


def test_a_topic_takes_dead_letters(server: Server, client: Any) -> None:
    sns, letters = server.client("sns"), queue(server, "topic-letters")
    topic = sns.create_topic(Name="letters")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=letters, Attributes={"RawMessageDelivery": "true"})
    create(client, "to-topic", BAD, DeadLetterConfig={"TargetArn": topic})
    told(client, "to-topic")
    send(client, "to-topic", b'"x"')
    letter = message(server, letters)
    assert letter["Body"] == '"x"'
    assert letter["MessageAttributes"]["ErrorMessage"]["StringValue"] == "on purpose"


LOOP = """
import boto3
def handler(event, context):
    boto3.client("sns").publish(TopicArn=event["Records"][0]["Sns"]["TopicArn"], Message="on")
"""


def test_a_function_that_feeds_itself_through_a_topic_is_stopped_after_sixteen_calls(
    server: Server, client: Any
) -> None:
    sns, ends = server.client("sns"), queue(server, "loop-ends")
    topic = sns.create_topic(Name="loop")["TopicArn"]
    create(client, "loop", LOOP, Timeout=30)
    told(client, "loop", OnFailure=ends)
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=f"{A}loop")
    sns.publish(TopicArn=topic, Message="begin")
    record = json.loads(message(server, ends)["Body"])
    assert record["requestContext"]["approximateInvokeCount"] == 0
    assert record["responseContext"] == {"statusCode": 400}
    query = "account=000000000000&region=us-east-1&function=loop"
    with urlopen(f"{server.endpoint}/_lambent/events?{query}", timeout=10) as answer:
        conditions = [event["condition"] for event in json.load(answer)["events"]]
    assert conditions == ["RetriesExhausted", *["Success"] * 16]


@pytest.mark.parametrize(("name", "code", "word"), [("b-good", GOOD, "Success"), ("b-bad", BAD, "Failure")])
def test_a_bus_gets_an_event_that_rules_find(server: Server, client: Any, name: str, code: str, word: str) -> None:
    bus, found = server.client("events"), queue(server, f"{name}-found")
    arn = bus.create_event_bus(Name=name)["EventBusArn"]
    pattern = {"source": ["lambda"], "detail-type": [f"Lambda Function Invocation Result - {word}"]}
    bus.put_rule(Name="ends", EventBusName=name, EventPattern=json.dumps(pattern))
    bus.put_targets(Rule="ends", EventBusName=name, Targets=[{"Id": "1", "Arn": found}])
    create(client, name, code)
    told(client, name, OnSuccess=arn, OnFailure=arn)
    request = send(client, name, b'{"mode": 1}')

    event = json.loads(message(server, found)["Body"])

    assert event["resources"] == [arn, f"{A}{name}:$LATEST"]
    assert event["detail"]["requestContext"]["requestId"] == request
    assert event["detail"]["requestPayload"] == {"mode": 1}
