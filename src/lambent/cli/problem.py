"""Errors of the command line: one line that says what to do."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import typer

from lambent.settings import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator


def fail(text: str, status: int = 1) -> NoReturn:
    """End the command with one line on standard error."""
    typer.echo(f"lambent: {text}", err=True)
    raise typer.Exit(status)


@contextmanager
def usable_settings() -> Iterator[None]:
    """Turn settings that cannot be used into one line."""
    try:
        yield
    except SettingsError as problem:
        fail(str(problem), 2)
