"""Lists of queues in pages: as many as MaxResults says, and a NextToken to go on from.

A token is the name behind which the next page begins, so that what comes and goes meanwhile shifts nothing. As on AWS,
only who asks for pages gets them; everybody else gets up to a thousand.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from lambent.services.sqs.refusals import invalid, invalid_value

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lambent.call import Params

T = TypeVar("T")

_MOST = 1000


class Page(NamedTuple):
    """Where a page begins, and how long it may be."""

    after: str
    size: int
    is_paged: bool

    def cut(self, items: Sequence[T], name: Callable[[T], str]) -> tuple[Sequence[T], dict[str, str]]:
        """A page of items that begin where it begins, and the token of the next where more come."""
        shown = items[: self.size]
        if len(items) <= self.size or not self.is_paged:
            return shown, {}
        return shown, {"NextToken": base64.urlsafe_b64encode(name(shown[-1]).encode()).decode()}


def page_of(params: Params) -> Page:
    """The page that a call asks for. Raises AwsError InvalidParameterValue."""
    size, token = params.get("MaxResults"), params.get("NextToken")
    if size is not None and not 1 <= size <= _MOST:
        raise invalid_value(size, "MaxResults", "Must be between 1 and 1000, if provided.")
    try:
        after = base64.b64decode(token, altchars="-_", validate=True).decode() if token else ""
    except (binascii.Error, ValueError):
        raise invalid("Invalid or expired next token.") from None
    return Page(after, size or _MOST, size is not None)
