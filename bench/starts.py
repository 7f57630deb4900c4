"""Starts, of servers and of environments; idle memory; and what a thousand functions cost."""

from __future__ import annotations

import statistics
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from bench import memory
from bench.load import Load, by_turns, latency, run
from bench.ours import Lambent, define
from bench.plan import CLIENTS, EVENT
from bench.report import Row, latency_of

if TYPE_CHECKING:
    from pathlib import Path

    from bench.memory import Memory
    from bench.peer import Peer
    from bench.plan import Plan

_NOISE = 1.2
"""Two medians of the same thing differ by up to this factor on a machine that does other things as well."""


class Folders(NamedTuple):
    """Data directories with functions in them."""

    one: Path
    many: Path


def prepare(plan: Plan, tmp: Path) -> Folders:
    """A data directory with one function, and one with many."""
    folders = Folders(tmp / "one" / "data", tmp / "many" / "data")
    names = [f"function-{number}" for number in range(plan.many_functions - 1)]
    for folder, more in ((folders.one, []), (folders.many, names)):
        with Lambent(folder) as server:
            define(server.address, ["echo", *more], "echo")
    return folders


def rows(plan: Plan, folders: Folders) -> list[Row]:
    """Start servers on both directories by turns; memory is taken from the last of each."""
    took: list[list[float]] = [[], []]
    idle: list[Memory | None] = [None, None]
    for number in range(plan.starts):
        for which, folder in enumerate(folders):
            with Lambent(folder) as server:
                took[which].append(server.start_s)
                if number == plan.starts - 1:
                    idle[which] = memory.when_quiet(server.process.pid)
    one_s, many_s = (statistics.median(times) for times in took)
    count = f"{plan.many_functions:,} functions defined"
    return [
        Row(
            "`lambent up` to healthy",
            f"{one_s:.2f} s",
            ratio=f"slowest {max(took[0]):.2f} s",
            target="at most 1 s",
            met=one_s <= 1,
        ),
        _against_one(f"{count}: start-up", f"{many_s:.2f} s", many_s / one_s),
        _memory("idle memory, server, zygote and spares (PSS)", idle[0], "at most 100 MB"),
        _memory(f"{count}: idle memory (PSS)", idle[1], "for information"),
    ]


def calls_with_many(plan: Plan, one: str, many: str) -> Row:
    """Warm calls where one function is defined, and where many are."""
    load = Load(many, ["echo"], EVENT, plan.calls, plan.load_s, warm_up=plan.calls // 10)
    with_many, with_one = by_turns(plan.rounds, latency, load, replace(load, address=one))
    what = f"{plan.many_functions:,} functions defined: warm call, p50"
    return _against_one(what, latency_of(with_many), with_many.p50_ms / with_one.p50_ms)


def cold(plan: Plan, address: str, peer: Peer) -> list[Row]:
    """The first calls of functions that nobody has called: one after the other, and all at once."""
    names = [f"cold-{number}" for number in range(plan.cold_functions)]
    at_once = [f"burst-{number}" for number in range(CLIENTS)]
    define(address, [*names, *at_once], "importing")
    figures = run(Load(address, names, EVENT, calls=len(names), seconds=plan.load_s))
    burst = run(Load(address, at_once, EVENT, calls=len(at_once), seconds=plan.load_s, clients=len(at_once)))
    return [
        Row(
            "cold start with `import boto3`, p50",
            latency_of(figures),
            peer=latency_of(peer.cold, peer.problem),
            ratio="-" if peer.cold is None else f"{figures.p50_ms / peer.cold.p50_ms:.3f}x peer",
            target="at most 15 ms",
            met=figures.p50_ms <= 15,
        ),
        Row(f"{CLIENTS} such cold starts at once, p50", latency_of(burst)),
    ]


def _against_one(what: str, ours: str, ratio: float) -> Row:
    return Row(
        what,
        ours,
        ratio=f"{ratio:.2f}x with one",
        target=f"as with one (at most {_NOISE}x)",
        met=ratio <= _NOISE,
    )


def _memory(what: str, idle: Memory | None, target: str) -> Row:
    if idle is None:
        return Row(what, "cannot be read here", target=target)
    return Row(
        what,
        f"{idle.pss_mb:.0f} MB",
        ratio=f"RSS {idle.rss_mb:.0f} MB, {idle.processes} processes",
        target=target,
        met=idle.pss_mb <= 100 if target.startswith("at most") else None,
    )
