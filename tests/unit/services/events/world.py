"""EventBridge on a store in memory and a clock that stands still, called as botocore calls it, without a socket.

Parameters are checked as the gateway checks them; answers are written by the codec and read by botocore's own parser.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.parsers import create_parser

from lambent.call import Call, Result
from lambent.clock import VirtualClock
from lambent.delivery import Deliveries, Undeliverable
from lambent.errors import AwsError
from lambent.services.events.archivist import Archivist
from lambent.services.events.bus_target import Buses
from lambent.services.events.context import Events
from lambent.services.events.courier import Courier
from lambent.services.events.routing import Routing
from lambent.services.events.scheduler.context import Scheduler
from lambent.services.events.scheduler.firing import Firing
from lambent.services.events.scheduler.service import service as scheduler_service
from lambent.services.events.service import service
from lambent.services.events.timetable import Timetable
from lambent.wire.codec import codec_for
from lambent.wire.model import load_service
from lambent.wire.validate import validator_for

if TYPE_CHECKING:
    from lambent.call import Service
    from lambent.delivery import Message
    from lambent.store import Store, Tx

ACCOUNT = "123456789012"
REGION = "us-east-1"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:q"
DEAD = f"arn:aws:sqs:{REGION}:{ACCOUNT}:dead"
TAKEN = "taken"
"""The signal that a queue took a message."""
PATTERN = json.dumps({"source": ["app"]})


class Queues:
    """Takes messages for the ARNs of queues that there are; a table of its own keeps them, as a queue's would."""

    def __init__(self) -> None:
        self.there = {QUEUE, DEAD}
        self.broken: set[str] = set()
        """Those that fail for a reason of their own."""
        self.messages: dict[int, tuple[str, Message]] = {}

    def deliver(self, tx: Tx, arn: str, message: Message) -> None:
        if arn in self.broken:
            raise RuntimeError("broken")
        if arn not in self.there:
            raise Undeliverable("AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.")
        number = len(self.messages)
        self.messages[number] = (arn, message)
        tx.execute("INSERT INTO taken (number) VALUES (:number)", {"number": number})
        tx.signal(TAKEN)


class World:
    """The service, and whoever calls it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.clock = VirtualClock()
        self.queues = Queues()
        deliveries = Deliveries()
        deliveries.register("sqs", self.queues)
        routing = Routing()
        self.buses = Buses(routing, self.clock)
        deliveries.register("events", self.buses)
        self.courier = Courier(store=store, clock=self.clock, deliveries=deliveries, routing=routing)
        self.archivist = Archivist(store=store, clock=self.clock, routing=routing)
        self.timetable = Timetable(store=store, clock=self.clock)
        self.firing = Firing(store=store, clock=self.clock)
        self._service = service(Events(store, self.clock, deliveries, routing))
        self._scheduler = scheduler_service(Scheduler(store, self.clock, deliveries))

    async def call(self, operation: str, *, account: str = ACCOUNT, region: str = REGION, **params: Any) -> Any:
        """Call an operation; the answer as a client reads it."""
        return await self._ask(self._service, "json-1.1", operation, account, region, params)

    async def schedule(self, operation: str, **params: Any) -> Any:
        """Call an operation of EventBridge Scheduler."""
        return await self._ask(self._scheduler, "rest-json", operation, ACCOUNT, REGION, params)

    async def schedule_refused(self, operation: str, **params: Any) -> tuple[str, str | None]:
        """Code and text of a refusal of EventBridge Scheduler."""
        with pytest.raises(AwsError) as refusal:
            await self.schedule(operation, **params)
        return refusal.value.code, refusal.value.message

    async def _ask(
        self, service: Service, protocol: str, operation: str, account: str, region: str, params: dict[str, Any]
    ) -> Any:
        call = Call(account, region, "r", service.name, operation, account, "http://localhost", "127.0.0.1", "", None)
        validator_for(service.name, operation)(params)
        output = await service.operations[operation](call, params)
        assert not isinstance(output, Result)
        model = load_service(service.name)
        known = model.operation(operation)
        assert known is not None
        response = codec_for(model, known, protocol).write(output, "r")
        assert isinstance(response.body, bytes)
        read = create_parser(protocol.removesuffix("-1.1")).parse(
            {"status_code": response.status, "headers": {}, "body": response.body}, known.output_shape
        )
        read.pop("ResponseMetadata", None)
        return read

    async def refused(self, operation: str, **params: Any) -> tuple[str, str | None]:
        """Code and text of a refusal."""
        with pytest.raises(AwsError) as refusal:
            await self.call(operation, **params)
        return refusal.value.code, refusal.value.message

    async def rule(self, name: str = "r", pattern: str = PATTERN, bus: str = "default", **target: Any) -> None:
        """A rule with one target, the queue where nothing else is said."""
        await self.call("PutRule", Name=name, EventPattern=pattern, EventBusName=bus)
        await self.call("PutTargets", Rule=name, EventBusName=bus, Targets=[{"Id": "t", "Arn": QUEUE, **target}])

    async def put(self, detail: Any = None, bus: str = "default", **members: Any) -> Any:
        """Put one event."""
        entry = {"Source": "app", "DetailType": "Made", "Detail": json.dumps(detail or {}), "EventBusName": bus}
        return await self.call("PutEvents", Entries=[entry | members])

    async def deliver(self) -> None:
        """Hand over what is due, over all buses on the way."""
        while await self.courier.run_once() == 0:
            pass

    async def taken(self, arn: str = QUEUE) -> list[Message]:
        """The messages that a queue has for good."""
        rows = await self.store.read(lambda tx: tx.all("SELECT number FROM taken ORDER BY number", {}))
        found = [self.queues.messages[row["number"]] for row in rows]
        return [message for at, message in found if at == arn]

    async def bodies(self) -> list[Any]:
        """What the queue got, as JSON."""
        return [json.loads(message.body) for message in await self.taken()]

    async def rows(self, table: str) -> int:
        """How many rows a table has."""
        found = await self.store.read(lambda tx: tx.one(f"SELECT COUNT(*) AS n FROM {table}", {}))
        assert found is not None
        return int(found["n"])
