"""What commands print."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.table import Table

from lambent.cli.client import Refused, Unreachable, ask, fetch
from lambent.clock import RealClock

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Query = dict[str, str | int]

_ANSWER_WITHIN_S = 30
"""A server answers after 20 s where nothing comes."""
_AGAIN_S = 1.0


def status(facts: Mapping[str, Any]) -> None:
    """A table of what a server says of itself."""
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows(facts):
        table.add_row(name, value)
    Console(highlight=False, markup=False).print(table)


def logs(at: str, where: Mapping[str, str]) -> None:
    """Log events as they were written, oldest first."""
    position, found = 0, False
    while True:
        page = ask(at, "logs", {**where, "position": position})
        _print(page["events"])
        found = found or bool(page["events"])
        if page["position"] == position:
            break
        position = page["position"]
    if not found:
        typer.echo(f"lambent: nothing was logged to {where['group']} yet", err=True)


def follow(at: str, where: Mapping[str, str]) -> None:
    """As `logs`, and then what comes, until the command is interrupted; a server that goes away is waited for."""
    position = 0
    ask(at, "health")
    while True:
        query: Query = {**where, "position": position, "wait": 1}
        try:
            page = fetch(at, "logs", query, timeout_s=_ANSWER_WITHIN_S)
        except (Unreachable, Refused) as problem:
            typer.echo(f"lambent: the server at {at} is gone ({problem}): waiting for it", err=True)
            if _come_back(at)["ephemeral"]:
                # It has forgotten what it knew, and counts anew.
                position = 0
            continue
        _print(page["events"])
        position = page["position"]


def rows(facts: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Label and text of each fact; those inside others carry the outer label in front."""
    found: list[tuple[str, str]] = []
    for name, value in facts.items():
        label = f"{prefix}{name.replace('_', ' ')}"
        if isinstance(value, dict):
            found.extend(rows(value, f"{label}: "))
        elif isinstance(value, list):
            found.extend(_items(label, value))
        else:
            found.append((label, _text(value)))
    return found


def _items(label: str, values: list[Any]) -> list[tuple[str, str]]:
    """One row for each of several things, the label at the first only."""
    texts = [_text(value) for value in values] or ["none"]
    return [(label if index == 0 else "", text) for index, text in enumerate(texts)]


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name.replace('_', ' ')} {_text(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        return "; ".join(map(_text, value)) or "none"
    if value is None:
        return "not known yet"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _print(events: Iterable[tuple[int, str, str]]) -> None:
    for at_ms, _stream, text in events:
        moment = datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
        typer.echo(f"{moment}Z {text}", nl=not text.endswith("\n"))


def _come_back(at: str) -> dict[str, Any]:
    """What the server says of itself once there is one again."""
    while True:
        asyncio.run(RealClock().sleep(_AGAIN_S))
        with contextlib.suppress(Unreachable, Refused):
            return fetch(at, "health")
