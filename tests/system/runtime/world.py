"""Execution environments of real processes, driven without a server around them."""

from __future__ import annotations

import asyncio
import io
import json
import sys
import uuid
import zipfile
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lambent.clock import RealClock
from lambent.runtime.environments import Environments, RuntimeOptions
from lambent.runtime.spec import FunctionSpec, Invocation

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from pathlib import Path

    from lambent.clock import Clock
    from lambent.runtime.spec import Outcome

RUNTIME = f"python3.{sys.version_info.minor}"
ECHO = "def handler(event, context):\n    return event\n"
_PATIENCE_S = 30.0


class Sink:
    """Keeps what functions log, by log group, and tells whoever waits for a line."""

    def __init__(self) -> None:
        self.events: dict[str, list[str]] = {}
        self.streams: dict[str, set[str]] = {}
        self._something = asyncio.Event()

    def append(self, account: str, region: str, group: str, stream: str, events: Sequence[tuple[int, str]]) -> None:
        self.events.setdefault(group, []).extend(text for _, text in events)
        self.streams.setdefault(group, set()).add(stream)
        self._something.set()

    async def until(self, spec: FunctionSpec, found: Callable[[list[str]], bool]) -> list[str]:
        """Wait until a function has logged what is looked for; all that it has logged."""
        while not found(self.events.get(spec.log_group, [])):
            self._something.clear()
            await asyncio.wait_for(self._something.wait(), _PATIENCE_S)
        return self.events[spec.log_group]

    async def line(self, spec: FunctionSpec, line: str, count: int = 1) -> list[str]:
        """Wait until a function has logged a line, so many times; all that it has logged."""
        return await self.until(spec, lambda events: events.count(line) >= count)


class World:
    """Environments and the functions that run in them."""

    def __init__(self, run_dir: Path, clock: Clock, options: RuntimeOptions, sink: Sink | None = None) -> None:
        self.clock = clock
        self.sink = sink or Sink()
        self.run_dir = run_dir
        self.packages: dict[str, bytes] = {}
        self.environments = Environments(
            clock=clock,
            run_dir=run_dir,
            fetch_code=self._fetch,
            logs=self.sink,
            endpoint="http://127.0.0.1:1",
            options=options,
        )

    @property
    def mode(self) -> str:
        """`root`, `user` or `plain`."""
        return str(self.environments.describe()["isolation"]["mode"])

    @property
    def zygotes(self) -> list[int]:
        """The process ids of the zygotes."""
        return [zygote["pid"] for zygote in self.environments.describe()["zygotes"]]

    def function(self, code: str | bytes, **changes: Any) -> FunctionSpec:
        """A function of its own."""
        name = f"f{len(self.packages)}"
        self.packages[name] = code if isinstance(code, bytes) else zipped({"m.py": code})
        spec = FunctionSpec(
            account="000000000000",
            region="us-east-1",
            name=name,
            version="$LATEST",
            generation=1,
            runtime=RUNTIME,
            handler="m.handler",
            timeout_s=20,
            memory_mb=256,
            tmp_mb=64,
            variables={},
            code_key=name,
            log_group=f"/aws/lambda/{name}",
            arn=f"arn:aws:lambda:us-east-1:000000000000:function:{name}",
            role="arn:aws:iam::000000000000:role/r",
        )
        return replace(spec, **changes)

    async def call(self, spec: FunctionSpec, event: Any = None, **more: Any) -> Outcome:
        """One call."""
        invocation = Invocation(str(uuid.uuid4()), json.dumps(event).encode(), spec.arn)
        return await self.environments.invoke(spec, invocation._replace(**more))

    async def result(self, spec: FunctionSpec, event: Any = None, **more: Any) -> Any:
        """What one call returns, which must succeed."""
        outcome = await self.call(spec, event, **more)
        assert outcome.status == "success", outcome
        assert not outcome.error
        return json.loads(outcome.payload)

    async def error(self, spec: FunctionSpec, event: Any = None, **more: Any) -> dict[str, Any]:
        """What one call fails with."""
        outcome = await self.call(spec, event, **more)
        assert outcome.error, outcome
        payload: dict[str, Any] = json.loads(outcome.payload)
        return payload

    def log(self, spec: FunctionSpec) -> list[str]:
        """What a function has logged up to now."""
        return self.sink.events.get(spec.log_group, [])

    async def _fetch(self, key: str) -> bytes:
        return self.packages[key]


@asynccontextmanager
async def running(
    run_dir: Path, clock: Clock | None = None, *, sink: Sink | None = None, prewarm: Sequence[str] = (), **options: Any
) -> AsyncIterator[World]:
    """A world, from its start to its end."""
    world = World(run_dir, clock or RealClock(), RuntimeOptions(**options), sink)
    await world.environments.start(prewarm)
    try:
        yield world
    finally:
        await world.environments.stop(0)


def zipped(files: dict[str, str | bytes], *, mode: int = 0o644) -> bytes:
    """A deployment package, its files with these permissions."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name)
            entry.create_system, entry.external_attr = 3, mode << 16
            archive.writestr(entry, content)
    return out.getvalue()
