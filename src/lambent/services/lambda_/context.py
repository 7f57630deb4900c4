"""What the operations of Lambda work with."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lambent.clock import Clock
    from lambent.invoke.concurrency import Concurrency
    from lambent.invoke.event_queue import EventQueue
    from lambent.invoke.synchronous import Invoker
    from lambent.metrics import MetricSink
    from lambent.runtime.environments import Environments
    from lambent.services.lambda_.activation import Activation
    from lambent.services.lambda_.code_urls import CodeUrls
    from lambent.services.lambda_.directory import FunctionDirectory
    from lambent.services.lambda_.provisioning import Provisioning
    from lambent.services.lambda_.record import FunctionKey
    from lambent.services.lambda_.urls.directory import UrlDirectory
    from lambent.store import Store


@dataclass(frozen=True, slots=True)
class Lambda:
    """The parts that the composition root wires together."""

    store: Store
    clock: Clock
    environments: Environments
    directory: FunctionDirectory
    activation: Activation
    invoker: Invoker
    concurrency: Concurrency
    provisioning: Provisioning
    events: EventQueue
    metrics: MetricSink
    code_urls: CodeUrls
    urls: UrlDirectory
    _changes: count[int] = field(default_factory=count)

    def now_ms(self) -> int:
        """Milliseconds since the epoch."""
        return int(self.clock.time() * 1000)

    def new_generation(self) -> int:
        """A number above all that were given before, by an earlier start of the server too."""
        return (self.now_ms() << 20) + next(self._changes)

    async def gone(self, function: FunctionKey, versions: Iterable[FunctionKey]) -> None:
        """Versions were deleted, with the function or alone: nothing finds them, their environments end after calls."""
        for key in versions:
            self.directory.forget(key)
            self.environments.discard(*key, before_generation=self.new_generation())
        await self.attachments_changed(function)

    async def attachments_changed(self, function: FunctionKey) -> None:
        """Something may have gone that was attached to the function, a version or an alias."""
        self.directory.forget_policies(function)
        self.urls.forget(function.account, function.region, function.name)
        await self.provisioning.settle(function)


def new_revision() -> str:
    """A RevisionId."""
    return str(uuid.uuid4())
