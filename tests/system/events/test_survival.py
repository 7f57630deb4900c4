"""Events under `kill -9`, with a checker that knows every answer."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Callable

    from system.harness import Server

ENTRY = {"Source": "app", "DetailType": "Made", "Detail": "{}"}
KILLS = 4


class Sender:
    """Puts events until the server is gone, and remembers which were answered."""

    def __init__(self, events: Any, *, before_kill: int) -> None:
        self.answered: list[str] = []
        self.enough = threading.Event()
        self._events = events
        self._before_kill = before_kill
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while True:
            try:
                answer = self._events.put_events(Entries=[ENTRY, ENTRY])
            except (BotoCoreError, ClientError):
                return
            self.answered += [entry["EventId"] for entry in answer["Entries"]]
            if len(self.answered) >= self._before_kill:
                self.enough.set()

    def join(self) -> list[str]:
        self._thread.join()
        return self.answered


def test_every_event_that_was_answered_reaches_its_targets_whenever_the_server_is_killed(
    start: Callable[..., Server],
) -> None:
    server = start()
    sqs, events = server.client("sqs"), server.client("events")
    for name in ("one", "two"):
        sqs.create_queue(QueueName=name)
        arn = f"arn:aws:sqs:us-east-1:000000000000:{name}"
        events.put_rule(Name=name, EventPattern=json.dumps({"source": ["app"]}))
        events.put_targets(Rule=name, Targets=[{"Id": "t", "Arn": arn}])
    answered: set[str] = set()
    for number in range(KILLS):
        senders = [Sender(server.client("events"), before_kill=10 + 7 * number) for _ in range(3)]
        for sender in senders:
            assert sender.enough.wait(60)
        server.kill()
        answered.update(one for sender in senders for one in sender.join())
        server.restart()
    for name in ("one", "two"):
        got = drained(server, name, answered)
        assert len(got) == len(set(got)), "an event was handed over twice"
        assert answered <= set(got)


def drained(server: Server, name: str, wanted: set[str]) -> list[str]:
    """The ids of the events in a queue, once those that are wanted are among them."""
    sqs = server.client("sqs")
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    got: list[str] = []
    while messages := sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=0 if wanted <= set(got) else 10
    ).get("Messages", []):
        got += [json.loads(message["Body"])["id"] for message in messages]
        entries = [{"Id": str(at), "ReceiptHandle": one["ReceiptHandle"]} for at, one in enumerate(messages)]
        sqs.delete_message_batch(QueueUrl=url, Entries=entries)
    return got
