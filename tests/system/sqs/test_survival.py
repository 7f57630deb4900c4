"""`kill -9` under load: no acknowledged message is lost, no acknowledged delete undone, no receive count goes back."""

from __future__ import annotations

import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Callable

    from system.harness import Server

KILLS = 3
ENOUGH = 60
"""Acknowledged sends after which the server is killed."""


class Load:
    """Clients that send, receive and delete until the server is gone, and remember what was acknowledged."""

    def __init__(self, server: Server, url: str, round_: int, *, fifo: bool) -> None:
        self._server, self._url, self._round, self._fifo = server, url, round_, fifo
        self.sent: list[str] = []
        self.deleted: set[str] = set()
        self.received: list[tuple[str, str, int]] = []
        self.enough = threading.Event()
        self._threads = [threading.Thread(target=self._send, args=(n,)) for n in range(3)]
        self._threads.append(threading.Thread(target=self._work))

    def run(self) -> None:
        """Until there is enough, and then until the kill."""
        for thread in self._threads:
            thread.start()
        assert self.enough.wait(60)
        self._server.kill()
        for thread in self._threads:
            thread.join(60)

    def _send(self, sender: int) -> None:
        client, number = self._server.client("sqs"), 0
        while True:
            body = f"{self._round}-{sender}-{number}"
            more = {"MessageGroupId": str(sender), "MessageDeduplicationId": body} if self._fifo else {}
            try:
                client.send_message(QueueUrl=self._url, MessageBody=body, **more)
            except (BotoCoreError, ClientError):
                return
            self.sent.append(body)
            number += 1
            if len(self.sent) >= ENOUGH:
                self.enough.set()

    def _work(self) -> None:
        client = self._server.client("sqs")
        try:
            while True:
                for message in receive(client, self._url):
                    self.received.append(noted(message))
                    if int(message["Body"].rpartition("-")[2]) % 2 == 0 or self._fifo:
                        client.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
                        self.deleted.add(message["Body"])
        except (BotoCoreError, ClientError):
            return


def receive(client: Any, url: str) -> list[dict[str, Any]]:
    answer = client.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["ApproximateReceiveCount"]
    )
    found: list[dict[str, Any]] = answer.get("Messages", [])
    return found


def noted(message: dict[str, Any]) -> tuple[str, str, int]:
    """Body, id, receive count."""
    return message["Body"], message["MessageId"], int(message["Attributes"]["ApproximateReceiveCount"])


def survived(start: Callable[..., Server], name: str, attributes: dict[str, str], *, fifo: bool) -> list[Load]:
    """Load and kills, and then everything that is left received and deleted, as the last load."""
    server = start()
    url = server.client("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    loads = []
    for round_ in range(KILLS):
        loads.append(Load(server, url, round_, fifo=fifo))
        loads[-1].run()
        if round_ == 0:
            server.restart_on_its_port()
        else:
            server.restart()
    client, last = server.client("sqs"), Load(server, url, KILLS, fifo=fifo)
    while True:
        counts = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        if counts["ApproximateNumberOfMessages"] == counts["ApproximateNumberOfMessagesNotVisible"] == "0":
            break
        found = client.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"], WaitTimeSeconds=2
        )
        for message in found.get("Messages", []):
            last.received.append(noted(message))
            client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return [*loads, last]


def check(loads: list[Load]) -> None:
    sent = [body for load in loads for body in load.sent]
    history = [one for load in loads for one in load.received]
    seen = {body for body, _, _ in history}
    assert len(sent) >= KILLS * ENOUGH
    assert set(sent) <= seen
    counts: Counter[str] = Counter()
    for _, message_id, count in history:
        assert count > counts[message_id]
        counts[message_id] = count
    for number, load in enumerate(loads):
        later = {body for one in loads[number + 1 :] for body, _, _ in one.received}
        assert not load.deleted & later


def test_a_standard_queue_outlives_kills(start: Callable[..., Server]) -> None:
    check(survived(start, "q", {"VisibilityTimeout": "3"}, fifo=False))


def test_a_fifo_queue_outlives_kills_in_order_and_without_duplicates(start: Callable[..., Server]) -> None:
    loads = survived(start, "q.fifo", {"FifoQueue": "true", "VisibilityTimeout": "3"}, fifo=True)
    check(loads)
    first: dict[str, str] = {}
    order: dict[str, list[tuple[int, int]]] = {}
    for body, message_id, _ in (one for load in loads for one in load.received):
        assert first.setdefault(body, message_id) == message_id
        round_, sender, number = (int(part) for part in body.split("-"))
        if (round_, number) not in order.setdefault(str(sender), []):
            order[str(sender)].append((round_, number))
    assert all(seen == sorted(seen) for seen in order.values())
