"""Queues by clients that know nothing of Lambent: boto3, the `aws` command, and the query protocol by plain HTTP."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen
from xml.etree import ElementTree as ET

import pytest

from lambent.clock import RealClock
from system.harness import environ, refused

if TYPE_CHECKING:
    from pathlib import Path

    from system.harness import Server

CLOCK = RealClock()
SPACE = "{http://queue.amazonaws.com/doc/2012-11-05/}"


@pytest.fixture
def sqs(server: Server) -> Any:
    return server.client("sqs", checks=False)


def query(url: str, action: str, **params: str) -> tuple[int, ET.Element]:
    """One action in the query protocol; status and answer. Double underscores stand for dots."""
    form = {"Action": action, "Version": "2012-11-05", **{name.replace("__", "."): v for name, v in params.items()}}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    request = Request(url, urlencode(form).encode(), headers, method="POST")
    try:
        with urlopen(request, timeout=60) as answer:
            return answer.status, ET.fromstring(answer.read())
    except HTTPError as problem:
        with problem:
            return problem.code, ET.fromstring(problem.read())


def text(element: ET.Element, name: str) -> str | None:
    return element.findtext(f".//{SPACE}{name}") or element.findtext(f".//{name}")


# --- refusals


def test_a_queue_that_is_not_there_is_told_in_both_protocols(server: Server, sqs: Any) -> None:
    url = f"{server.endpoint}/000000000000/nobody"
    answer = refused(sqs.send_message, QueueUrl=url, MessageBody="x")
    assert answer["Error"] == {
        "Code": "AWS.SimpleQueueService.NonExistentQueue",
        "Message": "The specified queue does not exist.",
        "QueryErrorCode": "QueueDoesNotExist",
        "Type": "Sender",
    }
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
    with pytest.raises(sqs.exceptions.QueueDoesNotExist):
        sqs.get_queue_url(QueueName="nobody")
    status, error = query(url, "SendMessage", MessageBody="x")
    assert (status, text(error, "Code"), text(error, "Message")) == (
        400,
        "AWS.SimpleQueueService.NonExistentQueue",
        "The specified queue does not exist for this wsdl version.",
    )


def test_refusals_are_told_as_aws_was_seen_to_tell_them(sqs: Any) -> None:
    url = sqs.create_queue(QueueName="refusing")["QueueUrl"]
    generic = refused(sqs.receive_message, QueueUrl=url, MaxNumberOfMessages=11)["Error"]
    assert generic == {
        "Code": "InvalidParameterValue",
        "Message": "Value 11 for parameter MaxNumberOfMessages is invalid. "
        "Reason: Must be between 1 and 10, if provided.",
        "QueryErrorCode": "InvalidParameterValueException",
        "Type": "Sender",
    }
    missing = refused(sqs.send_message, QueueUrl=url, MessageBody="")["Error"]
    assert (missing["Code"], missing["QueryErrorCode"]) == ("MissingParameter", "MissingRequiredParameterException")
    sqs.purge_queue(QueueUrl=url)
    answer = refused(sqs.purge_queue, QueueUrl=url)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert answer["Error"]["Code"] == "AWS.SimpleQueueService.PurgeQueueInProgress"
    named = refused(sqs.create_queue, QueueName="refusing", Attributes={"DelaySeconds": "3"})["Error"]
    assert (named["Code"], named["QueryErrorCode"]) == ("QueueAlreadyExists", "QueueNameExists")


def test_a_message_of_a_mebibyte_is_the_largest(sqs: Any) -> None:
    url = sqs.create_queue(QueueName="large")["QueueUrl"]
    body = "\N{SNOWMAN}" * 349_525 + "x"
    sqs.send_message(QueueUrl=url, MessageBody=body)
    assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == body
    error = refused(sqs.send_message, QueueUrl=url, MessageBody=body + "x")["Error"]
    assert error["Message"] == (
        "One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes."
    )


# --- what works


def test_the_life_of_a_message_by_boto3(server: Server, sqs: Any) -> None:
    url = sqs.create_queue(QueueName="life", tags={"a": "b"})["QueueUrl"]
    assert url == f"{server.endpoint}/000000000000/life"
    attributes = {"n": {"DataType": "Number", "StringValue": "1"}, "b": {"DataType": "Binary", "BinaryValue": b"\x00"}}
    # boto3 checks the digests of what it sends and gets by itself.
    sent = sqs.send_message(QueueUrl=url, MessageBody="hello", MessageAttributes=attributes)
    (taken,) = sqs.receive_message(
        QueueUrl=url, MessageAttributeNames=["All"], MessageSystemAttributeNames=["All"], WaitTimeSeconds=1
    )["Messages"]
    assert (taken["MessageId"], taken["Body"]) == (sent["MessageId"], "hello")
    assert taken["MessageAttributes"] == attributes
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=taken["ReceiptHandle"], VisibilityTimeout=0)
    (taken,) = sqs.receive_message(QueueUrl=url, AttributeNames=["ApproximateReceiveCount"])["Messages"]
    assert taken["Attributes"] == {"ApproximateReceiveCount": "2"}
    sqs.delete_message(QueueUrl=url, ReceiptHandle=taken["ReceiptHandle"])
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    sqs.delete_queue(QueueUrl=url)


def test_the_life_of_a_message_by_the_query_protocol(server: Server) -> None:
    status, made = query(
        server.endpoint, "CreateQueue", QueueName="query", Attribute__1__Name="DelaySeconds", Attribute__1__Value="0"
    )
    url = text(made, "QueueUrl")
    assert status == 200
    assert url == f"{server.endpoint}/000000000000/query"
    attribute = {"Name": "Hello", "Value__DataType": "String", "Value__StringValue": "There"}
    status, sent = query(
        url,
        "SendMessage",
        MessageBody="a & b",
        **{f"MessageAttribute__1__{name}": value for name, value in attribute.items()},
    )
    assert text(sent, "MD5OfMessageAttributes") == "a311262e065454b75da111d535b8dacd"
    _, taken = query(url, "ReceiveMessage", MessageAttributeName__1="All", AttributeName__1="All")
    assert text(taken, "Body") == "a & b"
    assert text(taken, "StringValue") == "There"
    assert text(taken, "MD5OfMessageAttributes") == "a311262e065454b75da111d535b8dacd"
    handle = str(text(taken, "ReceiptHandle"))
    batch = {"Id": "one", "ReceiptHandle": handle}
    status, gone = query(
        url,
        "DeleteMessageBatch",
        **{f"DeleteMessageBatchRequestEntry__1__{name}": value for name, value in batch.items()},
    )
    assert (status, text(gone, "Id")) == (200, "one")
    _, counts = query(url, "GetQueueAttributes", AttributeName__1="ApproximateNumberOfMessagesNotVisible")
    assert text(counts, "Value") == "0"


def test_a_long_poll_is_answered_as_soon_as_something_is_sent(server: Server, sqs: Any) -> None:
    url = sqs.create_queue(QueueName="poll")["QueueUrl"]
    got: list[Any] = []

    def poll() -> None:
        got.append(server.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=20))
        got.append(CLOCK.monotonic())

    waiting = threading.Thread(target=poll)
    waiting.start()
    # Whether it waits already or not makes no difference to what it gets.
    sqs.send_message(QueueUrl=url, MessageBody="now")
    began = CLOCK.monotonic()
    waiting.join(30)
    assert got[0]["Messages"][0]["Body"] == "now"
    assert got[1] - began < 10


def test_groups_keep_their_order_by_boto3(sqs: Any) -> None:
    attributes = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    url = sqs.create_queue(QueueName="order.fifo", Attributes=attributes)["QueueUrl"]
    entries = [{"Id": str(n), "MessageBody": str(n), "MessageGroupId": "g"} for n in range(10)]
    sent = sqs.send_message_batch(QueueUrl=url, Entries=entries)["Successful"]
    assert [len(one["SequenceNumber"]) for one in sent] == [20] * 10
    taken = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert [one["Body"] for one in taken] == [str(n) for n in range(10)]
    assert "Failed" not in sqs.delete_message_batch(
        QueueUrl=url, Entries=[{"Id": str(n), "ReceiptHandle": one["ReceiptHandle"]} for n, one in enumerate(taken)]
    )


def test_dead_letters_go_back_to_work(sqs: Any) -> None:
    dlq = sqs.create_queue(QueueName="dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dlq, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1})
    attributes = {"RedrivePolicy": policy, "VisibilityTimeout": "0"}
    url = sqs.create_queue(QueueName="work", Attributes=attributes)["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="bad")
    assert [len(sqs.receive_message(QueueUrl=url).get("Messages", [])) for _ in range(2)] == [1, 0]
    assert sqs.list_dead_letter_source_queues(QueueUrl=dlq)["queueUrls"] == [url]
    sqs.start_message_move_task(SourceArn=arn)
    (back,) = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"]
    assert back["Body"] == "bad"


def test_accounts_and_regions_are_worlds_of_their_own(server: Server, sqs: Any) -> None:
    sqs.create_queue(QueueName="here")
    for other in (server.client("sqs", region="eu-west-1"), server.client("sqs", account="111111111111")):
        assert refused(other.get_queue_url, QueueName="here")["Error"]["QueryErrorCode"] == "QueueDoesNotExist"
        other.create_queue(QueueName="here")


def test_the_aws_command_sends_and_receives(server: Server, tmp_path: Path) -> None:
    variables = environ() | {
        "AWS_ACCESS_KEY_ID": "000000000000",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
    }

    def aws(*arguments: str) -> Any:
        # For SQS, version 1 of the command takes the endpoint as a flag only.
        command = [sys.executable, "-m", "awscli", "--endpoint-url", server.endpoint, "sqs", *arguments]
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=variables, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout else None

    url = aws("create-queue", "--queue-name", "cli")["QueueUrl"]
    aws("send-message", "--queue-url", url, "--message-body", "hello")
    assert aws("receive-message", "--queue-url", url)["Messages"][0]["Body"] == "hello"


def test_a_server_that_stops_ends_its_long_polls(start: Any) -> None:
    server = start()
    sqs = server.client("sqs")
    sqs.create_queue(QueueName="q")
    poll = HTTPConnection("127.0.0.1", server.port, timeout=30)
    poll.request("GET", "/000000000000/q?Action=ReceiveMessage&Version=2012-11-05&WaitTimeSeconds=20")
    sqs.list_queues()
    began = CLOCK.monotonic()
    assert server.stop() == 0
    answer = poll.getresponse()
    assert (answer.status, b"<Message>" in answer.read()) == (200, False)
    assert CLOCK.monotonic() - began < 10
    poll.close()
