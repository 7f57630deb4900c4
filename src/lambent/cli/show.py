"""What commands print."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.table import Table

from lambent.cli.client import ask

if TYPE_CHECKING:
    from collections.abc import Mapping

_WAIT_S = 20


def status(facts: Mapping[str, Any]) -> None:
    """A table of what a server says of itself."""
    table = Table(show_header=False, box=None, pad_edge=False)
    for name, value in _rows(facts):
        table.add_row(name, value)
    Console().print(table)


def logs(at: str, where: Mapping[str, str], *, follow: bool) -> None:
    """Log events as they were written, oldest first; with `follow` without an end."""
    position = 0
    while True:
        query: dict[str, str | int] = {**where, "position": position}
        if follow:
            query["wait"] = 1
        page = ask(at, "logs", query, timeout_s=_WAIT_S + 10)
        position = page["position"]
        for at_ms, _stream, text in page["events"]:
            moment = datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
            typer.echo(f"{moment}Z {text}", nl=not text.endswith("\n"))
        if not page["events"] and not follow:
            return


def _rows(facts: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for name, value in facts.items():
        label = f"{prefix}{name.replace('_', ' ')}"
        if isinstance(value, dict):
            rows.extend(_rows(value, f"{label}: "))
        elif isinstance(value, list):
            rows.append((label, ", ".join(map(str, value)) or "none"))
        else:
            rows.append((label, str(value)))
    return rows
