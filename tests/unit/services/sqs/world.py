"""SQS on a store in memory and a clock that stands still, called as botocore calls it, without a socket.

Answers are written by the codec and read by botocore's own parser.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from botocore.parsers import create_parser

from eventloop import turns
from lambent.call import Call, Result
from lambent.clock import VirtualClock
from lambent.errors import AwsError
from lambent.services.sqs.context import Sqs
from lambent.services.sqs.expiry import Expiry
from lambent.services.sqs.mover import Mover
from lambent.services.sqs.polls import Polls
from lambent.services.sqs.service import service
from lambent.services.sqs.target import QueueTarget
from lambent.wire.codec import codec_for
from lambent.wire.model import load_service

if TYPE_CHECKING:
    from lambent.store import Store

ACCOUNT = "123456789012"
REGION = "us-east-1"
ENDPOINT = "http://localhost:4566"


class World:
    """The service, and whoever calls it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.clock = VirtualClock()
        self.polls = Polls(store=store, clock=self.clock)
        self.expiry = Expiry(store=store, clock=self.clock)
        self.mover = Mover(store=store, clock=self.clock)
        self.target = QueueTarget(self.clock)
        self._service = service(Sqs(store, self.clock, self.polls))

    @property
    def now_ms(self) -> int:
        return int(self.clock.time() * 1000)

    async def call(self, operation: str, *, account: str = ACCOUNT, trace: str | None = None, **params: Any) -> Any:
        """Call an operation; the answer as a client reads it."""
        call = Call(account, REGION, "r", "sqs", operation, account, ENDPOINT, "127.0.0.1", "", trace)
        output = await self._service.operations[operation](call, params)
        assert not isinstance(output, Result)
        model = load_service("sqs")
        known = model.operation(operation)
        assert known is not None
        response = codec_for(model, known, "json-1.0").write(output, "r")
        assert isinstance(response.body, bytes)
        read = create_parser("json").parse(
            {"status_code": response.status, "headers": {}, "body": response.body}, known.output_shape
        )
        read.pop("ResponseMetadata", None)
        return read

    async def refused(self, operation: str, **params: Any) -> tuple[str, str | None]:
        """Code and text of a refusal."""
        with pytest.raises(AwsError) as refusal:
            await self.call(operation, **params)
        return refusal.value.code, refusal.value.message

    async def make(self, name: str = "q", **attributes: str) -> str:
        """A queue; its URL."""
        if name.endswith(".fifo"):
            attributes = {"FifoQueue": "true", **attributes}
        answer = await self.call("CreateQueue", QueueName=name, Attributes=attributes)
        return str(answer["QueueUrl"])

    async def send(self, url: str, body: str = "body", **params: Any) -> Any:
        return await self.call("SendMessage", QueueUrl=url, MessageBody=body, **params)

    async def receive(self, url: str, most: int = 10, **params: Any) -> list[dict[str, Any]]:
        """Messages with everything that is told of them."""
        params = {"MessageSystemAttributeNames": ["All"], "MessageAttributeNames": ["All"], **params}
        answer = await self.call("ReceiveMessage", QueueUrl=url, MaxNumberOfMessages=most, **params)
        found: list[dict[str, Any]] = answer.get("Messages", [])
        return found

    async def bodies(self, url: str, most: int = 10, **params: Any) -> list[str]:
        return [message["Body"] for message in await self.receive(url, most, **params)]

    async def delete(self, url: str, message: dict[str, Any]) -> None:
        await self.call("DeleteMessage", QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

    async def attribute(self, url: str, name: str) -> str:
        answer = await self.call("GetQueueAttributes", QueueUrl=url, AttributeNames=[name])
        return str(answer["Attributes"][name])

    async def counts(self, url: str) -> tuple[int, int, int]:
        """Visible, in flight, delayed."""
        answer = await self.call("GetQueueAttributes", QueueUrl=url, AttributeNames=["All"])
        start = "ApproximateNumberOfMessages"
        return tuple(int(answer["Attributes"][f"{start}{name}"]) for name in ("", "NotVisible", "Delayed"))  # type: ignore[return-value]

    async def rows(self, table: str) -> int:
        """How many rows a table has."""
        found = await self.store.read(lambda tx: tx.one(f"SELECT COUNT(*) AS n FROM {table}", {}))
        assert found is not None
        return int(found["n"])

    async def waits(self, url: str, wait_s: int = 20, **params: Any) -> asyncio.Task[list[str]]:
        """A long poll that has found nothing yet."""
        task = asyncio.create_task(self.bodies(url, WaitTimeSeconds=wait_s, **params))
        await self.settled()
        return task

    async def settled(self) -> None:
        """What is under way has come to where it waits: the store answers in order."""
        for _ in range(5):
            await turns(20)
            await self.store.read(lambda _: None)
        await turns(20)


def arn(name: str) -> str:
    return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
