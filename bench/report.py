"""The table: what was measured, beside what, and whether it is enough."""

from __future__ import annotations

import os
import platform
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bench.load import Figures

_HEAD = ("what", "ours", "floor", "peer", "ratio", "target", "met?")
_NONE = "-"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `met` is None where there is no target, or no figure to hold against it."""

    what: str
    ours: str
    floor: str = _NONE
    peer: str = _NONE
    ratio: str = _NONE
    target: str = "for information"
    met: bool | None = None

    def cells(self) -> tuple[str, ...]:
        """The texts of its columns."""
        met = {True: "yes", False: "NO", None: _NONE}[self.met]
        return (self.what, self.ours, self.floor, self.peer, self.ratio, self.target, met)


def ms(value: float) -> str:
    """Milliseconds."""
    return f"{value:.2f} ms" if value < 10 else f"{value:.1f} ms"


def latency_of(figures: Figures | None, problem: str = _NONE) -> str:
    """Median and 99th percentile; `problem` where there is no figure."""
    return problem if figures is None else f"{ms(figures.p50_ms)} (p99 {ms(figures.p99_ms)})"


def rate_of(figures: Figures | None, problem: str = _NONE) -> str:
    """Throughput; `problem` where there is no figure."""
    return problem if figures is None else f"{figures.per_s:,.0f}/s"


def table(rows: Iterable[Row]) -> str:
    """The rows as a table that reads as text and as Markdown."""
    lines = [_HEAD, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEAD))]
    text = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    ]
    text.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(text)


def missed(rows: Sequence[Row]) -> list[str]:
    """A line for each target that was not reached."""
    return [f"missed: {row.what}: {row.ours} ({row.ratio}); target: {row.target}" for row in rows if row.met is False]


def machine() -> str:
    """When and on what this was measured."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        names = [
            line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")
        ]
        cpu = names[0] if names else cpu
    load = f", load before the run {os.getloadavg()[0]:.1f}"
    return (
        f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores ({cpu}), {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}{load}"
    )
