"""CloudWatch Logs on a store in memory and a clock that stands still, called as botocore calls it, without a socket.

Parameters are checked as the gateway checks them; answers are written by the codec and read by botocore's own parser.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.parsers import create_parser

from lambent.call import Call, Result
from lambent.clock import VirtualClock
from lambent.errors import AwsError
from lambent.services.logs.buffer import LogBuffer
from lambent.services.logs.context import Logs
from lambent.services.logs.expiry import Expiry
from lambent.services.logs.service import service
from lambent.services.logs.sessions import Sessions
from lambent.wire.codec import codec_for
from lambent.wire.model import load_service
from lambent.wire.validate import validator_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from lambent.store import Store

ACCOUNT = "123456789012"
REGION = "us-east-1"
GROUP = "/app/web"
DAY_MS = 86_400_000


class World:
    """The service, and whoever calls it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.clock = VirtualClock()
        self.sessions = Sessions(self.clock)
        self.expiry = Expiry(store=store, clock=self.clock)
        self.buffer = LogBuffer(store=store, clock=self.clock)
        self._service = service(Logs(store, self.clock, self.sessions))

    @property
    def now_ms(self) -> int:
        return int(self.clock.time() * 1000)

    async def call(self, operation: str, *, account: str = ACCOUNT, region: str = REGION, **params: Any) -> Any:
        """Call an operation; the answer as a client reads it."""
        output = await self._run(operation, account, region, params)
        model = load_service("logs")
        known = model.operation(operation)
        assert known is not None
        response = codec_for(model, known, "json-1.1").write(output, "r")
        assert isinstance(response.body, bytes)
        read = create_parser("json").parse(
            {"status_code": response.status, "headers": {}, "body": response.body}, known.output_shape
        )
        read.pop("ResponseMetadata", None)
        return read

    async def tail(self, **params: Any) -> AsyncIterator[dict[str, Any]]:
        """The events of StartLiveTail."""
        output = await self._run("StartLiveTail", ACCOUNT, REGION, params)
        stream: AsyncIterator[dict[str, Any]] = output["responseStream"]
        return stream

    async def refused(self, operation: str, **params: Any) -> tuple[str, str | None]:
        """Code and text of a refusal."""
        with pytest.raises(AwsError) as refusal:
            await self.call(operation, **params)
        return refusal.value.code, refusal.value.message

    async def make(self, *streams: str, group: str = GROUP) -> None:
        """A group with streams."""
        await self.call("CreateLogGroup", logGroupName=group)
        for stream in streams:
            await self.call("CreateLogStream", logGroupName=group, logStreamName=stream)

    async def put(self, stream: str, *lines: tuple[int, str], group: str = GROUP) -> Any:
        """Write events, their times relative to now."""
        events = [{"timestamp": self.now_ms + after_ms, "message": text} for after_ms, text in lines]
        return await self.call("PutLogEvents", logGroupName=group, logStreamName=stream, logEvents=events)

    async def log(self, stream: str, *lines: tuple[int, str], group: str = GROUP) -> None:
        """Write events as functions do, their times relative to now."""
        self.buffer.append(ACCOUNT, REGION, group, stream, [(self.now_ms + after_ms, text) for after_ms, text in lines])
        await self.buffer.run_once()

    async def messages(self, operation: str, **params: Any) -> list[str]:
        """The texts of one page."""
        answer = await self.call(operation, logGroupName=params.pop("logGroupName", GROUP), **params)
        return [event["message"] for event in answer["events"]]

    async def rows(self, table: str) -> int:
        """How many rows a table has."""
        found = await self.store.read(lambda tx: tx.one(f"SELECT COUNT(*) AS n FROM {table}", {}))
        assert found is not None
        return int(found["n"])

    async def _run(self, operation: str, account: str, region: str, params: dict[str, Any]) -> Any:
        call = Call(account, region, "r", "logs", operation, account, "http://localhost", "127.0.0.1", "", None)
        validator_for("logs", operation)(params)
        output = await self._service.operations[operation](call, params)
        assert not isinstance(output, Result)
        return output


def arn(group: str = GROUP) -> str:
    return f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group}"
