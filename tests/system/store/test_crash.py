"""`kill -9` at any moment: what was acknowledged is there, and of nothing else a half."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import select
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lambent.store import make_store
from system.store.acknowledging_writer import PARTS, content

if TYPE_CHECKING:
    from lambent.store import Row, Store

WRITER = Path(__file__).with_name("acknowledging_writer.py")
HANGS_AFTER_S = 60


@pytest.mark.parametrize("seed", [1])
def test_what_was_acknowledged_outlives_a_kill(tmp_path: Path, seed: int) -> None:
    run(tmp_path / "data", kills=8, seed=seed)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(4))
def test_what_was_acknowledged_outlives_hundreds_of_kills(tmp_path: Path, seed: int) -> None:
    run(tmp_path / "data", kills=100, seed=seed)


def run(data_dir: Path, *, kills: int, seed: int) -> None:
    """Kill writers one after the other, all on the same data, and look at it after each."""
    dice = random.Random(seed)
    acknowledged: list[str] = []
    for round_ in range(kills):
        new = killed(data_dir, f"{seed}-{round_}", dice)
        acknowledged += new
        asyncio.run(check(data_dir, acknowledged, whole=new))
        check_blobs(data_dir)
    assert len(acknowledged) > 5 * kills
    asyncio.run(check(data_dir, acknowledged, whole=acknowledged))


def killed(data_dir: Path, round_: str, dice: random.Random) -> list[str]:
    """What a writer acknowledged before it was killed, at a moment that the dice choose."""
    command = [sys.executable, str(WRITER), str(data_dir), round_]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        said = b""
        until = dice.choice([0, 1, 2, 10, 50, 150])
        while said.count(b"\n") < until:
            ready, _, _ = select.select([process.stdout], [], [], HANGS_AFTER_S)
            piece = os.read(process.stdout.fileno(), 65536) if ready else b""
            if not piece:
                process.kill()
                raise AssertionError("the writer ended by itself, or hangs")
            said += piece
        # With nothing to wait for, the kill is to hit the start: opening, migrations, recovery.
        spin(dice.randrange(100_000 if until else 10_000_000))
        process.kill()
        said += process.stdout.read()
    return said.decode().splitlines()


def spin(turns: int) -> None:
    """Let a moment go by that is as long as the dice said, and no round number of anything."""
    for _ in range(turns):
        pass


async def check(data_dir: Path, acknowledged: list[str], *, whole: list[str]) -> None:
    """Look at everything that is there. whole: transactions whose blobs are compared with what was put."""
    store = make_store(data_dir)
    await store.open()
    try:
        found, total = await read(store)
        missing = [name for name in acknowledged if name not in found]
        assert missing == []
        assert {row["parts"] for row in found.values()} <= {PARTS}
        assert total == len(found)
        for name in whole:
            assert await store.blobs.get(found[name]["blob"]) == content(name)
        for row in found.values():
            assert await store.blobs.find(row["blob"]) is not None
    finally:
        await store.close()


def check_blobs(data_dir: Path) -> None:
    """Under its name a blob is whole, or not at all: whoever puts the same bytes again is told that they are there."""
    for file in data_dir.glob("blobs/??/*"):
        assert file.name == hashlib.sha256(file.read_bytes()).hexdigest()


async def read(store: Store) -> tuple[dict[str, Row], int]:
    """All transactions by name, and how many there are to be."""
    if await store.read(lambda tx: tx.one("SELECT 1 FROM sqlite_master WHERE name = 'totals'", {})) is None:
        return {}, 0
    sql = "SELECT name, min(blob) AS blob, count(DISTINCT part) AS parts FROM parts GROUP BY name"
    rows = await store.read(lambda tx: tx.all(sql, {}))
    total = await store.read(lambda tx: tx.one("SELECT transactions FROM totals", {}))
    assert total is not None
    return {row["name"]: row for row in rows}, total["transactions"]
