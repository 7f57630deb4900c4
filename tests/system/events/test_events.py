"""EventBridge through boto3 and the `aws` command, with queues, topics and functions as targets."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from system.harness import SCRIPTS, create, refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from system.harness import Server

PATTERN = json.dumps({"source": ["app"]})
ENTRY = {"Source": "app", "DetailType": "Made", "Detail": '{"n": 1}'}
ECHO = "def handler(event, context):\n    print('GOT', event['detail'])\n    return event\n"


@pytest.fixture
def events(server: Server) -> Any:
    return server.client("events")


@pytest.fixture
def sqs(server: Server) -> Any:
    return server.client("sqs")


def queue(sqs: Any, name: str, **attributes: str) -> tuple[str, str]:
    """A queue's URL and ARN."""
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    return url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def rule(events: Any, name: str, arn: str, **target: Any) -> None:
    events.put_rule(Name=name, EventPattern=PATTERN)
    assert events.put_targets(Rule=name, Targets=[{"Id": "t", "Arn": arn, **target}])["FailedEntryCount"] == 0


def receive(sqs: Any, url: str, **params: Any) -> dict[str, Any]:
    """The next message, which is taken away."""
    while True:
        for message in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=10, **params).get("Messages", []):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            return dict(message)


def test_refusals_come_as_clients_know_them(events: Any) -> None:
    problem = refused(events.describe_rule, Name="nobody")
    assert problem["Error"]["Code"] == "ResourceNotFoundException"
    assert problem["Error"]["Message"] == "Rule nobody does not exist on EventBus default."
    assert problem["ResponseMetadata"]["HTTPStatusCode"] == 400
    problem = refused(events.put_rule, Name="bad", EventPattern='{"a": []}')
    assert problem["Error"]["Code"] == "InvalidEventPatternException"
    problem = refused(events.create_connection, Name="c", AuthorizationType="API_KEY", AuthParameters={})
    assert problem["Error"]["Code"] == "NotImplementedException"


def test_queues_of_both_kinds_and_topics_get_events(server: Server, events: Any, sqs: Any) -> None:
    url, arn = queue(sqs, "plain")
    fifo_url, fifo_arn = queue(sqs, "events.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    sns = server.client("sns")
    topic = sns.create_topic(Name="t")["TopicArn"]
    topic_url, topic_queue = queue(sqs, "behind-topic")
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=topic_queue)
    rule(events, "plain", arn, InputPath="$.detail")
    rule(events, "fifo", fifo_arn, SqsParameters={"MessageGroupId": "g"})
    rule(events, "topic", topic)
    event_id = events.put_events(Entries=[ENTRY])["Entries"][0]["EventId"]
    assert receive(sqs, url)["Body"] == '{"n":1}'
    message = receive(sqs, fifo_url, AttributeNames=["All"])
    assert json.loads(message["Body"])["id"] == event_id
    assert message["Attributes"]["MessageGroupId"] == "g"
    assert json.loads(json.loads(receive(sqs, topic_url)["Body"])["Message"])["id"] == event_id
    for name in ("plain", "fifo", "topic"):
        events.remove_targets(Rule=name, Ids=["t"])
        events.delete_rule(Name=name)


def test_a_function_gets_events(server: Server, events: Any) -> None:
    function = create(server.client(), "listener", ECHO)["FunctionArn"]
    rule(events, "function", function)
    events.put_events(Entries=[ENTRY])
    assert any("GOT {'n': 1}" in line for line in server.logs_until("/aws/lambda/listener", "GOT"))
    events.disable_rule(Name="function")


def test_a_target_that_is_gone_leaves_a_dead_letter(events: Any, sqs: Any) -> None:
    url, arn = queue(sqs, "dead")
    rule(events, "gone", arn.replace("dead", "gone"), DeadLetterConfig={"Arn": arn})
    events.put_events(Entries=[ENTRY])
    letter = receive(sqs, url, MessageAttributeNames=["All"])
    assert letter["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_RESOURCE"
    assert json.loads(letter["Body"])["detail"] == {"n": 1}
    events.disable_rule(Name="gone")


def test_what_was_accepted_comes_after_a_kill(start: Callable[..., Server]) -> None:
    own_server = start()
    sqs, events = own_server.client("sqs"), own_server.client("events")
    url, arn = queue(sqs, "kept")
    rule(events, "kept", arn)
    sent = {events.put_events(Entries=[ENTRY])["Entries"][0]["EventId"] for _ in range(20)}
    own_server.kill()
    own_server.restart_on_its_port()
    sqs = own_server.client("sqs")
    url = sqs.get_queue_url(QueueName="kept")["QueueUrl"]
    got = {json.loads(receive(sqs, url)["Body"])["id"] for _ in sent}
    assert got == sent


def test_schedules_fire(server: Server, sqs: Any) -> None:
    scheduler = server.client("scheduler")
    url, arn = queue(sqs, "scheduled")
    scheduler.create_schedule(
        Name="once",
        ScheduleExpression="rate(1 hour)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": arn, "RoleArn": "arn:aws:iam::000000000000:role/r", "Input": '{"at": 1}'},
    )
    assert receive(sqs, url)["Body"] == '{"at": 1}'
    assert scheduler.get_schedule(Name="once")["ScheduleExpression"] == "rate(1 hour)"
    problem = refused(scheduler.get_schedule, Name="nobody")
    assert problem["Error"]["Code"] == "ResourceNotFoundException"
    assert problem["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_what_was_archived_is_replayed(events: Any, sqs: Any) -> None:
    url, arn = queue(sqs, "replayed")
    bus = events.create_event_bus(Name="kept")["EventBusArn"]
    archive = events.create_archive(ArchiveName="all", EventSourceArn=bus)["ArchiveArn"]
    event_id = events.put_events(Entries=[{**ENTRY, "EventBusName": "kept"}])["Entries"][0]["EventId"]
    events.put_rule(Name="late", EventPattern=PATTERN, EventBusName="kept")
    events.put_targets(Rule="late", EventBusName="kept", Targets=[{"Id": "t", "Arn": arn}])
    now = datetime.now(UTC)  # noqa: TID251  a real server's time is real
    events.start_replay(
        ReplayName="again",
        EventSourceArn=archive,
        EventStartTime=now - timedelta(hours=1),
        EventEndTime=now + timedelta(hours=1),
        Destination={"Arn": bus},
    )
    event = json.loads(receive(sqs, url)["Body"])
    assert (event["id"], event["replay-name"]) == (event_id, "again")


def test_the_command_line_of_aws_works(server: Server) -> None:
    environ = {"PATH": os.environ["PATH"], "AWS_ACCESS_KEY_ID": "t", "AWS_SECRET_ACCESS_KEY": "t"}
    command = [str(SCRIPTS / "aws"), "--endpoint-url", server.endpoint, "--region", "us-east-1", "events"]
    arguments = ["test-event-pattern", "--event-pattern", '{"a":[{"prefix":"x"}]}', "--event", '{"a":"xy"}']
    done = subprocess.run([*command, *arguments], capture_output=True, text=True, env=environ, check=False, timeout=60)
    assert json.loads(done.stdout) == {"Result": True}, done.stderr
