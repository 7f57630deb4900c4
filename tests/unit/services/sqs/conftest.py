from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lambent.store import make_store
from unit.services.sqs.world import World

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """SQS without queues."""
    store = make_store(None)
    await store.open()
    yield World(store)
    await store.close()
