"""The paths that InputPath and InputPathsMap have: `$`, `.name`, `['name']`, `[0]`, `[*]`. Pure."""

from __future__ import annotations

import re
from typing import Any

MISSING: Any = object()
_STEP = re.compile(r"\.([^.\[\]\s'\"]+)|\['([^']+)'\]|\[\"([^\"]+)\"\]|\[([0-9]{1,6}|\*)\]")


def parse_path(text: str) -> list[str | int] | None:
    """A path's steps: names, indices, `[*]` as -1. None for what is no path."""
    if not text.startswith("$"):
        return None
    steps: list[str | int] = []
    at = 1
    while at < len(text):
        found = _STEP.match(text, at)
        if found is None:
            return None
        index = found[4]
        if index is None:
            steps.append(found[1] or found[2] or found[3])
        else:
            steps.append(-1 if index == "*" else int(index))
        at = found.end()
    return steps


def at_path(document: Any, text: str) -> Any:
    """What stands there; MISSING where nothing does. Behind `[*]` it is a list of what each member has."""
    steps = parse_path(text)
    return MISSING if steps is None else _follow(document, steps)


def _follow(value: Any, steps: list[str | int]) -> Any:
    for number, step in enumerate(steps):
        if step == -1:
            if not isinstance(value, list):
                return MISSING
            found = [_follow(one, steps[number + 1 :]) for one in value]
            return [one for one in found if one is not MISSING]
        if isinstance(step, str):
            if not isinstance(value, dict) or step not in value:
                return MISSING
            value = value[step]
        elif not isinstance(value, list) or step >= len(value):
            return MISSING
        else:
            value = value[step]
    return value
