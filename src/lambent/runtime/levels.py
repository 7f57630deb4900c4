"""How much a log line matters, and whether a function wants to keep it. Pure; imports nothing of Lambent.

Source: developer guide, "Log-level filtering".
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable

_RANKS = {
    "TRACE": 0,
    "DEBUG": 1,
    "INFO": 2,
    "WARN": 3,
    "WARNING": 3,
    "ERROR": 4,
    "FATAL": 5,
    "CRITICAL": 5,
}
_TIMES = ("timestamp", "time")


def reaches(level: str, least: str) -> bool:
    """Whether a line of this level is kept where this is the least that is."""
    return _RANKS[level] >= _RANKS[least]


def keeper(least: str) -> Callable[[str], bool]:
    """Tells of a line that a function printed whether it is kept."""
    return lambda line: reaches(level_of(line), least)


def level_of(line: str) -> str:
    """The level of a printed line: what an object with a level and a time says of itself, and INFO for all others."""
    if not line.startswith("{"):
        return "INFO"
    try:
        said = orjson.loads(line)
    except orjson.JSONDecodeError:
        return "INFO"
    level = said.get("level")
    known = isinstance(level, str) and level.upper() in _RANKS and any(_is_time(said.get(name)) for name in _TIMES)
    return level.upper() if known else "INFO"


def _is_time(value: Any) -> bool:
    """Whether it is a time in the form of RFC 3339."""
    if not isinstance(value, str) or "T" not in value:
        return False
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False
