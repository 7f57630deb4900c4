from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lambent.store import make_store
from unit.services.events.world import World

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """EventBridge, empty."""
    store = make_store(None)
    await store.open()
    await store.write(lambda tx: tx.execute("CREATE TABLE taken (number INTEGER PRIMARY KEY)", {}))
    yield World(store)
    await store.close()
