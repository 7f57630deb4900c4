"""Lists in pages of a hundred; a token is the ARN behind which the next page begins, so that changes shift nothing."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from lambent.services.sns.refusals import invalid

if TYPE_CHECKING:
    from collections.abc import Sequence

PAGE = 100


class HasArn(Protocol):
    """What lists are made of."""

    @property
    def arn(self) -> str: ...


T = TypeVar("T", bound=HasArn)


def after(token: str | None) -> str:
    """The ARN behind which a page begins. Raises AwsError InvalidParameter for a token that was never given."""
    if not token:
        return ""
    try:
        return base64.b64decode(token, altchars="-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise invalid("NextToken") from None


def cut(found: Sequence[T], member: str = "NextToken") -> tuple[Sequence[T], dict[str, Any]]:
    """A page of what was found with one more than a page has, and the member that tells whether more come."""
    if len(found) <= PAGE:
        return found, {}
    return found[:PAGE], {member: base64.urlsafe_b64encode(found[PAGE - 1].arn.encode()).decode()}
