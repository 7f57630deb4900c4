from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from unit.services.lambda_.world import World

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def world() -> AsyncIterator[World]:
    one = World()
    await one.store.open()
    yield one
    await one.provisioning.stop()
    await one.activation.stop()
    await one.store.close()
