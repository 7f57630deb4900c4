"""How often a function was come to in one chain of events, as the trace header tells it; loops are found by it. Pure.

    X-Amzn-Trace-Id: Root=…;Parent=…;Sampled=0;Lineage=1:25ae026e:3|1:9b0c5d21:0

Each entry names a function by a mark, and counts how often the chain has come back to it. The header travels with calls
and messages by itself: AWS's SDKs send on what a function was given, queues and topics keep it.
Source: developer guide, "Lambda recursive loop detection"; the form of the entries is as observed.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

MOST = 16
"""Calls of a function in one chain; the next one is a loop."""
_ENTRIES = 32
"""Functions that one chain remembers, so that a header has a bound."""
_PART = "Lineage="


@lru_cache(maxsize=4096)
def mark(arn: str) -> str:
    """What stands for a function: eight hexadecimal digits. arn: without a qualifier."""
    return hashlib.sha256(arn.encode()).hexdigest()[:8]


def entered(header: str, arn: str) -> str:
    """The header behind a call of this function, which came with `header`."""
    parts = [part for part in header.split(";") if part and not part.startswith(_PART)]
    counts = _counts(header)
    own = mark(arn)
    again = counts.pop(own, -1) + 1
    entries = [f"1:{one}:{count}" for one, count in [*list(counts.items())[-_ENTRIES + 1 :], (own, again)]]
    return ";".join([*parts, _PART + "|".join(entries)])


def is_loop(header: str | None, arn: str) -> bool:
    """Whether a call that `entered` has marked in this header is one too many."""
    return header is not None and _counts(header).get(mark(arn), 0) >= MOST


def _counts(header: str) -> dict[str, int]:
    """How often the chain came back, by mark; what cannot be read counts nothing."""
    found: dict[str, int] = {}
    for part in header.split(";"):
        if not part.startswith(_PART):
            continue
        for entry in part[len(_PART) :].split("|"):
            _, _, rest = entry.partition(":")
            name, _, count = rest.partition(":")
            if name and count.isascii() and count.isdigit() and len(count) < 6:
                found[name] = int(count)
    return found
