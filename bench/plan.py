"""How much is measured: all of it, or just enough to see that the benchmark works."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """Counts and bounds of one run. What is compared is measured by turns, `rounds` times, and the median is taken."""

    rounds: int
    calls: int
    """Calls of one client, in a round."""
    crowd_calls: int
    """Calls of all clients together, in a round."""
    large_calls: int
    """Calls with a payload of some megabytes, in a round."""
    starts: int
    cold_functions: int
    many_functions: int
    peer_calls: int
    load_s: float
    """The longest that one load may go on, however few calls it has done."""


FULL = Plan(
    rounds=3,
    calls=4_000,
    crowd_calls=30_000,
    large_calls=40,
    starts=5,
    cold_functions=60,
    many_functions=1_000,
    peer_calls=600,
    load_s=10.0,
)
QUICK = Plan(
    rounds=1,
    calls=200,
    crowd_calls=1_000,
    large_calls=3,
    starts=1,
    cold_functions=5,
    many_functions=30,
    peer_calls=60,
    load_s=3.0,
)

CLIENTS = 32
EVENT = '{"name": "Lambent", "n": 1}'
