"""SNS on a store in memory and a clock that stands still, called as botocore calls it, without a socket.

Parameters are checked as the gateway checks them; answers are written by the codec and read by botocore's own parser.
Queues and functions are a list of what they were handed; endpoints of http answer with the statuses that a test says.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from botocore.parsers import create_parser

from lambent.call import Call, Result
from lambent.clock import VirtualClock
from lambent.delivery import Deliveries, Undeliverable
from lambent.errors import AwsError
from lambent.services.sns import repository
from lambent.services.sns.context import Sns
from lambent.services.sns.sender import Sender
from lambent.services.sns.service import service
from lambent.services.sns.target import TopicTarget
from lambent.wire.codec import codec_for
from lambent.wire.model import load_service
from lambent.wire.validate import validator_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambent.delivery import Message
    from lambent.store import Store, Tx

ACCOUNT = "123456789012"
OTHER = "999999999999"
REGION = "us-east-1"
BASE = "http://localhost:4566"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:queue"
DEAD = f"arn:aws:sqs:{REGION}:{ACCOUNT}:dead"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f"
URL = "http://127.0.0.1:9/hook"


class Taken:
    """What takes every message but those for ARNs that are gone."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, Message]] = []
        self.gone: set[str] = set()

    def deliver(self, tx: Tx, arn: str, message: Message) -> None:
        del tx
        if arn in self.gone:
            raise Undeliverable("NonExistent", "it is gone")
        self.messages.append((arn, message))

    def to(self, arn: str) -> list[Message]:
        return [message for there, message in self.messages if there == arn]


class Posted(NamedTuple):
    url: str
    headers: Mapping[str, str]
    body: str


class Posts:
    """Endpoints of http that answer with the statuses of a list, then with 200; None is no answer."""

    def __init__(self) -> None:
        self.sent: list[Posted] = []
        self._came = asyncio.Condition()
        self.statuses: list[int | None] = []

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        async with self._came:
            self.sent.append(Posted(url, headers, body.decode()))
            self._came.notify_all()
        status = self.statuses.pop(0) if self.statuses else 200
        if status is None:
            raise ConnectionRefusedError("nobody listens")
        return status

    async def until(self, count: int) -> None:
        """Wait until so many were posted."""
        async with self._came:
            await self._came.wait_for(lambda: len(self.sent) >= count)


class Somebody(NamedTuple):
    arn: str


class Callers:
    """Everybody is the root of their account."""

    def caller(self, tx: Tx, call: Call) -> Somebody:
        del tx
        return Somebody(f"arn:aws:iam::{call.account}:root")


class World:
    """The service, whoever calls it, and whatever it calls."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.clock = VirtualClock()
        self.queues = Taken()
        self.functions = Taken()
        self.posts = Posts()
        deliveries = Deliveries()
        deliveries.register("sqs", self.queues)
        deliveries.register("lambda", self.functions)
        parts = Sns(store, self.clock, deliveries, Callers(), lambda: BASE)
        self.target = TopicTarget(parts)
        deliveries.register("sns", self.target)
        self.sender = Sender(store=store, clock=self.clock, deliveries=deliveries, poster=self.posts)
        self._service = service(parts)

    async def call(
        self, operation: str, *, account: str = ACCOUNT, region: str = REGION, signed: bool = True, **params: Any
    ) -> Any:
        """Call an operation; the answer as a client reads it."""
        call = Call(
            account, region, "r", "sns", operation, account if signed else None, BASE, "127.0.0.1", "", "Root=1-2-3"
        )
        validator_for("sns", operation)(params)
        output = await self._service.operations[operation](call, params)
        assert not isinstance(output, Result)
        model = load_service("sns")
        known = model.operation(operation)
        assert known is not None
        response = codec_for(model, known, "query").write(output, "r")
        assert isinstance(response.body, bytes)
        read = create_parser("query").parse(
            {"status_code": response.status, "headers": {}, "body": response.body}, known.output_shape
        )
        read.pop("ResponseMetadata", None)
        return read

    async def refusal(self, operation: str, **params: Any) -> tuple[str, str | None]:
        """Code and message of a call that is refused."""
        with pytest.raises(AwsError) as refusal:
            await self.call(operation, **params)
        return refusal.value.code, refusal.value.message

    async def topic(self, name: str = "topic", **attributes: str) -> str:
        """A new topic's ARN."""
        if name.endswith(".fifo"):
            attributes["FifoTopic"] = "true"
        arn: str = (await self.call("CreateTopic", Name=name, Attributes=attributes))["TopicArn"]
        return arn

    async def subscribe(self, topic: str, endpoint: str = QUEUE, protocol: str = "sqs", **attributes: str) -> str:
        """A new subscription's ARN, confirmed or not."""
        answer = await self.call(
            "Subscribe",
            TopicArn=topic,
            Protocol=protocol,
            Endpoint=endpoint,
            Attributes=attributes,
            ReturnSubscriptionArn=True,
        )
        arn: str = answer["SubscriptionArn"]
        return arn

    async def confirmed_url(self, topic: str, **attributes: str) -> str:
        """The ARN of a subscription of `URL` that it has confirmed."""
        arn = await self.subscribe(topic, URL, "http", **attributes)
        await self.sender.run_once()
        asked = json.loads(self.posts.sent.pop().body)
        await self.call("ConfirmSubscription", TopicArn=topic, Token=asked["Token"], signed=False)
        return arn

    async def publish(self, topic: str, message: str = "hello", **params: Any) -> dict[str, str]:
        answer: dict[str, str] = await self.call("Publish", TopicArn=topic, Message=message, **params)
        return answer

    async def sent(self) -> list[dict[str, Any]]:
        """What would have gone to people."""
        return await self.store.read(lambda tx: repository.sent(tx, ACCOUNT, REGION))

    def bodies(self, arn: str = QUEUE) -> list[str]:
        """What a queue was handed."""
        return [message.body for message in self.queues.to(arn)]

    def envelopes(self, arn: str = QUEUE) -> list[dict[str, Any]]:
        """What a queue was handed, read as JSON."""
        return [json.loads(body) for body in self.bodies(arn)]
