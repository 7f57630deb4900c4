"""Topics through boto3 and the `aws` command: to queues, functions and endpoints of http, across a `kill -9`."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import pytest

from system.harness import SCRIPTS, create, refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from system.harness import Server

CODE = """
def handler(event, context):
    record = event["Records"][0]
    print("got", record["EventSource"], record["Sns"]["Message"])
"""


class Hook:
    """An endpoint of http that answers with the statuses of a list, then with 200."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self._came: queue.Queue[tuple[dict[str, str], str]] = queue.Queue()
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self.send_response(hook.statuses.pop(0) if hook.statuses else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()
                hook._came.put(({name.lower(): value for name, value in self.headers.items()}, body))

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook?a=b"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def next(self) -> tuple[dict[str, str], str]:
        """Headers and body of the next request."""
        return self._came.get(timeout=30)

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def hook() -> Iterator[Hook]:
    running = Hook()
    yield running
    running.close()


@pytest.fixture
def sns(server: Server) -> Any:
    return server.client("sns")


def make_queue(server: Server, name: str, **attributes: str) -> tuple[str, str]:
    """A new queue's URL and ARN."""
    sqs = server.client("sqs")
    url: str = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    arn: str = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return url, arn


def receive(server: Server, url: str) -> dict[str, Any]:
    """The next message of a queue."""
    answer = server.client("sqs").receive_message(
        QueueUrl=url, WaitTimeSeconds=20, MessageAttributeNames=["All"], MessageSystemAttributeNames=["All"]
    )
    (message,) = answer["Messages"]
    return dict(message)


def confirm(hook: Hook) -> dict[str, Any]:
    """Follow the link that an endpoint was sent; the request's body."""
    headers, text = hook.next()
    body: dict[str, Any] = json.loads(text)
    assert headers["x-amz-sns-message-type"] == body["Type"]
    with urlopen(body["SubscribeURL"], timeout=30) as answer:
        assert b"<SubscriptionArn>" in answer.read()
    return body


@pytest.mark.parametrize(
    ("operation", "params", "code", "status", "words"),
    [
        ("create_topic", {"Name": "a b"}, "InvalidParameter", 400, "Invalid parameter: Topic Name"),
        (
            "get_topic_attributes",
            {"TopicArn": "arn:aws:sns:us-east-1:000000000000:gone"},
            "NotFound",
            404,
            "Topic does not exist",
        ),
        (
            "publish",
            {"TopicArn": "topic", "Message": "m"},
            "InvalidParameter",
            400,
            "Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1",
        ),
        (
            "put_data_protection_policy",
            {"ResourceArn": "arn", "DataProtectionPolicy": "{}"},
            "NotImplementedException",
            501,
            "Lambent does not implement sns.PutDataProtectionPolicy",
        ),
    ],
)
def test_refusals_reach_clients_in_their_own_form(
    sns: Any, operation: str, params: dict[str, Any], code: str, status: int, words: str
) -> None:
    answer = refused(getattr(sns, operation), **params)
    assert (answer["Error"]["Code"], answer["Error"]["Message"]) == (code, words)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == status


def test_queues_get_messages_in_envelopes_and_raw(server: Server, sns: Any) -> None:
    topic = sns.create_topic(Name="queues")["TopicArn"]
    url, arn = make_queue(server, "wrapped")
    raw_url, raw_arn = make_queue(server, "raw")
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=raw_arn, Attributes={"RawMessageDelivery": "true"})
    attributes = {"n": {"DataType": "Number", "StringValue": "99.12"}, "b": {"DataType": "Binary", "BinaryValue": b"x"}}
    message_id = sns.publish(TopicArn=topic, Message="Test msg", MessageAttributes=attributes)["MessageId"]
    body = json.loads(receive(server, url)["Body"])
    assert (body["MessageId"], body["Message"]) == (message_id, "Test msg")
    assert body["MessageAttributes"]["n"] == {"Type": "Number", "Value": "99.12"}
    raw = receive(server, raw_url)
    assert raw["Body"] == "Test msg"
    assert raw["MessageAttributes"] == attributes


def test_a_fifo_topic_keeps_order_and_drops_repetitions(server: Server, sns: Any) -> None:
    topic = sns.create_topic(Name="t.fifo", Attributes={"FifoTopic": "true", "ContentBasedDeduplication": "true"})
    url, arn = make_queue(server, "q.fifo", FifoQueue="true")
    sns.subscribe(TopicArn=topic["TopicArn"], Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    entries = [{"Id": str(number), "Message": text, "MessageGroupId": "g"} for number, text in enumerate("abab")]
    done = sns.publish_batch(TopicArn=topic["TopicArn"], PublishBatchRequestEntries=entries)["Successful"]
    assert done[0]["MessageId"] == done[2]["MessageId"]
    sqs = server.client("sqs")
    got = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20, MaxNumberOfMessages=10)["Messages"]
    assert [message["Body"] for message in got] == ["a", "b"]


def test_a_function_is_called_with_the_message(server: Server, sns: Any) -> None:
    function = create(server.client(), "from-sns", CODE)["FunctionArn"]
    topic = sns.create_topic(Name="functions")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function)
    sns.publish(TopicArn=topic, Message="hello")
    lines = server.logs_until("/aws/lambda/from-sns", "got")
    assert any(line.startswith("got aws:sns hello") for line in lines)


def test_dead_letters_of_a_function_that_is_gone(server: Server, sns: Any) -> None:
    topic = sns.create_topic(Name="dead-letters")["TopicArn"]
    url, arn = make_queue(server, "sns-dead")
    sns.subscribe(
        TopicArn=topic,
        Protocol="lambda",
        Endpoint="arn:aws:lambda:us-east-1:000000000000:function:gone",
        Attributes={"RedrivePolicy": json.dumps({"deadLetterTargetArn": arn})},
    )
    sns.publish(TopicArn=topic, Message="test_redrive_policy")
    assert json.loads(receive(server, url)["Body"])["Message"] == "test_redrive_policy"


def test_an_endpoint_of_http_confirms_gets_messages_and_leaves_by_links(sns: Any, hook: Hook) -> None:
    topic = sns.create_topic(Name="http")["TopicArn"]
    asked = sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=hook.url)
    assert asked["SubscriptionArn"] == "pending confirmation"
    confirm(hook)
    hook.statuses = [500]
    policy = {"healthyRetryPolicy": {"numRetries": 1, "minDelayTarget": 1, "maxDelayTarget": 1}}
    (listed,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    sns.set_subscription_attributes(
        SubscriptionArn=listed["SubscriptionArn"], AttributeName="DeliveryPolicy", AttributeValue=json.dumps(policy)
    )
    sns.publish(TopicArn=topic, Message="hello")
    first, second = hook.next(), hook.next()
    assert first == second
    headers, text = second
    assert headers["x-amz-sns-subscription-arn"] == listed["SubscriptionArn"]
    assert headers["content-type"] == "text/plain; charset=UTF-8"
    assert headers["user-agent"] == "Amazon Simple Notification Service Agent"
    body = json.loads(text)
    with urlopen(body["UnsubscribeURL"], timeout=30) as answer:
        assert answer.status == 200
    assert confirm(hook)["Type"] == "UnsubscribeConfirmation"
    sns.publish(TopicArn=topic, Message="again")
    assert json.loads(hook.next()[1])["Message"] == "again"


def test_what_was_published_is_posted_after_a_kill(start: Callable[..., Server], hook: Hook) -> None:
    server = start()
    sns = server.client("sns")
    topic = sns.create_topic(Name="kept")["TopicArn"]
    url, arn = make_queue(server, "kept")
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    policy = {"healthyRetryPolicy": {"numRetries": 1, "minDelayTarget": 5, "maxDelayTarget": 5}}
    attributes = {"DeliveryPolicy": json.dumps(policy), "RawMessageDelivery": "true"}
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=hook.url, Attributes=attributes)
    confirm(hook)
    hook.statuses = [503]
    sns.publish(TopicArn=topic, Message="precious")
    assert hook.next()[1] == "precious"
    # A second call is answered after the first's outcome is kept, or after the kill it is posted when its lease ends.
    sns.publish(TopicArn=topic, Message="second")
    assert hook.next()[1] == "second"
    server.kill()
    server.restart_on_its_port()
    assert hook.next()[1] == "precious"
    assert receive(server, url)["Body"] == "precious"


def test_the_aws_command_publishes(server: Server, sns: Any) -> None:
    topic = sns.create_topic(Name="command")["TopicArn"]
    environ = {
        "PATH": os.environ["PATH"],
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    command = [str(SCRIPTS / "aws"), "--endpoint-url", server.endpoint, "sns", "publish", "--topic-arn", topic]
    done = subprocess.run(
        [*command, "--message", "hello"], capture_output=True, text=True, env=environ, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["MessageId"]
