"""JSON that customers put into attributes, and what AWS says of JSON that is none. Pure.

Source: recorded answers; AWS reads JSON with Jackson, whose sentences it hands on.
"""

from __future__ import annotations

import json
import re
from typing import Any

_SOURCE = "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: {}, column: {}]"
_NO_FIELD = re.compile(r"\s*\{\s*([^\s\"}])")


class Malformed(Exception):  # noqa: N818  an answer, not an accident
    """No JSON object; the text is what AWS says behind the attribute's name."""


def parse_object(text: str) -> dict[str, Any]:
    """The JSON object in a text. Raises Malformed."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise Malformed(f"failed to parse JSON.{_why(text)}") from None
    if not isinstance(found, dict):
        raise Malformed("failed to parse JSON.")
    return found


def _why(text: str) -> str:
    """Jackson's words where the first field has no quotes, the mistake that people make."""
    found = _NO_FIELD.match(text)
    if found is None:
        return ""
    before = text[: found.start(1)]
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    char = found[1]
    return (
        f" Unexpected character ('{char}' (code {ord(char)})): was expecting double-quote to start field name\n"
        f" at {_SOURCE.format(line, column)}"
    )
