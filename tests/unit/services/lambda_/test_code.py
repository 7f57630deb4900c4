"""Deployment packages as they come, before anything of them is kept."""

from __future__ import annotations

import asyncio
import io
import zipfile

from eventloop import turns
from lambent.services.lambda_.code import measure


async def test_a_small_package_that_unpacks_to_much_holds_up_nobody() -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(32_000_000))
    assert len(bomb.getvalue()) < 64_000

    measured = asyncio.create_task(measure(bomb.getvalue()))
    count = 0
    while not measured.done():
        await turns(1)
        count += 1

    assert measured.result()[1] == 32_000_000
    assert count > 10
