"""Warm calls: small, many at once, failing, large."""

from __future__ import annotations

import json
import statistics
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from bench.load import Load, by_turns, latency, run, throughput
from bench.ours import client_of
from bench.plan import CLIENTS, EVENT
from bench.report import Row, latency_of, ms, rate_of

if TYPE_CHECKING:
    from bench.peer import Peer
    from bench.plan import Plan

_BOTO3_CALLS = 300
_FAILURE = '{"errorMessage": "no", "errorType": "ValueError"'
_MB = 1 << 20


def rows(plan: Plan, ours: str, floor: str, peer: Peer) -> list[Row]:
    """Measure warm calls at two addresses, where the functions `echo` and `failing` are."""
    return [
        _one_client(plan, ours, floor, peer),
        *_crowd(plan, ours, floor, peer),
        _failing(plan, ours),
        *(_large(plan, ours, floor, size_mb) for size_mb in (1, 6)),
        _boto3(plan, ours),
    ]


def ceiling(plan: Plan, constant: str) -> Row:
    """What the generator can do against a server that has nothing to do."""
    load = Load(constant, ["echo"], EVENT, 3 * plan.crowd_calls, plan.load_s, CLIENTS, warm_up=CLIENTS)
    return Row("the load generator alone", "-", rate_of(run(load)))


def _one_client(plan: Plan, ours: str, floor: str, peer: Peer) -> Row:
    load = Load(ours, ["echo"], EVENT, plan.calls, plan.load_s, warm_up=plan.calls // 10)
    mine, best = by_turns(plan.rounds, latency, load, replace(load, address=floor))
    ratio = mine.p50_ms / best.p50_ms
    return Row(
        "warm call, one client, p50",
        latency_of(mine),
        latency_of(best),
        latency_of(peer.one, peer.problem),
        f"{ratio:.2f}x floor",
        "at most 0.5 ms and 3x floor",
        mine.p50_ms <= 0.5 and ratio <= 3,
    )


def _crowd(plan: Plan, ours: str, floor: str, peer: Peer) -> list[Row]:
    load = Load(ours, ["echo"], EVENT, plan.crowd_calls, plan.load_s, CLIENTS, warm_up=plan.crowd_calls // 10)
    mine, best = by_turns(plan.rounds, throughput, load, replace(load, address=floor))
    of_floor = mine.per_s / best.per_s
    of_peer = None if peer.crowd is None else mine.per_s / peer.crowd.per_s
    what = f"warm calls, {CLIENTS} clients"
    return [
        Row(
            what,
            rate_of(mine),
            rate_of(best),
            rate_of(peer.crowd, peer.problem),
            f"{of_floor:.2f} of floor",
            "at least 0.5 of floor",
            of_floor >= 0.5,
        ),
        Row(
            f"{what}, beside the peer",
            rate_of(mine),
            peer=rate_of(peer.crowd, peer.problem),
            ratio="-" if of_peer is None else f"{of_peer:.1f}x peer",
            target="at least 30x peer",
            met=None if of_peer is None else of_peer >= 30,
        ),
        Row(
            f"{what}, p50",
            latency_of(mine),
            latency_of(best),
            latency_of(peer.crowd, peer.problem),
            f"{mine.p50_ms / best.p50_ms:.2f}x floor",
        ),
    ]


def _failing(plan: Plan, ours: str) -> Row:
    good = Load(ours, ["echo"], EVENT, plan.crowd_calls, plan.load_s, CLIENTS, warm_up=plan.crowd_calls // 10)
    bad = replace(good, functions=["failing"], answer=_FAILURE)
    failing, succeeding = by_turns(plan.rounds, throughput, bad, good)
    ratio = failing.per_s / succeeding.per_s
    return Row(
        f"failing calls (exception), {CLIENTS} clients",
        rate_of(failing),
        ratio=f"{ratio:.2f} of {rate_of(succeeding)} that succeed",
        target="at least 0.7 of calls that succeed",
        met=ratio >= 0.7,
    )


def _large(plan: Plan, ours: str, floor: str, size_mb: int) -> Row:
    event = json.dumps("x" * (size_mb * _MB - 2))
    load = Load(ours, ["echo"], event, plan.large_calls, plan.load_s, warm_up=3)
    mine, best = by_turns(plan.rounds, latency, load, replace(load, address=floor))
    ratio = mine.p50_ms / best.p50_ms
    return Row(
        f"{size_mb} MB there and back, p50",
        latency_of(mine),
        latency_of(best),
        ratio=f"{ratio:.2f}x floor",
        target="at most 3x floor",
        met=ratio <= 3,
    )


def _boto3(plan: Plan, ours: str) -> Row:
    client = client_of(ours)
    took = []
    for _ in range(min(_BOTO3_CALLS, plan.calls)):
        began = time.perf_counter()
        client.invoke(FunctionName="echo", Payload=EVENT)["Payload"].read()
        took.append((time.perf_counter() - began) * 1000)
    return Row("warm call through boto3, its own time included, p50", ms(statistics.median(took)))
