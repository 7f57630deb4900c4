"""Lists in pages: a token is the name behind which the next page begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from lambent.services.events import paging

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lambent.call import Params

T = TypeVar("T")


def page(items: Iterable[T], name: Callable[[T], str], params: Params) -> tuple[list[T], dict[str, Any]]:
    """Some of the items, which come by name, and the member that tells where to go on."""
    return paging.page(items, name, {"Limit": params.get("MaxResults"), "NextToken": params.get("NextToken")})
