"""Lists in pages: at most so many at once, and a marker to go on from.

A marker is the key behind which the next page begins, so that what comes and goes meanwhile shifts nothing.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, TypeVar

from lambent.services.lambda_.refusals import invalid_parameter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lambent.call import Params

T = TypeVar("T")

_MOST = 50
_BETWEEN = "\n"
"""Stands in no name, version or ARN."""


def size(params: Params) -> int:
    """How many a page may have."""
    return min(params.get("MaxItems") or _MOST, _MOST)


def after(params: Params, parts: int = 1) -> list[str]:
    """The key behind which a page begins, of so many parts; all are empty for the first page.

    Raises AwsError InvalidParameterValueException for a marker that was never given.
    """
    marker = params.get("Marker")
    if not marker:
        return [""] * parts
    try:
        key = base64.b64decode(marker, validate=True).decode().split(_BETWEEN)
    except ValueError:
        # Not ASCII, not base64, or not UTF-8.
        key = []
    if len(key) != parts:
        raise invalid_parameter("Invalid marker.")
    return key


def cut(items: Sequence[T], params: Params, key: Callable[[T], Sequence[str]]) -> tuple[Sequence[T], dict[str, str]]:
    """A page of what was read, one item more than it holds where there is one, and the NextMarker where more come."""
    count = size(params)
    if len(items) <= count:
        return items, {}
    marker = _BETWEEN.join(key(items[count - 1]))
    return items[:count], {"NextMarker": base64.b64encode(marker.encode()).decode()}
