"""What the operations of Lambda work with."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lambent.clock import Clock
    from lambent.invoke.concurrency import Concurrency
    from lambent.invoke.synchronous import Invoker
    from lambent.runtime.environments import Environments
    from lambent.services.lambda_.activation import Activation
    from lambent.services.lambda_.code_urls import CodeUrls
    from lambent.services.lambda_.directory import FunctionDirectory
    from lambent.services.lambda_.record import FunctionKey
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
    code_urls: CodeUrls
    _changes: count[int] = field(default_factory=count)

    def now_ms(self) -> int:
        """Milliseconds since the epoch."""
        return int(self.clock.time() * 1000)

    def new_generation(self) -> int:
        """A number above all that were given before, by an earlier start of the server too."""
        return (self.now_ms() << 20) + next(self._changes)

    def gone(self, key: FunctionKey) -> None:
        """A function was deleted: nothing may find it, and its environments end after their calls."""
        self.directory.forget(key)
        self.environments.discard(*key, before_generation=self.new_generation())


def new_revision() -> str:
    """A RevisionId."""
    return str(uuid.uuid4())
