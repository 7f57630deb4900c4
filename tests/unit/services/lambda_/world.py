"""Lambda's operations without a server: a store in memory, a virtual clock, and environments that run nothing."""

from __future__ import annotations

import asyncio
import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from lambent.call import Call, Result
from lambent.clock import VirtualClock
from lambent.delivery import Deliveries
from lambent.invoke.concurrency import Concurrency
from lambent.invoke.event_queue import EventQueue
from lambent.invoke.synchronous import Invoker
from lambent.runtime.interpreters import Choice, Interpreter
from lambent.services.cloudwatch.buffer import MetricBuffer
from lambent.services.lambda_.activation import Activation
from lambent.services.lambda_.code_urls import CodeUrls
from lambent.services.lambda_.context import Lambda
from lambent.services.lambda_.directory import FunctionDirectory
from lambent.services.lambda_.event_policies import EventPolicies
from lambent.services.lambda_.provisioning import Provisioning
from lambent.services.lambda_.record import Code, Configuration, FunctionKey, FunctionRecord
from lambent.services.lambda_.service import service
from lambent.services.lambda_.urls.directory import UrlDirectory
from lambent.store import make_store

if TYPE_CHECKING:
    from lambent.call import Service
    from lambent.runtime.environments import Environments
    from lambent.runtime.spec import FunctionSpec

ACCOUNT = "111111111111"
REGION = "eu-west-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/r"
KEY = FunctionKey(ACCOUNT, REGION, "f")
RECORD = FunctionRecord(
    key=KEY,
    configuration=Configuration(runtime="python3.12", handler="m.h", role=ROLE, log_group="/aws/lambda/f"),
    code=Code(blob="0" * 64, sha256="c2hh", size_bytes=7),
    revision_id="first",
    generation=1,
    last_modified_ms=0,
    state_reason="The function is being created.",
    state_reason_code="Creating",
)


def zipped(code: str = "def h(event, context): pass\n") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("m.py", code)
    return out.getvalue()


class FakeEnvironments:
    """Prepares what it is let to, runs nothing, and remembers what it was asked for."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.go.set()
        self.asked = asyncio.Event()
        """Set when something waits to be prepared."""
        self.problems: list[Exception] = []
        """What the next preparations raise, in turn."""
        self.prepared: list[FunctionSpec] = []
        self.discarded: list[tuple[str, int]] = []
        """Name, and the generation below which environments end."""
        self.kept: dict[tuple[str, str], int] = {}
        """How many environments are kept ready, by name and version."""

    async def choose(self, runtime: str) -> Choice:
        return Choice(Interpreter(Path("/python"), (3, int(runtime[8:]), 1), Path("/")), exact=True)

    async def prepare(self, spec: FunctionSpec) -> None:
        self.asked.set()
        await self.go.wait()
        if self.problems:
            raise self.problems.pop(0)
        self.prepared.append(spec)

    def discard(self, _account: str, _region: str, name: str, _version: str, before_generation: int) -> None:
        self.discarded.append((name, before_generation))

    async def provision(self, spec: FunctionSpec, count: int) -> None:
        await self.go.wait()
        if self.problems:
            raise self.problems.pop(0)
        self.kept[spec.name, spec.version] = count

    def release(self, _account: str, _region: str, name: str, version: str) -> None:
        self.kept.pop((name, version), None)

    def provisioned(self, _account: str, _region: str, name: str, version: str) -> int:
        return self.kept.get((name, version), 0)


class World:
    """Lambda's parts, wired as a server wires them."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.store = make_store(None)
        self.environments = FakeEnvironments()
        environments = cast("Environments", self.environments)
        self.directory = FunctionDirectory(self.store)
        self.activation = Activation(
            store=self.store, clock=self.clock, environments=environments, directory=self.directory
        )
        self.directory.wait_for(self.activation)
        self.code_urls = CodeUrls(self.clock)
        concurrency = self.concurrency = Concurrency(120)
        metrics = MetricBuffer(store=self.store, clock=self.clock).sink
        self.provisioning = Provisioning(
            store=self.store, clock=self.clock, environments=environments, concurrency=concurrency
        )
        invoker = Invoker(environments=environments, concurrency=concurrency, metrics=metrics)
        self.deliveries = Deliveries()
        self.events = EventQueue(
            store=self.store,
            clock=self.clock,
            directory=self.directory,
            invoker=invoker,
            concurrency=concurrency,
            metrics=metrics,
            deliveries=self.deliveries,
            policies=EventPolicies((60.0, 120.0)),
        )
        self.service: Service = service(
            Lambda(
                store=self.store,
                clock=self.clock,
                environments=environments,
                directory=self.directory,
                activation=self.activation,
                invoker=invoker,
                metrics=metrics,
                concurrency=concurrency,
                provisioning=self.provisioning,
                events=self.events,
                code_urls=self.code_urls,
                urls=UrlDirectory(self.store),
            )
        )

    async def call(self, operation: str, **params: Any) -> dict[str, Any]:
        """Call an operation as the wire would; its output."""
        return await self.call_as(ACCOUNT, operation, **params)

    async def call_as(self, account: str, operation: str, **params: Any) -> dict[str, Any]:
        """As `call`, for somebody of another account."""
        call = Call(
            account, REGION, "request", "lambda", operation, "key", "http://localhost:4566", "127.0.0.1", "", None
        )
        answer = await self.service.operations[operation](call, params)
        return dict(answer.output if isinstance(answer, Result) else answer)

    async def create(self, name: str = "f", **params: Any) -> dict[str, Any]:
        """CreateFunction's answer, once the function is settled."""
        defaults = {"Runtime": "python3.12", "Handler": "m.h", "Role": ROLE, "Code": {"ZipFile": zipped()}}
        answer = await self.call("CreateFunction", FunctionName=name, **(defaults | params))
        await self.activation.settled(FunctionKey(ACCOUNT, REGION, name))
        return answer
