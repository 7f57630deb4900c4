"""Lists in pages: at most MaxItems at once, a hundred where nobody asks, and a Marker to go on from.

A marker is the key behind which the next page begins, so that what comes and goes meanwhile shifts nothing.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any, TypeVar

from lambent.services.iam.refusals import invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from lambent.call import Params

T = TypeVar("T")

_USUAL = 100


def after(params: Params) -> str:
    """The key behind which a page begins. Raises AwsError ValidationError for a marker that was never given."""
    marker = params.get("Marker")
    if not marker:
        return ""
    try:
        return base64.b64decode(marker, altchars="-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise invalid("Invalid Marker.") from None


def most(params: Params) -> int:
    """How many a page may have."""
    return int(params.get("MaxItems") or _USUAL)


def cut(items: Sequence[T], key: Callable[[T], str], params: Params) -> tuple[Sequence[T], dict[str, Any]]:
    """A page of items that begin where it begins, by their keys, and the members that tell whether more come."""
    count = most(params)
    if len(items) <= count:
        return items, {"IsTruncated": False}
    marker = base64.urlsafe_b64encode(key(items[count - 1]).encode()).decode()
    return items[:count], {"IsTruncated": True, "Marker": marker}


def page(items: Iterable[T], key: Callable[[T], str], params: Params) -> tuple[Sequence[T], dict[str, Any]]:
    """A page of all items, in whatever order they come, and the members that tell whether more come."""
    start = after(params)
    return cut(sorted((item for item in items if key(item) > start), key=key), key, params)
