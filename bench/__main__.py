"""`python -m bench`: measure everything, print the table, and say which targets were missed.

The exit status is 0 also where targets are missed, because machines differ; it is 1 where something broke.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from bench import peer, report, starts, warm
from bench.load import ROOT, LoadProblem
from bench.ours import Lambent, define
from bench.peer import Peer
from bench.plan import FULL, QUICK, Plan
from bench.processes import ServerProblem, ServerProcess, python

_OUT = ROOT / "bench" / "out"


def main() -> int:
    """Run the benchmark; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Speed and size, beside a floor and a peer.")
    parser.add_argument("--quick", action="store_true", help="few calls: shows that it works, not how fast it is")
    parser.add_argument("--no-peer", action="store_true", help="leave the peer out: nothing is installed")
    chosen = parser.parse_args()
    plan = QUICK if chosen.quick else FULL
    _OUT.mkdir(exist_ok=True)
    head = report.machine()
    with tempfile.TemporaryDirectory(prefix="lambent-bench-", ignore_cleanup_errors=True) as tmp:
        try:
            rows = measure(plan, Path(tmp), with_peer=not chosen.no_peer)
        except (LoadProblem, ServerProblem) as problem:
            print(f"the benchmark broke: {problem}", file=sys.stderr)
            return 1
    text = "\n\n".join([head, report.table(rows)])
    if not chosen.quick:
        (_OUT / "results.md").write_text(f"{text}\n")
    print("\n".join([text, "", *report.missed(rows)]))
    return 0


def measure(plan: Plan, tmp: Path, *, with_peer: bool) -> list[report.Row]:
    """All rows. Raises LoadProblem, ServerProblem."""
    _say("the peer")
    other = peer.measure(plan, _OUT, tmp) if with_peer else Peer("left out")
    _say("starts")
    folders = starts.prepare(plan, tmp)
    start_rows = starts.rows(plan, folders)
    with (
        ServerProcess(python("-m", "bench.floor"), tmp / "floor.log") as floor,
        Lambent(folders.one) as ours,
    ):
        _say("warm calls")
        define(ours.address, ["failing"], "failing")
        warm_rows = warm.rows(plan, ours.address, floor.announced(), other)
        _say("a server with many functions")
        with Lambent(folders.many) as many:
            many_row = starts.calls_with_many(plan, ours.address, many.address)
        _say("cold starts")
        cold_rows = starts.cold(plan, ours.address, other)
    with ServerProcess(python("-m", "bench.floor", "constant"), tmp / "constant.log") as constant:
        ceiling = warm.ceiling(plan, constant.announced())
    return [*warm_rows, *cold_rows, *start_rows, many_row, ceiling]


def _say(text: str) -> None:
    print(f"measuring: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
