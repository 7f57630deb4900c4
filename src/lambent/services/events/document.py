"""JSON as EventBridge reads and writes it: exact numbers, no spaces, nothing that is not text. Pure."""

from __future__ import annotations

import json
from typing import Any, NamedTuple


class Read(NamedTuple):
    """A document that was read; its value may be None."""

    value: Any


def read_json(text: str) -> Read | None:
    """None for what is no JSON, or cannot be kept as UTF-8."""
    try:
        value = json.loads(text, parse_constant=_refuse)
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return Read(value)


def read_object(text: str) -> dict[str, Any] | None:
    """None for what is no JSON object."""
    found = read_json(text)
    return found.value if found is not None and isinstance(found.value, dict) else None


def compact(value: Any) -> str:
    """JSON without spaces."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")
