"""Every driver of the store; each test of this folder holds all of them to the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.store.things import TABLE
from lambent.store import Store, make_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture(params=["sqlite on disk", "sqlite in memory"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """An open store with a table `things`."""
    one = make_store(tmp_path / "data" if request.param == "sqlite on disk" else None)
    await one.open()
    await one.write(lambda tx: tx.execute(TABLE, {}))
    yield one
    await one.close()
