"""Worlds for the tests of the runtime: with as much isolation as the machine gives, and with none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
import uvloop

from lambent.clock import VirtualClock
from system.runtime.world import running

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Callable, Mapping

    from system.runtime.world import World

MODES = ["auto", "none"]


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Servers run on uvloop; the standard loop is there for who asks for it."""
    return {"uvloop": uvloop.new_event_loop}


@pytest_asyncio.fixture(scope="session", loop_scope="session", params=MODES)
async def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A world for all tests that can share one."""
    async with running(tmp_path_factory.mktemp("world") / "run", isolation=request.param) as one:
        yield one


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def confined(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A world whose functions are kept apart from everything."""
    async with running(tmp_path_factory.mktemp("confined") / "run") as one:
        if one.mode == "plain":
            pytest.skip(f"no isolation on this machine: {one.environments.describe()['isolation']['reasons']}")
        yield one


@pytest_asyncio.fixture(scope="session", loop_scope="session", params=MODES)
async def still(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Any]:
    """A world and its clock, which stands still until a test moves it."""
    clock = VirtualClock()
    async with running(tmp_path_factory.mktemp("still") / "run", clock, isolation=request.param) as one:
        yield one, clock
