"""Lists in pages: a token is the name behind which the next page begins."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any, TypeVar

from lambent.services.events.refusals import invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lambent.call import Params

T = TypeVar("T")
_USUAL = 100


def page(items: Iterable[T], name: Callable[[T], str], params: Params) -> tuple[list[T], dict[str, Any]]:
    """Some of the items, which come by name, and the member that tells where to go on.

    Raises AwsError ValidationException for a token that was never given.
    """
    count = params.get("Limit") or _USUAL
    token, prefix = params.get("NextToken"), params.get("NamePrefix") or ""
    after = "" if token is None else _read(token)
    found = [item for item in items if name(item) > after and name(item).startswith(prefix)]
    if len(found) <= count:
        return found, {}
    return found[:count], {"NextToken": base64.urlsafe_b64encode(name(found[count - 1]).encode()).decode()}


def check_filters(params: Params, operation: str) -> None:
    """Raises AwsError ValidationException for more than one filter of archives and replays at once."""
    if sum(params.get(name) is not None for name in ("State", "EventSourceArn", "NamePrefix")) > 1:
        raise invalid(
            f"At most one filter is allowed for {operation}. Use either : State, EventSourceArn, or NamePrefix."
        )


def _read(token: str) -> str:
    try:
        return base64.b64decode(token, altchars="-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise invalid("NextToken is not valid.") from None
